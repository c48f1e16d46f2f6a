import type { Database, Transaction } from '../../platform/database/database.ts';
import { selectGrants, type StoredGrant } from './grants.store.ts';
import type { SessionTimes } from './session-life.ts';

export interface NewSession {
  readonly id: string;
  readonly administratorId: string;
  readonly tokenHash: Buffer;
  readonly createdAt: Date;
  readonly remoteAddress: string;
  readonly userAgent: string;
}

/** A session with its account, as far as deciding who calls needs it. */
export interface SessionOwner extends SessionTimes {
  readonly sessionId: string;
  readonly administratorId: string;
  readonly name: string;
  readonly displayName: string;
  readonly grants: readonly StoredGrant[];
  readonly state: 'invited' | 'active' | 'disabled';
}

export interface SessionRow extends SessionTimes {
  readonly id: string;
  readonly administratorId: string;
  readonly administratorName: string;
  readonly remoteAddress: string;
  readonly userAgent: string;
}

const MAX_LISTED = 1_000;
const MAX_ADDRESS = 100;
const MAX_USER_AGENT = 400;

export async function insertSession(transaction: Transaction, session: NewSession): Promise<void> {
  await transaction
    .insertInto('session')
    .values({
      id: session.id,
      administrator_id: session.administratorId,
      token_hash: session.tokenHash,
      created_at: session.createdAt,
      last_used_at: session.createdAt,
      remote_address: session.remoteAddress.slice(0, MAX_ADDRESS),
      user_agent: session.userAgent.slice(0, MAX_USER_AGENT),
    })
    .execute();
}

export async function findSessionOwner(
  database: Database,
  by: { readonly tokenHash: Buffer } | { readonly sessionId: string },
): Promise<SessionOwner | undefined> {
  const query = database
    .selectFrom('session')
    .innerJoin('administrator', 'administrator.id', 'session.administrator_id')
    .select([
      'session.id as sessionId',
      'session.created_at',
      'session.last_used_at',
      'administrator.id as administratorId',
      'administrator.name',
      'administrator.display_name as displayName',
      'administrator.state',
      selectGrants('administrator_id', 'administrator.id').as('grants'),
    ]);
  const row = await ('tokenHash' in by
    ? query.where('session.token_hash', '=', by.tokenHash)
    : query.where('session.id', '=', by.sessionId)
  ).executeTakeFirst();
  if (row === undefined) return undefined;
  const { created_at, last_used_at, ...owner } = row;
  return { ...owner, createdAtMs: created_at.getTime(), lastUsedAtMs: last_used_at.getTime() };
}

export async function recordSessionUse(database: Database, sessionId: string, usedAt: Date): Promise<void> {
  await database
    .updateTable('session')
    .set({ last_used_at: usedAt })
    .where('id', '=', sessionId)
    .where('last_used_at', '<', usedAt)
    .execute();
}

export async function listSessionRows(database: Database, administratorId?: string): Promise<SessionRow[]> {
  let query = database
    .selectFrom('session')
    .innerJoin('administrator', 'administrator.id', 'session.administrator_id')
    .select([
      'session.id',
      'session.administrator_id as administratorId',
      'administrator.name as administratorName',
      'session.created_at',
      'session.last_used_at',
      'session.remote_address as remoteAddress',
      'session.user_agent as userAgent',
    ])
    .orderBy('session.last_used_at', 'desc')
    .orderBy('session.id')
    .limit(MAX_LISTED);
  if (administratorId !== undefined) query = query.where('session.administrator_id', '=', administratorId);
  const rows = await query.execute();
  return rows.map(({ created_at, last_used_at, ...row }) => ({
    ...row,
    createdAtMs: created_at.getTime(),
    lastUsedAtMs: last_used_at.getTime(),
  }));
}

/** Ends one session. False when it had ended already. */
export async function deleteSession(transaction: Transaction, sessionId: string): Promise<boolean> {
  const result = await transaction.deleteFrom('session').where('id', '=', sessionId).executeTakeFirst();
  return result.numDeletedRows > 0n;
}

/** Ends the sessions of an account, all or all but one, and says which. */
export async function deleteSessionsOf(
  transaction: Transaction,
  administratorId: string,
  exceptSessionId?: string,
): Promise<string[]> {
  let query = transaction
    .deleteFrom('session')
    .where('administrator_id', '=', administratorId)
    .returning('id');
  if (exceptSessionId !== undefined) query = query.where('id', '<>', exceptSessionId);
  return (await query.execute()).map((row) => row.id);
}

/** Removes what has ended by time. */
export async function deleteEndedSessions(
  database: Database,
  before: { readonly createdAt: Date; readonly lastUsedAt: Date },
): Promise<string[]> {
  const rows = await database
    .deleteFrom('session')
    .where((eb) =>
      eb.or([eb('created_at', '<=', before.createdAt), eb('last_used_at', '<=', before.lastUsedAt)]),
    )
    .returning('id')
    .execute();
  return rows.map((row) => row.id);
}
