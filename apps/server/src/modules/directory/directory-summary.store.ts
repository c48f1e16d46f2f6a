import type { FilteredField, Platform, PresenceStatus } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { columnOf, keyColumnOf } from './device-columns.ts';

/** Counts of devices that share the three properties that a summary shows. */
export interface DeviceTally {
  readonly platform: Platform;
  readonly isEncrypted: boolean | null;
  readonly status: PresenceStatus;
  readonly count: number;
}

/**
 * Only what is not online is read of presence: every product has a row there, and nearly all say "online".
 *
 * @param groupIds null means every group
 */
export async function tallyDevices(db: Database, groupIds: readonly string[] | null): Promise<DeviceTally[]> {
  const inGroups = groupIds === null ? sql`` : sql`and d.group_id = any(${groupIds}::uuid[])`;
  const { rows } = await sql<{
    platform: Platform;
    is_encrypted: boolean | null;
    status: PresenceStatus;
    count: number;
  }>`
    select d.platform, d.is_encrypted, coalesce(s.status, 'online') as status, count(*) as count
    from device d left join product_presence s on s.product_number = d.product_number and s.status <> 'online'
    where d.removed_item_id is null ${inGroups}
    group by d.platform, d.is_encrypted, s.status`.execute(db);
  return rows.map((row) => ({
    platform: row.platform,
    isEncrypted: row.is_encrypted,
    status: row.status,
    count: row.count,
  }));
}

/** How many devices have a value. */
export interface ValueTally {
  readonly value: string;
  readonly count: number;
}

/** More than a fleet has on purpose; what devices claim to be is theirs to say. */
const MAX_VALUES = 50;

/** The values of a field that most devices have, as one of them writes it. @param groupIds null means every group */
export async function tallyValues(
  db: Database,
  name: FilteredField,
  groupIds: readonly string[] | null,
): Promise<ValueTally[]> {
  const inGroups = groupIds === null ? sql`` : sql`and d.group_id = any(${groupIds}::uuid[])`;
  const [column, key] = [sql.ref(`d.${columnOf(name)}`), sql.ref(`d.${keyColumnOf(name)}`)];
  // What is compared as it stands is read from an index alone.
  const value = columnOf(name) === keyColumnOf(name) ? column : sql`min(${column} collate "C")`;
  const { rows } = await sql<ValueTally>`
    select ${value} as value, count(*) as count from device d
    where d.removed_item_id is null ${inGroups}
    group by ${key} order by count desc, ${key} desc limit ${MAX_VALUES}`.execute(db);
  return rows;
}

/** Products on the waiting list; those whose group is in scope. Another module keeps them, and only it writes them. */
export async function countWaiting(db: Database, groupIds: readonly string[] | null): Promise<number> {
  const inGroups =
    groupIds === null
      ? sql``
      : sql`and token_id in (select id from enrolment_token where group_id = any(${groupIds}::uuid[]))`;
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from waiting_registration where state = 'waiting' ${inGroups}`.execute(db);
  return rows[0]?.count ?? 0;
}

/** Of the products that are in use: how many trust this authority. Looks at all of them. */
export async function countTrusting(
  db: Database,
  fingerprint: string,
): Promise<{ readonly known: number; readonly unknown: number }> {
  const { rows } = await sql<{ known: number; total: number }>`
    select count(*) filter (where p.trusted_authorities @> array[${fingerprint}]) as known, count(*) as total
    from managed_product p join device d on d.id = p.device_id
    where p.state = 'active' and d.removed_item_id is null`.execute(db);
  const { known = 0, total = 0 } = rows[0] ?? {};
  return { known, unknown: total - known };
}
