import { sql } from 'kysely';
import type { Database, Transaction } from '../../platform/database/index.ts';
import { addressKey } from '../../platform/rate-limit/token-buckets.ts';
import './registration.tables.ts';
import { parseStoredEntry, type WaitingEntry } from './waiting-entry.ts';

interface WaitingRow {
  readonly id: string;
  readonly kind: 'approval' | 're-admission' | 'copied';
  readonly state: 'waiting' | 'refused';
  readonly key_thumbprint: string;
  readonly public_jwk: unknown;
  readonly request: unknown;
  readonly token_id: string | null;
  readonly token_name: string | null;
  readonly token_group_id: string | null;
  readonly receipt: unknown;
  readonly remote_address: string;
  readonly first_seen_at: Date;
  readonly last_seen_at: Date;
}

const ENTRY = sql`w.id, w.kind, w.state, w.key_thumbprint, w.public_jwk, w.request, w.token_id, t.name as token_name,
  t.group_id as token_group_id, w.receipt, w.remote_address, w.first_seen_at, w.last_seen_at
  from waiting_registration w left join enrolment_token t on t.id = w.token_id`;

const IS_STRANGER = sql`kind = 're-admission' and receipt is null`;

/** Entries are counted, then added: of many that come at once, no more may get in than there is room for. */
const DOOR_LOCK = 4_801_202_622;

export async function lockWaitingList(transaction: Transaction): Promise<void> {
  await sql`select pg_advisory_xact_lock(${DOOR_LOCK})`.execute(transaction);
}

/**
 * Those that wait, oldest first; strangers behind everybody who has a token or a receipt to show. Anybody can ask,
 * and a list that is full of strangers must still begin with those who are expected.
 */
export async function listWaiting(db: Database, limit: number): Promise<WaitingEntry[]> {
  const { rows } = await sql<WaitingRow>`
    select ${ENTRY} where w.state = 'waiting'
    order by (w.kind = 're-admission' and w.receipt is null), w.first_seen_at, w.id limit ${limit}`.execute(
    db,
  );
  return rows.flatMap((row) => toEntry(row) ?? []);
}

