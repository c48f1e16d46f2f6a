import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import type { DiskReserve } from './disk-reserve.ts';
import { createReplaceableConnection, type StateConnection } from './state-connection.ts';
import { hasCode } from '@holdfast/kernel';
import { createDamagedError, guardState, isRoomMissing } from './sqlite-failure.ts';
import { AgentStateError } from './state.errors.ts';
import { isReleaseAtLeast, type StateMigration, type StateVersion } from './state-migration.ts';
import { stateSchema } from './state-schema.ts';

/** The hard bound of the file: 64 MiB in pages of 4 KiB. Above it SQLite refuses to write. */
const MAX_PAGES = 16_384;
const MAX_JOURNAL_BYTES = 1_048_576;
/** The release that knows nothing of the table of migrations, and refuses a database whose `user_version` it does not know. */
const FIRST_RELEASE = '0.1.0';

export interface StateDatabase {
  readonly connection: StateConnection;
  /**
   * Runs `work` in one transaction; what it did is on disk when this returns, or nothing of it is. On a full disk it is run once
   * more when some room could be made, so it does nothing besides that may not be done twice.
   *
   * @throws AgentStateError STATE_DAMAGED, STATE_DISK_FULL
   */
  transaction<Result>(work: () => Result): Result;
  /** How the disk is, as the last writes showed. */
  readonly room: StateRoom;
  /** Looks whether there is room again, and puts right what was done without. Cheap; to be called now and then. */
  lookForRoom(): void;
  close(): void;
}

export const StateRoom = {
  enough: 'enough',
  /** The disk is full, and what is written goes into the place of the reserve. */
  reserve: 'reserve',
  /** Nothing can be written. */
  none: 'none',
} as const;
export type StateRoom = (typeof StateRoom)[keyof typeof StateRoom];

/**
 * Opens the state database and brings it to this version. Every commit reaches the disk before it returns
 * (`synchronous = FULL`), because the server is told "recorded" afterwards.
 *
 * A full disk does not keep it closed: the reserve is given up for it, and without one the database is held for this process
 * alone, which needs no further file. Then it can be read, written as far as its own files have room, and by nobody else.
 *
 * @throws AgentStateError STATE_DAMAGED, STATE_FROM_NEWER_VERSION, STATE_DISK_FULL
 */
export function openStateDatabase(path: string, version: StateVersion, reserve?: DiskReserve): StateDatabase {
  return guardState(path, () => {
    try {
      return createWritableHandle({
        connection: openWritable(path, version, 'shared'),
        path,
        version,
        reserve,
      });
    } catch (error) {
      if (!isRoomMissing(error) || !existsSync(path)) throw error;
      const connection = openWithoutRoom(path, version, reserve);
      return createWritableHandle({ ...connection, path, version, reserve });
    }
  });
}

function openWithoutRoom(
  path: string,
  version: StateVersion,
  reserve: DiskReserve | undefined,
): { readonly connection: DatabaseSync; readonly isHeld: boolean } {
  if (reserve?.release() === true) {
    try {
      return { connection: openWritable(path, version, 'shared'), isHeld: false };
    } catch (error) {
      if (!isRoomMissing(error)) throw error;
    }
  }
  return { connection: openWritable(path, version, 'held'), isHeld: true };
}

function openWritable(path: string, version: StateVersion, lock: 'shared' | 'held'): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: 5_000 });
  try {
    // Before anything is read: then the index of the log is in memory and not in a file of its own
    // (https://www.sqlite.org/wal.html#noshm).
    if (lock === 'held') connection.exec('PRAGMA locking_mode = EXCLUSIVE');
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
  return connection;
}

/**
 * Opens the database for reading only, or answers `undefined` when there is none. Changes nothing, so tables of newer migrations
 * may be missing, and makes no file.
 *
 * @throws AgentStateError STATE_DAMAGED, STATE_FROM_NEWER_VERSION, STATE_HELD
 */
