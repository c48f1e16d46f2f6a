import { inTransaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { Platform } from '../../platform/platform.ts';
import type { AccessEndings } from './access-endings.ts';
import { AccountError } from './account.errors.ts';
import {
  type AdministratorRow,
  findAdministratorByName,
  findAdministratorForUpdate,
  lockAccounts,
  setPassword,
} from './administrators.store.ts';
import { describeAccountLink, openAccountLink } from './one-time-link-opening.service.ts';
import { assertUsable, createInvalidLinkError } from './one-time-link-use.ts';
import { claimOneTimeLink, deleteUnusedLinksOf, insertOneTimeLink } from './one-time-links.store.ts';
import type { PasswordWork } from './password-work.ts';
import { provenCaller } from './proven-caller.ts';
import { createOpaqueSecret, hashSecret } from './secret-text.ts';
import { startSession, type StartedSession } from './session-start.service.ts';
import { deleteSessionsOf } from './sessions.store.ts';
import type { SignInThrottle } from './sign-in-throttle.service.ts';
import type { SetupLink, SetupLinkParts } from './setup-link.service.ts';

export const RECOVERY_LINK_LIFETIME_MS = 3_600_000;

/**
 * Makes the link with which an administrator who lost the password chooses another one, and ends the ones made before.
 * For whoever runs it on the server: it asks for no permission, because who can reach the database there needs none.
 *
 * @param consoleAddress origin under which browsers reach the console @throws AccountError ADMINISTRATOR_NOT_RECOVERABLE
 */
export async function issueRecoveryLink(
  parts: SetupLinkParts,
  name: string,
  consoleAddress: string,
): Promise<SetupLink> {
  const secret = createOpaqueSecret();
  const nowMs = parts.clock.now();
  const expiresAt = new Date(nowMs + RECOVERY_LINK_LIFETIME_MS);
  await inTransaction(parts.database, async (transaction) => {
    await lockAccounts(transaction);
    const account = await findAdministratorByName(transaction, name);
    if (account?.state !== 'active') throw createNotRecoverable(account);
    await deleteUnusedLinksOf(transaction, account.id);
    await insertOneTimeLink(transaction, {
      id: parts.createId(),
      kind: 'recovery',
      secret_hash: secret.hash,
      administrator_id: account.id,
      created_at: new Date(nowMs),
      expires_at: expiresAt,
    });
    await parts.recordAuditEntry(
      transaction,
      { kind: 'system', name: 'Holdfast' },
      {
        action: 'recovery-link.issued',
        objectKind: 'administrator',
        objectId: account.id,
        objectName: account.name,
      },
    );
  });
  return { address: `${consoleAddress}/recovery#${secret.text}`, expiresAt };
}

type RecoveryPlatform = Pick<
  Platform,
  'database' | 'clock' | 'recordAuditEntry' | 'recordEvents' | 'createId'
>;

export interface RecoveryParts {
  readonly passwords: PasswordWork;
  readonly throttle: Pick<SignInThrottle, 'forgive'>;
  readonly endings: AccessEndings;
  readonly knownWords: readonly string[];
}

const opened = { kind: 'recovery', state: 'active' } as const;

/** What a recovery link opens: an account whose password is lost. */
export class RecoveryService {
  readonly #platform: RecoveryPlatform;
  readonly #parts: RecoveryParts;

  constructor({ platform, ...parts }: RecoveryParts & { readonly platform: RecoveryPlatform }) {
    this.#platform = platform;
    this.#parts = parts;
  }

  /** The account of a link. @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED */
  async get(secret: string): Promise<{ name: string; displayName: string; expiresAt: string }> {
    return describeAccountLink(await openAccountLink(this.#platform, secret, opened));
  }

  /**
   * Sets the password, ends every session that there was, and signs in.
   *
   * @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED, PASSWORD_TOO_WEAK, SIGN_IN_BUSY
   */
  async recover(
    input: { readonly secret: string; readonly password: string },
    request: RequestFacts,
  ): Promise<StartedSession> {
    const { database, clock, createId, recordAuditEntry, recordEvents } = this.#platform;
    const { account: lost } = await openAccountLink(this.#platform, input.secret, opened);
    const known = [lost.name, lost.display_name, ...this.#parts.knownWords];
    const verifier = await this.#parts.passwords.hashNew(input.password, known, provenCaller(request));
    const { session, ended } = await inTransaction(database, async (transaction) => {
      const now = new Date(clock.now());
      // Nobody hands out rights in one of the sessions while they end.
      await lockAccounts(transaction);
      const account = await findAdministratorForUpdate(transaction, lost.id);
      const claimed = await claimOneTimeLink(transaction, hashSecret(input.secret), now);
      const link = assertUsable(claimed, 'recovery', now.getTime());
      // The account may have been disabled since the link was made.
      if (account?.state !== 'active' || link.administrator_id !== account.id) throw createInvalidLinkError();
      await setPassword(transaction, account.id, verifier, now);
      await this.#parts.throttle.forgive(transaction, account.name, request.remoteAddress);
      const endedSessions = await deleteSessionsOf(transaction, account.id);
      const started = await startSession(transaction, account, {
        sessionId: createId(),
        nowMs: now.getTime(),
        request,
      });
      await recordEvents(transaction, {
        type: 'administrator.password-changed',
        objectId: account.id,
        data: { name: account.name },
      });
      await recordAuditEntry(
        transaction,
        started.actor,
        {
          action: 'password.recovered',
          objectKind: 'administrator',
          objectId: account.id,
          objectName: account.name,
          details: { endedSessions: endedSessions.length },
        },
        request,
      );
      return { session: started, ended: endedSessions };
    });
    this.#parts.endings.publish('session', ended);
    return session;
  }
}

function createNotRecoverable(account: AdministratorRow | undefined): AccountError {
  return new AccountError(
    'ADMINISTRATOR_NOT_RECOVERABLE',
    account === undefined
      ? 'There is no administrator with this name.'
      : `The administrator ${account.name} is ${account.state}.`,
    {
      remedy:
        account?.state === 'invited'
          ? 'Let another administrator invite this one again.'
          : 'Name an administrator who is active.',
    },
  );
}
