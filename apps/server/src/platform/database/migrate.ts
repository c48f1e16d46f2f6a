import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Release, systemClock } from '@holdfast/kernel';
import type { ClientBase } from 'pg';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import { type MigrationFile, readMigrationFiles } from './migration-file.ts';
import { type AppliedMigration, planMigrations } from './migration-plan.ts';
import { findSqlState, isConnectionLost, SqlState, wrapStatementError } from './sql-state.ts';

export interface MigrateOptions {
  readonly connection: ConnectionSettings;
  readonly files?: readonly MigrationFile[];
  /** Of this server: decides whether it may work on a database that is newer. */
  readonly release?: Release;
  readonly clock?: Clock;
  /** How long to wait while another server migrates. */
  readonly maxLockWaitMs?: number;
}

export interface MigrationOutcome {
  /** Names of the files that this run applied. */
  readonly applied: readonly string[];
  /** Names of migrations of later releases, which the database has and which let this server work on it. */
  readonly newer: readonly string[];
}

// Any constant will do, as long as no other use of advisory locks in this database has the same.
export const MIGRATION_LOCK_KEY = 4_801_202_611;
const LOCK_POLL_MS = 100;
/** A migration that cannot get its table lock gives way to the running servers instead of blocking them. */
const TABLE_LOCK_TIMEOUT_MS = 10_000;
const STATEMENT_TIMEOUT_MS = 15 * 60_000;

const CREATE_BOOKKEEPING = `
  create table if not exists schema_migration (
    number integer primary key check (number > 0),
    name text not null unique,
    checksum text not null,
    applied_at timestamptz not null,
    duration_ms integer not null
  );
  -- Since 0.2.0. Release 0.1.0 leaves it out where it writes.
  alter table schema_migration add column if not exists serves text;`;

/**
 * Brings the structure of the database to what this server knows. Each file is one transaction, so that a
 * kill at any moment leaves whole files only; a second server that starts at the same time waits.
 *
 * @throws DatabaseError the codes of `planMigrations`, MIGRATION_LOCK_TIMEOUT, MIGRATION_FAILED
 */
export async function migrateDatabase(options: MigrateOptions): Promise<MigrationOutcome> {
  const clock = options.clock ?? systemClock;
  const files = options.files ?? (await readMigrationFiles());
  const client = await connectOnce(options.connection, {
    applicationName: 'holdfast-migrate',
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    connectTimeoutMs: 10_000,
  });
  try {
    await acquireLock(client, clock, options.maxLockWaitMs ?? 60_000);
    const { pending, newer } = planMigrations(files, await readAppliedMigrations(client), options.release);
    if (pending.length > 0) await createBookkeeping(client);
    await client.query(`set lock_timeout = ${TABLE_LOCK_TIMEOUT_MS}`);
    for (const file of pending) await applyMigration(client, file, clock);
    return { applied: pending.map((file) => file.name), newer };
  } catch (error) {
    throw wrapStatementError(error);
  } finally {
    // The lock belongs to the connection and goes with it.
    await client.end().catch(() => {});
  }
}

/** What was applied so far; empty for a database that holds nothing of ours. */
export async function readAppliedMigrations(client: ClientBase): Promise<readonly AppliedMigration[]> {
  const found = await client.query<{ table_name: string | null }>(
    `select to_regclass('schema_migration')::text as table_name`,
  );
  if (found.rows[0]?.table_name == null) return [];
  const { rows } = await client.query<AppliedMigration>(
    // The row as JSON, because the column is not there where only release 0.1.0 has been at work.
    `select number, name, checksum, to_jsonb(m) ->> 'serves' as serves from schema_migration m order by number`,
  );
  return rows;
}

/** Makes the table that remembers what was applied. May be repeated. */
export async function createBookkeeping(client: ClientBase): Promise<void> {
  await client.query(CREATE_BOOKKEEPING);
}

async function acquireLock(client: ClientBase, clock: Clock, maxWaitMs: number): Promise<void> {
  const deadline = clock.monotonic() + maxWaitMs;
  for (;;) {
    // Asking again and again instead of waiting inside the database: a waiting statement holds a snapshot,
    // and an index that is built concurrently by the other server would wait for that snapshot for ever.
    const { rows } = await client.query<{ is_held: boolean }>('select pg_try_advisory_lock($1) as is_held', [
      MIGRATION_LOCK_KEY,
    ]);
    if (rows[0]?.is_held === true) return;
    if (!(clock.monotonic() < deadline)) {
      throw new DatabaseError(
        'MIGRATION_LOCK_TIMEOUT',
        'Another server has been changing the structure of this database for too long.',
        {
          retry: 'safe',
          remedy: 'Wait until the other server has started, then start this one again.',
        },
      );
    }
    await delay(LOCK_POLL_MS);
  }
}

/** Applies one file and remembers it. @throws DatabaseError MIGRATION_FAILED */
export async function applyMigration(client: ClientBase, file: MigrationFile, clock: Clock): Promise<void> {
  const startedAt = clock.monotonic();
  try {
    if (file.isTransactional) await client.query('begin');
    await client.query(file.text);
    await client.query(
      `insert into schema_migration (number, name, checksum, serves, applied_at, duration_ms)
       values ($1, $2, $3, $4, $5, $6)`,
      [
        file.number,
        file.name,
        file.checksum,
        file.serves,
        new Date(clock.now()),
        Math.round(clock.monotonic() - startedAt),
      ],
    );
    if (file.isTransactional) await client.query('commit');
  } catch (error) {
    // The failure of the file is the one to report.
    if (file.isTransactional) await client.query('rollback').catch(() => {});
    const state = findSqlState(error);
    if (isConnectionLost(error) || state === SqlState.DiskFull || state === SqlState.ReadOnly) throw error;
    const isLocked = state === SqlState.LockNotAvailable;
    throw new DatabaseError('MIGRATION_FAILED', `The migration "${file.name}" failed and was taken back.`, {
      cause: error,
      retry: isLocked ? 'safe' : 'never',
      facts: { migration: file.name, sqlState: state ?? 'none' },
      remedy: isLocked
        ? 'Another program holds a table. Close other connections to the database and start again.'
        : 'The log holds the reason from the database. The database is as it was before this migration.',
    });
  }
}
