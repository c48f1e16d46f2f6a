import { sql } from 'kysely';
import type { Database } from '../../apps/server/src/platform/database/index.ts';
import { inTransaction } from '../../apps/server/src/platform/database/index.ts';

/** The reference: the database alone, with a table of the same columns and indexes, and a statement for each step. */

/** @returns milliseconds for so many rows in one statement, committed */
export async function insertBareTargets(db: Database, count: number): Promise<number> {
  await sql`create table bench_target (like command_target including all)`.execute(db);
  const startedAt = performance.now();
  await sql`
    insert into bench_target (command_id, product_number, id, device_id, device_name, state, steps)
    select command_id, product_number, id, device_id, device_name, 'queued', steps from command_target limit ${count}`.execute(
    db,
  );
  return performance.now() - startedAt;
}

/**
 * Takes rows of it, one in each transaction, as many workers at once as claims that the server works on.
 *
 * @returns transactions per second
 */
export async function takeBareTargets(db: Database, count: number, workers: number): Promise<number> {
  const startedAt = performance.now();
  let last = 0;
  const work = async (): Promise<void> => {
    while (last < count) {
      last += 1;
      const productNumber = last;
      await inTransaction(db, async (transaction) => {
        await sql`
          update bench_target t set state = 'delivered' from (
            select command_id, product_number from bench_target
            where product_number = ${productNumber} and state = 'queued' for update skip locked
          ) as taken where t.command_id = taken.command_id and t.product_number = taken.product_number`.execute(
          transaction,
        );
      });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return count / ((performance.now() - startedAt) / 1_000);
}
