import type { CommunicationMode } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import type { CallCountMemory } from './call-count.ts';

export interface CallableProduct {
  readonly number: number;
  readonly mode: CommunicationMode;
  readonly listenerAddress: string | null;
  readonly listenerPort: number | null;
}

/** Products that can be called, as their last handshakes settled it, by number. */
export async function listCallableProducts(
  db: Database,
  after: number,
  limit: number,
): Promise<CallableProduct[]> {
  const { rows } = await sql<CallableProduct>`
    select number, mode, listener_address as "listenerAddress", listener_port as "listenerPort" from managed_product
    where mode <> 'one-way' and number > ${after} order by number limit ${limit}`.execute(db);
  return rows;
}

/** Numbers of products that made a handshake once, ascending. */
export async function listProductNumbers(db: Database, after: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{ number: number }>`
    select number from managed_product where last_handshake_at is not null and number > ${after}
    order by number limit ${limit}`.execute(db);
  return rows.map((row) => row.number);
}

const COUNT_KEY = 'notification-count';

/** Beside the settings, so that a backup has it too. */
export function createCallCountMemory(db: Database, now: () => number): CallCountMemory {
  return {
    async find() {
      const { rows } = await sql<{ up_to: number }>`
        select (value ->> 'upTo')::bigint as up_to from setting where key = ${COUNT_KEY}`.execute(db);
      return rows[0]?.up_to;
    },
    async save(upTo) {
      const at = new Date(now());
      await sql`
        insert into setting (key, value, revision, changed_at, changed_by)
        values (${COUNT_KEY}, ${JSON.stringify({ upTo })}, 1, ${at}, null)
        on conflict (key) do update set value = excluded.value, changed_at = excluded.changed_at
        where (setting.value ->> 'upTo')::bigint < ${upTo}`.execute(db);
    },
  };
}
