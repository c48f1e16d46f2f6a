/**
 * A fresh database for a test, in milliseconds. Imported by tests and benchmarks only.
 *
 * ```ts
 * let database: TestDatabase;
 * before(async () => {
 *   database = await createTestDatabase();
 * });
 * after(() => database.close());
 *
 * test('…', async () => {
 *   await database.db.selectFrom('setting').selectAll().execute();
 * });
 * ```
 *
 * Every call copies a template that holds all migrations of `apps/server/migrations/`; one database for each
 * test file is the rule, one for each test is affordable. All test processes of a run share one PostgreSQL
 * cluster, which is started by the first and ends itself seconds after the last, also when tests are killed.
 * It runs without fsync: what it shows about durability means nothing. Tests about the supervisor and about
 * crashes start clusters of their own.
 *
 * HOLDFAST_POSTGRES_BIN chooses the programs, to run the same tests on another version of PostgreSQL.
 */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce, createDatabase, type Database, type OpenDatabase } from './database.ts';
import { EMPTY_TEMPLATE, findTestCluster, MIGRATED_TEMPLATE, TEST_PASSWORD } from './test-cluster.ts';

export interface TestDatabase extends AsyncDisposable {
  readonly db: Database;
  /** The same, with probe, single connections and so on. */
  readonly opened: OpenDatabase;
  readonly connection: ConnectionSettings;
  /** The same place as HOLDFAST_DATABASE_URL would name it. */
  readonly url: string;
  /** Drops the database. */
  close(): Promise<void>;
}

export interface TestDatabaseOptions {
  /** True: a database without any table, to test migrations. */
  readonly isEmpty?: boolean;
  readonly maxWaitMs?: number;
  readonly statementTimeoutMs?: number;
  readonly maxConnections?: number;
}

export async function createTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const cluster = await findTestCluster();
  const name = `test_${process.pid}_${randomBytes(6).toString('hex')}`;
  const base = { host: cluster.host, port: cluster.port, readPassword: () => TEST_PASSWORD };
  const supervisor: ConnectionSettings = { ...base, user: cluster.supervisorRole, database: 'postgres' };
  const template = options.isEmpty === true ? EMPTY_TEMPLATE : MIGRATED_TEMPLATE;
  // Copying files costs half of writing their pages to the log, and the checkpoint that it needs little without fsync.
  await runStatement(
    supervisor,
    `create database ${name} owner ${cluster.serverRole} template ${template} strategy file_copy`,
  );
  const connection: ConnectionSettings = { ...base, user: cluster.serverRole, database: name };
  const { isEmpty: _isEmpty, ...databaseOptions } = options;
  const opened = createDatabase({
    connection,
    applicationName: 'holdfast-test',
    maxConnections: 8,
    ...databaseOptions,
  });
  async function close(): Promise<void> {
    await opened.close();
    await runStatement(supervisor, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
  }
  const url = `postgresql://${connection.user}:${TEST_PASSWORD}@/${name}?host=${encodeURIComponent(base.host)}&port=${base.port}`;
  return { db: opened.db, opened, connection, url, close, [Symbol.asyncDispose]: close };
}

async function runStatement(connection: ConnectionSettings, statement: string): Promise<void> {
  const client = await connectOnce(connection, {
    applicationName: 'holdfast-test',
    statementTimeoutMs: 60_000,
    connectTimeoutMs: 10_000,
  });
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
