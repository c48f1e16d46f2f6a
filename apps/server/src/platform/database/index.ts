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
  type DatabaseHealth,
  type DatabaseOptions,
  MIN_POSTGRES_MAJOR,
  type OpenDatabase,
  type Transaction,
} from './database.ts';
export { describeConnection, parseDatabaseUrl } from './database-url.ts';
export { DatabaseError, type DatabaseErrorCode, databaseErrorStatus } from './database.errors.ts';
export {
  type EmbeddedDatabase,
  type EmbeddedDatabaseOptions,
  findEmbeddedConnection,
  startEmbeddedDatabase,
} from './embedded-database.ts';
export { type MigrateOptions, type MigrationOutcome, migrateDatabase } from './migrate.ts';
export { type MigrationFile, readMigrationFiles } from './migration-file.ts';
export type { Immutable, Json, JsonColumn, Schema } from './schema.ts';
export {
  findSqlState,
  isForeignKeyViolation,
  isTransientDatabaseError,
  isUniqueViolation,
  isValueRefused,
  SqlState,
} from './sql-state.ts';
export { ServerLock } from './server-lock.ts';
export type { DatabaseLog, SupervisorState } from './supervisor.ts';
export { inTransaction, onCommitted, type TransactionOptions } from './transaction.ts';
