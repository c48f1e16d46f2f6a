import type { Actor } from '../../platform/access/actor.ts';
import type { Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import type { AdministratorRow } from './administrators.store.ts';
import { recordSignIn } from './administrators.store.ts';
import { createOpaqueSecret, deriveCsrfToken } from './secret-text.ts';
import { addressHashOf } from './throttle-keys.ts';
import { recordOrigin } from './throttle.store.ts';
import { findSessionOwner, insertSession, type SessionOwner } from './sessions.store.ts';
import { toGrants } from './stored-grants.ts';

export type AdministratorActor = Extract<Actor, { kind: 'administrator' }>;

/** A new session: the token goes into the cookie and nowhere else. */
export interface StartedSession {
  readonly token: string;
  readonly actor: AdministratorActor;
}

/**
 * Every sign-in gets a token of its own; one that was there before is never taken over. From here on the address is one
 * from which this account signed in, whichever way it did.
 */
export async function startSession(
  transaction: Transaction,
  account: AdministratorRow,
  options: { readonly sessionId: string; readonly nowMs: number; readonly request: RequestFacts },
): Promise<StartedSession> {
  const secret = createOpaqueSecret();
  const createdAt = new Date(options.nowMs);
  await insertSession(transaction, {
    id: options.sessionId,
    administratorId: account.id,
    tokenHash: secret.hash,
    createdAt,
    remoteAddress: options.request.remoteAddress,
    userAgent: options.request.userAgent,
  });
  await recordSignIn(transaction, account.id, createdAt);
  await recordOrigin(transaction, account.id, addressHashOf(options.request.remoteAddress), createdAt);
  const owner = await findSessionOwner(transaction, { sessionId: options.sessionId });
  if (owner === undefined) throw new Error('A session that was just written is not there');
  return { token: secret.text, actor: toAdministratorActor(owner, deriveCsrfToken(secret.text)) };
}

export function toAdministratorActor(owner: SessionOwner, csrfToken: string): AdministratorActor {
  return {
    kind: 'administrator',
    id: owner.administratorId,
    name: owner.name,
    displayName: owner.displayName,
    sessionId: owner.sessionId,
    csrfToken,
    grants: toGrants(owner.grants),
  };
}
