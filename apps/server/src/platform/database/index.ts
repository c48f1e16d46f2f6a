/**
 * The database of the server: reaching it, keeping our own PostgreSQL running, its structure, its backup.
 *
 * Promises: what was committed is on disk; a database that is away is waited for up to a bound and then
 * reported as DATABASE_UNAVAILABLE; no structure that this server does not know is ever touched; no address
 * and no password reaches a log or an error. It does not promise that a statement which was sent and not
 * answered had no effect: such an error says `outcome-unknown`.
 *
 * It knows no module. Modules import from here, and from `test-database.ts` in their tests.
 */
export type { ConnectionSettings } from './connection-settings.ts';
export {
  assertServerVersion,
  assertWritable,
  connectOnce,
  createDatabase,
  type Database,
  type OpenDatabase,
  type Transaction,
} from './database.ts';
export { parseDatabaseUrl } from './database-url.ts';
export { DatabaseError } from './database.errors.ts';
export { findEmbeddedConnection, startEmbeddedDatabase } from './embedded-database.ts';
export { migrateDatabase } from './migrate.ts';
export { readMigrationFiles } from './migration-file.ts';
export type { Immutable, Schema } from './schema.ts';
export { isTransientDatabaseError, isUniqueViolation, isValueRefused } from './sql-state.ts';
export { ServerLock } from './server-lock.ts';
export type { DatabaseLog } from './supervisor.ts';
export { inTransaction, onCommitted } from './transaction.ts';
