import { sql } from 'kysely';
import type { Database } from '../../apps/server/src/platform/database/index.ts';

/**
 * The reference: the database alone, which commits single rows that so many connections write, each waiting for its own.
 *
 * @returns commits per second
 */
export async function commitBareRows(db: Database, connections: number, durationMs: number): Promise<number> {
  await sql`create table if not exists bench_commit (number bigint generated always as identity primary key, content text)`.execute(
    db,
  );
  const content = 'x'.repeat(1_000);
  let commits = 0;
  const startedAt = performance.now();
  const work = async (): Promise<void> => {
    while (performance.now() - startedAt < durationMs) {
      await sql`insert into bench_commit (content) values (${content})`.execute(db);
      commits += 1;
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  return commits / ((performance.now() - startedAt) / 1_000);
}
