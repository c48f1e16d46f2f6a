import { presenceReasons, type PresenceReason, type PresenceStatus, type Transport } from '@holdfast/api';
import { type Activity, type ActivityName, activityItems, type ServiceState } from '@holdfast/protocol';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/database.ts';
import { reasonOf, statusOf } from './presence-code.ts';
import { type RememberedPresence, serviceStates } from './presence-engine.ts';
import type { PresenceTable } from './presence-table.ts';
import './presence.tables.ts';

/** Where the device of a product stands, for those who may know of its changes. */
export interface ProductPlace {
  readonly productNumber: number;
  readonly deviceId: string;
  readonly groupPath: readonly string[];
}

interface RememberedRow {
  readonly number: number;
  readonly state: 'active' | 'disabled';
  readonly transport: Transport;
  readonly product_epoch: number;
  readonly status: PresenceStatus | null;
  readonly reason: string | null;
  readonly last_seen_at: Date | null;
  readonly changed_at: Date | null;
  readonly epoch: number | null;
  readonly last_sequence: number | null;
  readonly service_state: ServiceState | null;
  readonly interval_ms: number | null;
  readonly activity: unknown;
}

/** The next products after a number, in the order of their numbers. */
export async function listRemembered(
  db: Database,
  afterNumber: number,
  limit: number,
): Promise<RememberedPresence[]> {
  const { rows } = await sql<RememberedRow>`
    select p.number, p.state, p.transport, p.epoch as product_epoch, s.status, s.reason, s.last_seen_at, s.changed_at,
      s.epoch, s.last_sequence, s.service_state, s.interval_ms, s.activity
    from managed_product p left join product_presence s on s.product_number = p.number
    where p.number > ${afterNumber}
    order by p.number
    limit ${limit}`.execute(db);
  return rows.map(toRemembered);
}

/** Writes what memory says of these products. A product whose record is gone meanwhile is left out. */
export async function savePresence(
  db: Database,
  table: PresenceTable,
  numbers: readonly number[],
): Promise<void> {
  const { columns } = table;
  const column = <Value>(read: (number: number) => Value): Value[] => numbers.map(read);
  await sql`
    update product_presence as s set status = v.status, reason = v.reason, last_seen_at = v.last_seen_at,
      changed_at = v.changed_at, epoch = v.epoch, last_sequence = v.last_sequence, service_state = v.service_state,
      interval_ms = v.interval_ms, activity = v.activity
    from unnest(
      ${column((number) => number)}::bigint[],
      ${column((number) => statusOf(columns.status[number] ?? 0))}::text[],
      ${column((number) => reasonOf(columns.reason[number] ?? 0))}::text[],
      ${column((number) => toText(columns.lastSeenAt[number]))}::timestamptz[],
      ${column((number) => toText(columns.changedAt[number]))}::timestamptz[],
      ${column((number) => columns.epoch[number] ?? 0)}::bigint[],
      ${column((number) => columns.lastSequence[number] ?? 0)}::bigint[],
      ${column((number) => serviceStates[columns.serviceState[number] ?? 0] ?? 'unknown')}::text[],
      ${column((number) => columns.intervalMs[number] ?? 0)}::integer[],
      ${column((number) => JSON.stringify(table.readActivity(number)))}::jsonb[]
    ) as v (product_number, status, reason, last_seen_at, changed_at, epoch, last_sequence, service_state,
      interval_ms, activity)
    where s.product_number = v.product_number`.execute(db);
}

/** Devices for which these products stand. Devices in the recycle bin are left out: no view shows them. */
export async function listProductPlaces(db: Database, numbers: readonly number[]): Promise<ProductPlace[]> {
  const { rows } = await sql<{ product_number: number; id: string; path: string[] }>`
    select d.product_number, d.id, g.path::text[] as path
    from device d join directory_group g on g.id = d.group_id
    where d.product_number = any(${numbers}::bigint[]) and d.removed_item_id is null`.execute(db);
  return rows.map((row) => ({ productNumber: row.product_number, deviceId: row.id, groupPath: row.path }));
}

function toRemembered(row: RememberedRow): RememberedPresence {
  // A handshake is on disk at once, the sequence a second later: one of an older epoch says nothing about the new.
  const isOfEpoch = row.epoch === row.product_epoch;
  return {
    productNumber: row.number,
    isDisabled: row.state === 'disabled',
    epoch: row.product_epoch,
    transport: row.transport,
    status: row.status ?? 'offline',
    reason: presenceReasons.find((reason): reason is PresenceReason => reason === row.reason) ?? 'never-seen',
    lastSeenAtMs: row.last_seen_at?.getTime(),
    changedAtMs: row.changed_at?.getTime(),
    lastSequence: isOfEpoch ? (row.last_sequence ?? 0) : 0,
    serviceState: row.service_state ?? 'unknown',
    intervalMs: row.interval_ms ?? 0,
    activity: parseActivity(row.activity),
  };
}

function parseActivity(value: unknown): Activity {
  const activity: Activity = {};
  if (typeof value !== 'object' || value === null) return activity;
  const members = new Map<string, unknown>(Object.entries(value));
  for (const name of Object.keys(activityItems) as ActivityName[]) {
    const number = members.get(name);
    if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) activity[name] = number;
  }
  return activity;
}

function toText(atMs: number | undefined): string | null {
  return atMs === undefined || atMs === 0 ? null : new Date(atMs).toISOString();
}
