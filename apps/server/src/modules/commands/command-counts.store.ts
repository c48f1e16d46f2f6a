import { sql } from 'kysely';
import type { Database } from '../../platform/database/index.ts';
import { countColumns } from './command-sql.store.ts';

/** Commands whose counts have changes that are not added up yet. */
export async function listCommandsToCount(database: Database, limit: number): Promise<string[]> {
  const { rows } = await sql<{ command_id: string }>`
    select distinct command_id from command_count_change limit ${limit}
  `.execute(database);
  return rows.map((row) => row.command_id);
}

/** Adds the committed changes to the counts of a command, in one statement: no reader sees them twice or not at all. */
export async function addUpCounts(database: Database, commandId: string): Promise<void> {
  const sums = countColumns.map((column) => sql`sum(${sql.ref(column)})::integer as ${sql.ref(column)}`);
  const added = countColumns.map(
    (column) => sql`${sql.ref(column)} = c.${sql.ref(column)} + s.${sql.ref(column)}`,
  );
  await sql`
    with moved as (delete from command_count_change where command_id = ${commandId}::uuid returning *),
    s as (select ${sql.join(sums)} from moved having count(*) > 0)
    update command c set ${sql.join(added)} from s where c.id = ${commandId}::uuid
  `.execute(database);
}
