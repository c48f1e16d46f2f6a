import { sql } from 'kysely';
import type { Transaction } from '../../platform/database/index.ts';
import type { LogLoss, LogUsage } from './log-allowance.ts';
import type { CheckedEntry } from './log-batch.ts';
import type { LogPlace } from './logs.events.ts';
import './logs.tables.ts';

/** What a product has brought on a day, locked. */
export interface Allowance extends LogUsage {
  /** The entry in which the server says what it left out; undefined while nothing was. */
  readonly notice: NoticePlace | undefined;
  /** Undefined for a product that is being removed for good. */
  readonly place: LogPlace | undefined;
}

export interface NoticePlace {
  readonly receivedAt: Date;
  readonly id: number;
}

/**
 * Holds the product's row until the end of the transaction: its batches are taken one after the other, so that neither
 * the allowance nor the number of its journals is counted twice.
 */
export async function lockAllowance(
  transaction: Transaction,
  productNumber: number,
  day: string,
): Promise<Allowance> {
  await sql`
    insert into log_allowance (product_number, day) values (${productNumber}, ${day}::date)
    on conflict (product_number) do nothing`.execute(transaction);
  // The directory's tables: where the product is, for whoever is told of what it brings.
  const { rows } = await sql<{
    day: string;
    entry_count: number;
    byte_count: number;
    notice_received_at: Date | null;
    notice_id: number | null;
    device_id: string | null;
    device_name: string | null;
    group_path: string[] | null;
  }>`
    select a.day, a.entry_count, a.byte_count, a.notice_received_at, a.notice_id, d.id as device_id,
      coalesce(d.display_name, d.reported_name) as device_name, g.path::text[] as group_path
    from log_allowance a left join managed_product p on p.number = a.product_number
      left join device d on d.id = p.device_id left join directory_group g on g.id = d.group_id
    where a.product_number = ${productNumber} for update of a`.execute(transaction);
  const row = rows[0];
  const place =
    row?.device_id == null
      ? undefined
      : { deviceId: row.device_id, deviceName: row.device_name ?? '', groupPath: row.group_path ?? [] };
  if (row === undefined || row.day !== day) return { entryCount: 0, byteCount: 0, notice: undefined, place };
  return {
    place,
    entryCount: row.entry_count,
    byteCount: row.byte_count,
    notice:
      row.notice_received_at === null || row.notice_id === null
        ? undefined
        : { receivedAt: row.notice_received_at, id: row.notice_id },
  };
}

export async function saveAllowance(
  transaction: Transaction,
  productNumber: number,
  day: string,
  allowance: Omit<Allowance, 'place'>,
): Promise<void> {
  await sql`
    update log_allowance set day = ${day}::date, entry_count = ${allowance.entryCount},
      byte_count = ${allowance.byteCount}, notice_received_at = ${allowance.notice?.receivedAt ?? null},
      notice_id = ${allowance.notice?.id ?? null}
    where product_number = ${productNumber}`.execute(transaction);
}

/** Highest sequence of the journal, locked; undefined for a journal that is not known. */
export async function lockJournal(
  transaction: Transaction,
  productNumber: number,
  journal: string,
): Promise<number | undefined> {
  const { rows } = await sql<{ last_sequence: number }>`
    select last_sequence from log_journal
    where product_number = ${productNumber} and journal = ${journal}::uuid for update`.execute(transaction);
  return rows[0]?.last_sequence;
}

/** How many journals of the product are known, after the one that was idle longest went, if it was idle since `idleSince`. */
export async function makeRoomForJournal(
  transaction: Transaction,
  productNumber: number,
  limit: number,
  idleSince: Date,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from log_journal where product_number = ${productNumber}`.execute(transaction);
  const count = rows[0]?.count ?? 0;
  if (count < limit) return count;
  const { numAffectedRows } = await sql`
    delete from log_journal where (product_number, journal) in (
      select product_number, journal from log_journal
      where product_number = ${productNumber} and last_received_at < ${idleSince}
      order by last_received_at limit 1
    )`.execute(transaction);
  return count - Number(numAffectedRows ?? 0n);
}

export async function saveJournal(
  transaction: Transaction,
  progress: {
    readonly productNumber: number;
    readonly journal: string;
    readonly lastSequence: number;
    readonly receivedAt: Date;
  },
): Promise<void> {
  const { productNumber, journal, lastSequence, receivedAt } = progress;
  await sql`
    insert into log_journal (product_number, journal, last_sequence, last_received_at)
    values (${productNumber}, ${journal}::uuid, ${lastSequence}, ${receivedAt})
    on conflict (product_number, journal)
    do update set last_sequence = excluded.last_sequence, last_received_at = excluded.last_received_at
  `.execute(transaction);
}

/** All entries of a batch in one statement, in their order. */
export async function insertEntries(
  transaction: Transaction,
  batch: {
    readonly productNumber: number;
    readonly journal: string;
    readonly receivedAt: Date;
    readonly entries: readonly CheckedEntry[];
  },
): Promise<void> {
  const { productNumber, journal, receivedAt, entries } = batch;
  if (entries.length === 0) return;
  await sql`
    insert into log_entry (received_at, product_number, journal, sequence, occurred_at, type, severity, text, facts)
    select ${receivedAt}, ${productNumber}, ${journal}::uuid, e.sequence, e.occurred_at, e.type, e.severity, e.text,
      e.facts::jsonb
    from unnest(
      ${entries.map((entry) => entry.sequence)}::bigint[],
      ${entries.map((entry) => new Date(entry.atMs).toISOString())}::timestamptz[],
      ${entries.map((entry) => entry.type)}::text[], ${entries.map((entry) => entry.severity)}::smallint[],
      ${entries.map((entry) => entry.text)}::text[], ${entries.map((entry) => entry.facts)}::text[]
    ) with ordinality as e (sequence, occurred_at, type, severity, text, facts, place)
    order by e.place`.execute(transaction);
}

/** What the server itself says about the entries of a product. */
export interface ServerNotice {
  readonly productNumber: number;
  readonly receivedAt: Date;
  readonly type: string;
  readonly severity: number;
  readonly text: string;
  /** JSON text of an object. */
  readonly facts: string;
}

export async function insertNotice(transaction: Transaction, notice: ServerNotice): Promise<NoticePlace> {
  const { rows } = await sql<{ id: number }>`
    insert into log_entry (received_at, product_number, occurred_at, type, severity, text, facts)
    values (${notice.receivedAt}, ${notice.productNumber}, ${notice.receivedAt}, ${notice.type}, ${notice.severity},
      ${notice.text}, ${notice.facts}::jsonb)
    returning id`.execute(transaction);
  return { receivedAt: notice.receivedAt, id: rows[0]?.id ?? 0 };
}

/** The same notice counts what was left out since. */
export async function addToNotice(
  transaction: Transaction,
  place: NoticePlace,
  loss: LogLoss,
): Promise<void> {
  const facts = describeLoss(loss);
  await sql`
    update log_entry set facts = jsonb_build_object(
      'count', (facts ->> 'count')::bigint + ${facts.count},
      'firstAt', least((facts ->> 'firstAt')::bigint, ${facts.firstAt}),
      'lastAt', greatest((facts ->> 'lastAt')::bigint, ${facts.lastAt}))
    where received_at = ${place.receivedAt} and id = ${place.id}`.execute(transaction);
}

/** Facts of the notice about entries that the server left out. */
export function describeLoss(loss: LogLoss): {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
} {
  return { count: loss.count, firstAt: loss.firstAtMs, lastAt: loss.lastAtMs };
}
