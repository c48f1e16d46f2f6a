import { sql } from 'kysely';
import type { Database } from '../platform/database/index.ts';

/** Whether any product was ever registered here: then the keys of this server must not be made anew. */
export async function hasProducts(database: Database): Promise<boolean> {
  const { rows } = await sql<{
    found: boolean;
  }>`select exists (select from managed_product) as found`.execute(database);
  return rows[0]?.found === true;
}

/** E.g. `18.0`. */
export async function readDatabaseVersion(database: Database): Promise<string> {
  const { rows } = await sql<{
    version: string;
  }>`select current_setting('server_version') as version`.execute(database);
  return rows[0]?.version.split(' ')[0] ?? 'unknown';
}
