import type { Clock } from '@holdfast/kernel';
import type { RecordAuditEntry } from '../../platform/audit/audit.ts';
import { type Database, inTransaction } from '../../platform/database/index.ts';
import { hasAnyAdministrator, lockAccounts } from './administrators.store.ts';
import { deleteUnusedSetupLinks, insertOneTimeLink } from './one-time-links.store.ts';
import { createOpaqueSecret } from './secret-text.ts';

export const SETUP_LINK_LIFETIME_MS = 3_600_000;

export interface SetupLinkParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly createId: () => string;
  readonly recordAuditEntry: RecordAuditEntry;
}

export interface SetupLink {
  /** The secret stands in the fragment: browsers do not send it, servers do not log it. */
  readonly address: string;
  readonly expiresAt: Date;
}

/**
 * Makes the link that creates the first administrator and ends the ones made before. Undefined when there is an
 * administrator already: then nobody gets in this way any more.
 *
 * @param consoleAddress origin under which browsers reach the console, e.g. `https://localhost:8443`
 */
export async function issueSetupLink(
  parts: SetupLinkParts,
  consoleAddress: string,
): Promise<SetupLink | undefined> {
  const secret = createOpaqueSecret();
  const id = parts.createId();
  const nowMs = parts.clock.now();
  const expiresAt = new Date(nowMs + SETUP_LINK_LIFETIME_MS);
  const isIssued = await inTransaction(parts.database, async (transaction) => {
    await lockAccounts(transaction);
    if (await hasAnyAdministrator(transaction)) return false;
    await deleteUnusedSetupLinks(transaction);
    await insertOneTimeLink(transaction, {
      id,
      kind: 'set-up',
      secret_hash: secret.hash,
      administrator_id: null,
      created_at: new Date(nowMs),
      expires_at: expiresAt,
    });
    await parts.recordAuditEntry(
      transaction,
      { kind: 'system', name: 'Holdfast' },
      { action: 'setup-link.issued', objectKind: 'one-time-link', objectId: id, objectName: 'set-up link' },
    );
    return true;
  });
  return isIssued ? { address: `${consoleAddress}/setup#${secret.text}`, expiresAt } : undefined;
}