export function openStateDatabaseForReading(path: string, version: StateVersion): StateDatabase | undefined {
  if (!existsSync(path)) return undefined;
  return guardState(path, () => {
    // Where nothing waits in a log there is no agent at work either, and a log would be made only to read.
    const isAtRest = !existsSync(`${path}-wal`);
    const place = isAtRest ? new URL(`${pathToFileURL(path).href}?immutable=1`) : path;
    const connection = new DatabaseSync(place, { readOnly: true, timeout: 2_000 });
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
  return guardState(path, () => {
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

/** Refuses a module whose tables were not made: it is missing in the list that the database was opened with. */
export function assertMigrated(
  { connection }: StateDatabase,
  module: string,
  migrations: readonly StateMigration[],
): void {
  const applied = new Set(listApplied(connection).map(({ name }) => name));
  const missing = migrations.find(({ name }) => !applied.has(name));
  if (missing === undefined) return;
  throw new TypeError(
    `"database" expected the tables of the module ${module}, and has none of ${missing.name}`,
  );
}

/** In the transaction that is under way, or else in one of its own. */
export function withinTransaction<Result>(database: StateDatabase, work: () => Result): Result {
  return database.connection.isTransaction ? work() : database.transaction(work);
}

function createHandle(connection: DatabaseSync, path: string): StateDatabase {
  return {
    connection,
    transaction: (work) => guardState(path, () => runTransaction(connection, work)),
    room: StateRoom.enough,
    lookForRoom: () => undefined,
    close: () => connection.close(),
  };
}

function runTransaction<Result>(connection: StateConnection, work: () => Result): Result {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

interface WritableHandleOptions {
  readonly connection: DatabaseSync;
  /** Nobody else can read it. */
  readonly isHeld?: boolean;
  readonly path: string;
  readonly version: StateVersion;
  readonly reserve: DiskReserve | undefined;
}

function createWritableHandle(options: WritableHandleOptions): StateDatabase {
  const { path, version, reserve } = options;
  const connection = createReplaceableConnection(options.connection);
  let isHeld = options.isHeld === true;
  let isFailing = isHeld;
  /** The reserve was given up, and there was no room for another one since. */
  let isOnReserve = reserve !== undefined && !reserve.renew();

  const succeed = <Result>(result: Result): Result => {
    isFailing = false;
    return result;
  };

  /** Room in the files that are there: of the reserve, and of a log whose content has gone to its place. */
  const makeRoom = (): boolean => {
    const isReleased = reserve?.release() === true;
    if (isReleased) isOnReserve = true;
    return isEmptied(connection) || isReleased;
  };

  const transaction = <Result>(work: () => Result): Result =>
    guardState(path, () => {
      // What changed nothing says nothing about the disk.
      const before = isFailing ? countChanges(connection) : -1;
      try {
        const result = runTransaction(connection, work);
        return isFailing && countChanges(connection) === before ? result : succeed(result);
      } catch (error) {
        if (!isRoomMissing(error)) throw error;
        isFailing = true;
        if (!makeRoom()) throw error;
        return succeed(runTransaction(connection, work));
      }
    });

  return {
    connection,
    transaction,
    get room() {
      if (isFailing) return StateRoom.none;
      return isOnReserve || isHeld ? StateRoom.reserve : StateRoom.enough;
    },
    lookForRoom: () => {
      if (!isFailing && !isHeld && !isOnReserve) return;
      if (reserve !== undefined && !reserve.renew()) return;
      isOnReserve = false;
      if (isHeld) {
        // Whoever holds it has to let go before it can be opened for others to read.
        connection.close();
        const next = openAgain(path, version);
        connection.replace(next.connection);
        isHeld = next.isHeld;
      }
      if (isFailing) tryToWrite(transaction, connection);
    },
    close: () => connection.close(),
  };
}

function openAgain(
  path: string,
  version: StateVersion,
): { readonly connection: DatabaseSync; readonly isHeld: boolean } {
  try {
    return { connection: openWritable(path, version, 'shared'), isHeld: false };
  } catch (error) {
    if (!isRoomMissing(error)) throw error;
    return { connection: openWritable(path, version, 'held'), isHeld: true };
  }
}

function tryToWrite(transaction: (work: () => void) => void, connection: StateConnection): void {
  try {
    transaction(() => {
      connection.exec("INSERT OR REPLACE INTO note (name, value) VALUES ('disk-probe', '{}')");
    });
  } catch (error) {
    // Not yet.
    if (!hasCode(error, 'STATE_DISK_FULL')) throw error;
  }
}

function countChanges(connection: StateConnection): number {
  return Number(connection.prepare('SELECT total_changes() AS count').get()?.['count']);
}

/** Brings what is in the log to its place, so that the log is written from its beginning again and does not grow. */
function isEmptied(connection: StateConnection): boolean {
  try {
    const row = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)').get();
    return row?.['busy'] === 0 && row['log'] === row['checkpointed'] && Number(row['log']) > 0;
  } catch {
    // Its place needs room too.
    return false;
  }
}

function assertSound(connection: StateConnection, path: string): void {
  const rows = connection.prepare('PRAGMA quick_check(1)').all();
  const [first] = rows;
  if (rows.length === 1 && first?.['quick_check'] === 'ok') return;
  throw createDamagedError(path);
}

function migrate(connection: StateConnection, version: StateVersion, path: string): void {
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

function apply(connection: StateConnection, { name, oldestReader, statements }: StateMigration): void {
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

function listApplied(connection: StateConnection): readonly AppliedMigration[] {
  const isThere = connection.prepare("SELECT 1 FROM sqlite_master WHERE name = 'state_migration'").get();
  if (isThere === undefined) return [];
  const rows = connection.prepare('SELECT name, oldest_reader FROM state_migration ORDER BY name').all();
  return rows.map((row) => ({ name: String(row['name']), oldestReader: String(row['oldest_reader']) }));
}

function readUserVersion(connection: StateConnection): number {
  const version = connection.prepare('PRAGMA user_version').get()?.['user_version'];
  return typeof version === 'number' ? version : 0;
}

/** The oldest release that can read the database, when this one cannot; '' when nobody knows which. */
function findNeededRelease(connection: StateConnection, version: StateVersion): string | undefined {
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

function assertReadable(connection: StateConnection, version: StateVersion, path: string): void {
  const needed = findNeededRelease(connection, version);
  if (needed === undefined) return;
  const what = needed === '' ? 'that version of the agent again' : `the agent ${needed} or a newer one`;
  throw new AgentStateError('STATE_FROM_NEWER_VERSION', `${path} was written by a newer agent.`, {
    remedy: `Install ${what}. This one, ${version.release}, changed nothing.`,
    facts: { file: path, needs: needed, release: version.release },
  });
}
