import type { Platform, PresenceStatus } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/** Counts of devices that share the three properties that a summary shows. */
export interface DeviceTally {
  readonly platform: Platform;
  readonly isEncrypted: boolean | null;
  readonly status: PresenceStatus;
  readonly count: number;
}

/** @param groupIds null means every group */
export async function tallyDevices(db: Database, groupIds: readonly string[] | null): Promise<DeviceTally[]> {
  const inGroups = groupIds === null ? sql`` : sql`and d.group_id = any(${groupIds}::uuid[])`;
  const { rows } = await sql<{
    platform: Platform;
    is_encrypted: boolean | null;
    status: PresenceStatus;
    count: number;
  }>`
    select d.platform, d.is_encrypted, s.status, count(*) as count
    from device d join product_presence s on s.product_number = d.product_number
    where d.removed_item_id is null ${inGroups}
    group by d.platform, d.is_encrypted, s.status`.execute(db);
  return rows.map((row) => ({
    platform: row.platform,
    isEncrypted: row.is_encrypted,
    status: row.status,
    count: row.count,
  }));
}

/** Products at the door; those whose group is in scope. Another module keeps them, and only it writes them. */
export async function countWaiting(db: Database, groupIds: readonly string[] | null): Promise<number> {
  const inGroups =
    groupIds === null
      ? sql``
      : sql`and token_id in (select id from enrolment_token where group_id = any(${groupIds}::uuid[]))`;
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from waiting_registration where state = 'waiting' ${inGroups}`.execute(db);
  return rows[0]?.count ?? 0;
}
