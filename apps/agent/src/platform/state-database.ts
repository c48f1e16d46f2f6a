import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { AgentStateError } from './state.errors.ts';
import { isReleaseAtLeast, type StateMigration, type StateVersion } from './state-migration.ts';
import { stateSchema } from './state-schema.ts';

/** The hard bound of the file: 64 MiB in pages of 4 KiB. Above it SQLite refuses to write. */
const MAX_PAGES = 16_384;
const MAX_JOURNAL_BYTES = 1_048_576;
/** The release that knows nothing of the table of migrations, and refuses a database whose `user_version` it does not know. */
const FIRST_RELEASE = '0.1.0';

// Primary result codes of SQLite, https://www.sqlite.org/rescode.html
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

export interface StateDatabase {
  readonly connection: DatabaseSync;
  /**
   * Runs `work` in one transaction; what it did is on disk when this returns, or nothing of it is.
   *
   * @throws AgentStateError STATE_DAMAGED, STATE_DISK_FULL
   */
  transaction<Result>(work: () => Result): Result;
  close(): void;
}

/**
 * Opens the state database and brings it to this version. Every commit reaches the disk before it returns
 * (`synchronous = FULL`), because the server is told "recorded" afterwards.
 *
 * @throws AgentStateError STATE_DAMAGED, STATE_FROM_NEWER_VERSION, STATE_DISK_FULL
 */
