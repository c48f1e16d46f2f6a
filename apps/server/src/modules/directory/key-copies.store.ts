import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

/** A computer that uses the key of a device's product and is refused for it. */
export interface KeyCopyRow {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly address: string;
  readonly lastSeenAt: Date;
  /** It has made a key of its own and waits for an administrator. */
  readonly isWaiting: boolean;
}

/** As many as one record shows. */
export const MAX_KEY_COPIES = 5;

/**
 * Copies that have been seen since then and have no record of their own, newest first. The registration module keeps what is
 * read here, and only it writes it.
 */
export async function listKeyCopies(
  db: Database,
  deviceIds: readonly string[],
  since: Date,
): Promise<ReadonlyMap<string, readonly KeyCopyRow[]>> {
  if (deviceIds.length === 0) return new Map();
  const { rows } = await sql<KeyCopyRow>`
    select p.device_id as "deviceId", i.device_name as "deviceName", i.remote_address as "address",
      i.last_seen_at as "lastSeenAt", exists (
        select from waiting_registration w where w.kind = 'copied' and w.state = 'waiting'
          and (w.receipt ->> 'productNumber')::bigint = p.number
      ) as "isWaiting"
    from (
      select distinct on (c.product_number, c.hardware_id, c.device_name, c.remote_address) c.*
      from product_instance c join managed_product o on o.number = c.product_number
      where c.state = 'refused' and o.device_id = any(${deviceIds}::uuid[])
        and c.last_seen_at >= ${since} and (c.settled_at is null or c.last_seen_at > c.settled_at)
      order by c.product_number, c.hardware_id, c.device_name, c.remote_address, c.last_seen_at desc
    ) i join managed_product p on p.number = i.product_number
    order by i.last_seen_at desc`.execute(db);
  return Map.groupBy(rows, (row) => row.deviceId);
}
