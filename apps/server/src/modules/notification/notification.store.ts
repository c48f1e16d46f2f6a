import type { CommunicationMode } from '@holdfast/api';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';

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