export async function countWaiting(db: Database): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from waiting_registration where state = 'waiting'`.execute(db);
  return rows[0]?.count ?? 0;
}

/**
 * How many strangers stand on the waiting list, in all and from one network: those without a token and without a receipt. Refused
 * ones have left it.
 */
export async function countStrangers(
  db: Database,
  remoteAddress: string,
): Promise<{ readonly total: number; readonly fromNetwork: number }> {
  const { rows } = await sql<{ remote_address: string; count: number }>`
    select remote_address, count(*) as count from waiting_registration
    where ${IS_STRANGER} and state = 'waiting' group by remote_address`.execute(db);
  const network = addressKey(remoteAddress);
  const sum = (found: typeof rows): number => found.reduce((total, row) => total + row.count, 0);
  return {
    total: sum(rows),
    fromNetwork: sum(rows.filter((row) => addressKey(row.remote_address) === network)),
  };
}

/** How many copies of one product wait. */
export async function countCopies(db: Database, productNumber: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from waiting_registration
    where kind = 'copied' and (receipt ->> 'productNumber')::bigint = ${productNumber}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Of these keys, those that stand on the waiting list. */
export async function listWaitingKeys(
  transaction: Transaction,
  keyThumbprints: readonly string[],
): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ key: string }>`
    select key_thumbprint as key from waiting_registration
    where key_thumbprint = any(${[...keyThumbprints]}::text[])`.execute(transaction);
  return new Set(rows.map(({ key }) => key));
}

/** The entry of a key, locked until the transaction ends. */
export async function lockWaitingOfKey(
  transaction: Transaction,
  keyThumbprint: string,
): Promise<WaitingEntry | undefined> {
  const { rows } = await sql<WaitingRow>`
    select ${ENTRY} where w.key_thumbprint = ${keyThumbprint} for update of w`.execute(transaction);
  return rows[0] && toEntry(rows[0]);
}

export async function findWaiting(db: Database, id: string): Promise<WaitingEntry | undefined> {
  const { rows } = await sql<WaitingRow>`select ${ENTRY} where w.id = ${id} and w.state = 'waiting'`.execute(
    db,
  );
  return rows[0] && toEntry(rows[0]);
}

export async function lockWaiting(transaction: Transaction, id: string): Promise<WaitingEntry | undefined> {
  const { rows } = await sql<WaitingRow>`
    select ${ENTRY} where w.id = ${id} and w.state = 'waiting' for update of w`.execute(transaction);
  return rows[0] && toEntry(rows[0]);
}

export async function insertWaiting(
  transaction: Transaction,
  entry: Omit<WaitingEntry, 'tokenName' | 'tokenGroupId' | 'state'>,
): Promise<void> {
  await transaction
    .insertInto('waiting_registration')
    .values({
      id: entry.id,
      kind: entry.kind,
      key_thumbprint: entry.keyThumbprint,
      public_jwk: JSON.stringify(entry.publicJwk),
      request: JSON.stringify(entry.request),
      token_id: entry.tokenId,
      receipt: entry.former === null ? null : JSON.stringify(entry.former),
      remote_address: entry.remoteAddress,
      first_seen_at: entry.firstSeenAt,
      last_seen_at: entry.lastSeenAt,
    })
    .execute();
}

/** The same product again: what it says now counts. */
export async function updateWaiting(
  transaction: Transaction,
  id: string,
  entry: Pick<WaitingEntry, 'request' | 'former' | 'remoteAddress' | 'lastSeenAt'>,
): Promise<void> {
  await transaction
    .updateTable('waiting_registration')
    .set({
      request: JSON.stringify(entry.request),
      receipt: entry.former === null ? null : JSON.stringify(entry.former),
      remote_address: entry.remoteAddress,
      last_seen_at: entry.lastSeenAt,
    })
    .where('id', '=', id)
    .execute();
}

export async function refuseWaiting(transaction: Transaction, id: string): Promise<void> {
  await sql`update waiting_registration set state = 'refused' where id = ${id}`.execute(transaction);
}

export async function deleteWaiting(transaction: Transaction, keyThumbprint: string): Promise<boolean> {
  const result = await sql`
    delete from waiting_registration where key_thumbprint = ${keyThumbprint}`.execute(transaction);
  return (result.numAffectedRows ?? 0n) > 0n;
}

/** Strangers that have not asked since then lose their place. */
export async function deleteSilentStrangers(transaction: Transaction, before: Date): Promise<number> {
  const result = await sql`
    delete from waiting_registration
    where ${IS_STRANGER} and state = 'waiting' and last_seen_at < ${before}`.execute(transaction);
  return Number(result.numAffectedRows ?? 0n);
}

/** Of strangers that were refused, only so many are remembered, the last ones. */
export async function keepRefusedStrangers(transaction: Transaction, max: number): Promise<void> {
  await sql`
    delete from waiting_registration where id in (
      select id from waiting_registration where ${IS_STRANGER} and state = 'refused'
      order by last_seen_at desc, id desc offset ${max}
    )`.execute(transaction);
}

export async function deleteRefusedStrangers(db: Database, before: Date): Promise<number> {
  const result = await sql`
    delete from waiting_registration
    where ${IS_STRANGER} and state = 'refused' and last_seen_at < ${before}`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

/** Forgets those that have not come back for long. */
export async function deleteStaleWaiting(db: Database, before: Date): Promise<number> {
  const result = await sql`delete from waiting_registration where last_seen_at < ${before}`.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

function toEntry(row: WaitingRow): WaitingEntry | undefined {
  const parsed = parseStoredEntry({
    publicJwk: row.public_jwk,
    request: row.request,
    receipt: row.receipt,
  });
  return (
    parsed && {
      id: row.id,
      kind: row.kind,
      state: row.state,
      keyThumbprint: row.key_thumbprint,
      ...parsed,
      tokenId: row.token_id,
      tokenName: row.token_name,
      tokenGroupId: row.token_group_id,
      remoteAddress: row.remote_address,
      firstSeenAt: row.first_seen_at,
      lastSeenAt: row.last_seen_at,
    }
  );
}