export function openStateDatabase(path: string, version: StateVersion): StateDatabase {
  return guard(path, () => {
    const connection = new DatabaseSync(path, { timeout: 5_000 });
    try {
      connection.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA foreign_keys = ON;
        PRAGMA journal_size_limit = ${MAX_JOURNAL_BYTES};
        PRAGMA wal_autocheckpoint = 200;
        PRAGMA cache_size = -512;
        PRAGMA max_page_count = ${MAX_PAGES};
      `);
      assertSound(connection, path);
      migrate(connection, version, path);
    } catch (error) {
      connection.close();
      throw error;
    }
    return createHandle(connection, path);
  });
}

/**
 * Opens the database for reading only, or answers `undefined` when there is none. Changes nothing, so tables of newer migrations
 * may be missing.
 *
 * @throws AgentStateError STATE_DAMAGED, STATE_FROM_NEWER_VERSION
 */
export function openStateDatabaseForReading(path: string, version: StateVersion): StateDatabase | undefined {
  if (!existsSync(path)) return undefined;
  return guard(path, () => {
    const connection = new DatabaseSync(path, { readOnly: true, timeout: 5_000 });
    try {
      assertReadable(connection, version, path);
    } catch (error) {
      connection.close();
      throw error;
    }
    return createHandle(connection, path);
  });
}

/**
 * Opens the database beside the agent that works on it, to add something. `undefined` when its tables are others than those that
 * this agent would make: they are not touched.
 */
export function openStateDatabaseOfOther(path: string, version: StateVersion): StateDatabase | undefined {
  if (!existsSync(path)) return undefined;
  return guard(path, () => {
    const connection = new DatabaseSync(path, { timeout: 2_000 });
    const applied = listApplied(connection);
    const isOurs =
      readUserVersion(connection) >= stateSchema.length &&
      version.migrations.every(({ name }) => applied.some((one) => one.name === name)) &&
      findNeededRelease(connection, version) === undefined;
    if (isOurs) return createHandle(connection, path);
    connection.close();
    return undefined;
  });
}

/** In the transaction that is under way, or else in one of its own. */
export function withinTransaction<Result>(database: StateDatabase, work: () => Result): Result {
  return database.connection.isTransaction ? work() : database.transaction(work);
}

function createHandle(connection: DatabaseSync, path: string): StateDatabase {
  return {
    connection,
    transaction: (work) =>
      guard(path, () => {
        connection.exec('BEGIN IMMEDIATE');
        try {
          const result = work();
          connection.exec('COMMIT');
          return result;
        } catch (error) {
          if (connection.isTransaction) connection.exec('ROLLBACK');
          throw error;
        }
      }),
    close: () => connection.close(),
  };
}

function assertSound(connection: DatabaseSync, path: string): void {
  const rows = connection.prepare('PRAGMA quick_check(1)').all();
  const [first] = rows;
  if (rows.length === 1 && first?.['quick_check'] === 'ok') return;
  throw createDamagedError(path);
}

function migrate(connection: DatabaseSync, version: StateVersion, path: string): void {
  assertReadable(connection, version, path);
  const userVersion = readUserVersion(connection);
  for (const [index, statements] of stateSchema.entries()) {
    if (index < userVersion) continue;
    connection.exec(`BEGIN IMMEDIATE; ${statements}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  connection.exec(`
    -- Which changes of the modules are made, and who can still read the database.
    CREATE TABLE IF NOT EXISTS state_migration (
      name TEXT PRIMARY KEY,
      oldest_reader TEXT NOT NULL,
      applied_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
    ) STRICT, WITHOUT ROWID;
  `);
  const applied = new Set(listApplied(connection).map(({ name }) => name));
  for (const migration of version.migrations) if (!applied.has(migration.name)) apply(connection, migration);
}

function apply(connection: DatabaseSync, { name, oldestReader, statements }: StateMigration): void {
  connection.exec('BEGIN IMMEDIATE');
  try {
    connection.exec(statements);
    connection
      .prepare('INSERT INTO state_migration (name, oldest_reader) VALUES (?, ?)')
      .run(name, oldestReader);
    // The first release looks at nothing else.
    if (!isReleaseAtLeast(FIRST_RELEASE, oldestReader))
      connection.exec(`PRAGMA user_version = ${stateSchema.length + 1}`);
    connection.exec('COMMIT');
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

interface AppliedMigration {
  readonly name: string;
  readonly oldestReader: string;
}

function listApplied(connection: DatabaseSync): readonly AppliedMigration[] {
  const isThere = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'state_migration'").get();
  if (isThere === undefined) return [];
  const rows = connection.prepare('SELECT name, oldest_reader FROM state_migration ORDER BY name').all();
  return rows.map((row) => ({ name: String(row['name']), oldestReader: String(row['oldest_reader']) }));
}

function readUserVersion(connection: DatabaseSync): number {
  const version = connection.prepare('PRAGMA user_version').get()?.['user_version'];
  return typeof version === 'number' ? version : 0;
}

/** The oldest release that can read the database, when this one cannot; '' when nobody knows which. */
function findNeededRelease(connection: DatabaseSync, version: StateVersion): string | undefined {
  const applied = listApplied(connection);
  const shutsOutFirst = applied.some(({ oldestReader }) => !isReleaseAtLeast(FIRST_RELEASE, oldestReader));
  if (readUserVersion(connection) > stateSchema.length + (shutsOutFirst ? 1 : 0)) return '';
  const known = new Set(version.migrations.map(({ name }) => name));
  const needed = applied
    .filter(({ name, oldestReader }) => !known.has(name) && !isReleaseAtLeast(version.release, oldestReader))
    .map(({ oldestReader }) => oldestReader);
  return needed.reduce<string | undefined>(
    (newest, one) => (newest === undefined || isReleaseAtLeast(one, newest) ? one : newest),
    undefined,
  );
}

function assertReadable(connection: DatabaseSync, version: StateVersion, path: string): void {
  const needed = findNeededRelease(connection, version);
  if (needed === undefined) return;
  const what = needed === '' ? 'that version of the agent again' : `the agent ${needed} or a newer one`;
  throw new AgentStateError('STATE_FROM_NEWER_VERSION', `${path} was written by a newer agent.`, {
    remedy: `Install ${what}. This one, ${version.release}, changed nothing.`,
    facts: { file: path, needs: needed, release: version.release },
  });
}

function guard<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') throw error;
    // The low byte of an extended code is the primary code.
    const code = error.errcode & 0xff;
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) throw createDamagedError(path, error);
    if (code === SQLITE_FULL || code === SQLITE_IOERR) {
      throw new AgentStateError(
        'STATE_DISK_FULL',
        `${path} cannot be written: the disk is full or failing.`,
        {
          cause: error,
          retry: 'safe',
          remedy: 'Free some space on the volume of the state folder and check the disk.',
          facts: { file: path },
        },
      );
    }
    throw error;
  }
}

function createDamagedError(path: string, cause?: unknown): AgentStateError {
  return new AgentStateError('STATE_DAMAGED', `The agent's state file ${path} is damaged.`, {
    cause,
    remedy:
      'Restore the file from a backup, or move it away and enrol again with a new token: the key stays, so the ' +
      'device comes back to its old record. Commands that were recorded in it are lost. Nothing was changed.',
    facts: { file: path },
  });
}
