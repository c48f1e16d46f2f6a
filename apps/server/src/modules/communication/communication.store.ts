import { OwnCommunication } from '@holdfast/api';
import { sql } from 'kysely';
import { Check } from 'typebox/value';
import type { Database, Transaction } from '../../platform/database/index.ts';
import './communication.tables.ts';
import { type GroupSayings, nothingOwn } from './inheritance.ts';

interface Row {
  readonly group_id: string;
  readonly name: string;
  readonly path: string[];
  readonly revision: number;
  readonly heartbeat_interval_ms: number | null;
  readonly offline_timeout_ms: number | null;
  readonly schedule: unknown;
  readonly mode: string | null;
  readonly transport: string | null;
  readonly listener_port: number | null;
}

/** What each group says that is not in the recycle bin; by id. */
export async function listSayings(db: Database): Promise<Map<string, GroupSayings>> {
  const { rows } = await sql<Row>`
    select c.group_id, g.name, g.path::text[] as path, c.revision, c.heartbeat_interval_ms, c.offline_timeout_ms,
      c.schedule, c.mode, c.transport, c.listener_port
    from group_communication c join directory_group g on g.id = c.group_id
    where g.removed_item_id is null order by c.group_id`.execute(db);
  return new Map(rows.map((row) => [row.group_id, toSayings(row)]));
}

/** One writer at a time: whether a change is allowed depends on what other groups say. */
export async function lockSayings(transaction: Transaction): Promise<void> {
  await sql`lock table group_communication in share row exclusive mode`.execute(transaction);
}

/** False when the stored revision is not the one that the writer saw; 0 where nothing was stored. */
export async function saveSayings(
  transaction: Transaction,
  change: {
    readonly groupId: string;
    readonly seenRevision: number;
    readonly own: OwnCommunication;
    readonly changedAt: Date;
  },
): Promise<boolean> {
  const { groupId, own, seenRevision } = change;
  const values = {
    revision: seenRevision + 1,
    heartbeat_interval_ms: own.heartbeatIntervalMs,
    offline_timeout_ms: own.offlineTimeoutMs,
    schedule: own.schedule === null ? null : JSON.stringify(own.schedule),
    mode: own.mode,
    transport: own.transport,
    listener_port: own.listenerPort,
    changed_at: change.changedAt,
  };
  if (seenRevision === 0) {
    const inserted = await transaction
      .insertInto('group_communication')
      .values({ group_id: groupId, ...values })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return (inserted.numInsertedOrUpdatedRows ?? 0n) > 0n;
  }
  const updated = await transaction
    .updateTable('group_communication')
    .set(values)
    .where('group_id', '=', groupId)
    .where('revision', '=', seenRevision)
    .executeTakeFirst();
  return updated.numUpdatedRows > 0n;
}

/** Numbers that are read at once: a large group must not hold up the process while they are parsed. */
const NUMBERS_PER_PAGE = 20_000;

/** Products of a group and all below it. */
export async function listProductNumbersBelow(db: Database, groupId: string): Promise<number[]> {
  const numbers: number[] = [];
  for (let after = 0, isDone = false; !isDone; ) {
    const { rows } = await sql<{ number: number }>`
      select p.number from managed_product p join device d on d.id = p.device_id
      where p.number > ${after}
        and d.group_id = any(select g.id from directory_group g where g.path @> array[${groupId}]::uuid[])
      order by p.number limit ${NUMBERS_PER_PAGE}`.execute(db);
    for (const row of rows) numbers.push(row.number);
    after = rows.at(-1)?.number ?? 0;
    isDone = rows.length < NUMBERS_PER_PAGE;
  }
  return numbers;
}

export async function countDevicesBelow(db: Database, groupId: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from device d where d.removed_item_id is null
      and d.group_id = any(select g.id from directory_group g where g.path @> array[${groupId}]::uuid[])`.execute(
    db,
  );
  return rows[0]?.count ?? 0;
}

function toSayings(row: Row): GroupSayings {
  const own: unknown = {
    heartbeatIntervalMs: row.heartbeat_interval_ms,
    offlineTimeoutMs: row.offline_timeout_ms,
    schedule: row.schedule,
    mode: row.mode,
    transport: row.transport,
    listenerPort: row.listener_port,
  };
  return {
    groupId: row.group_id,
    groupName: row.name,
    path: row.path,
    revision: row.revision,
    // What a newer version wrote and this one cannot read is inherited until it can be.
    own: Check(OwnCommunication, own) ? own : nothingOwn,
  };
}
