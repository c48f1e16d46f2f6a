import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, systemClock } from '@holdfast/kernel';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { type ConnectionSettings, toClientConfig } from './connection-settings.ts';
import { cutConnection } from './cut-connection.ts';
import { DatabaseError, type DatabaseErrorCode } from './database.errors.ts';
import { PatientPool, type StatementBarrier } from './patient-pool.ts';
import type { Schema } from './schema.ts';
import { createDiskFullError, createReadOnlyError, isConnectionLost, wrapConnectError } from './sql-state.ts';
import type { Database, Transaction } from './transaction.ts';

export type { Database, Transaction };

export interface DatabaseOptions {
  readonly connection: ConnectionSettings;
  readonly clock?: Clock;
  readonly applicationName?: string;
  readonly maxConnections?: number;
  readonly statementTimeoutMs?: number;
  /**
   * How long a statement may stay unanswered before its connection counts as lost; zero: for ever. By default a
   * little longer than the server's own limit, so that the server answers first as long as it is alive.
   */
  readonly maxSilenceMs?: number;
  /** How long a request waits for a database that is away. */
  readonly maxWaitMs?: number;
  /** Every statement passes it. */
  readonly barrier?: StatementBarrier;
}

export interface DatabaseHealth {
  /** It answers, and takes changes. */
  readonly isReady: boolean;
  /** It answers: what is asked of it may be read. */
  readonly isReachable: boolean;
  readonly latencyMs: number;
  /** Undefined when it is ready. */
  readonly code: DatabaseErrorCode | undefined;
  /** Why it is not ready, for the log and for /readyz; never contains an address or a secret. */
  readonly reason: string | undefined;
}

/** An open database: the query builder for modules and what the platform needs around it. */
export interface OpenDatabase {
  readonly db: Database;
  /**
   * The same connections, for the few short statements that run for every product: each is prepared once on each connection, and planned anew
   * only while plans for its values are better than a general one. Not for
   * lists and filters, whose best plan hangs on their values.
   */
  readonly preparedDb: Database;
  readonly connection: ConnectionSettings;
  /** One cheap question with a short patience of its own, over a connection of its own. Never throws. */
  probe(options?: { readonly maxWaitMs?: number }): Promise<DatabaseHealth>;
  /** Resolves once the database answers and takes changes; background work waits here after a transient error. */
  waitUntilReady(signal?: AbortSignal): Promise<void>;
  /** A connection of its own, outside the pool, for LISTEN, COPY and long maintenance. The caller ends it. */
  connectClient(options?: { readonly statementTimeoutMs?: number }): Promise<pg.Client>;
  /** Waits for the statements in flight, then closes every connection. */
  close(): Promise<void>;
}

/** The oldest server that all SQL of this product is written for. */
export const MIN_POSTGRES_MAJOR = 15;

const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;
const DEFAULT_MAX_WAIT_MS = 10_000;
const SILENCE_GRACE_MS = 5_000;
const CODES_OF_A_READABLE: ReadonlySet<DatabaseErrorCode> = new Set([
  'DATABASE_READ_ONLY',
  'DATABASE_DISK_FULL',
]);

/** Opens no connection yet: the first statement does, and waits for the database if it must. */
export function createDatabase(options: DatabaseOptions): OpenDatabase {
  const clock = options.clock ?? systemClock;
  const applicationName = options.applicationName ?? 'holdfast-server';
  const statementTimeoutMs = options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS;
  const maxWaitMs = options.maxWaitMs ?? DEFAULT_MAX_WAIT_MS;
  const session = { applicationName, statementTimeoutMs, connectTimeoutMs: maxWaitMs };
  const pool = new PatientPool({
    config: toClientConfig(options.connection, session),
    maxConnections: options.maxConnections ?? 16,
    maxWaitMs,
    maxSilenceMs:
      options.maxSilenceMs ?? (statementTimeoutMs > 0 ? statementTimeoutMs + SILENCE_GRACE_MS : 0),
    clock,
    barrier: options.barrier,
    askAgain: async () => await probe(),
  });
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  const preparedDb = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: pool.prepared }) });

  async function connectClient(
    clientOptions: { readonly statementTimeoutMs?: number } = {},
  ): Promise<pg.Client> {
    return await connectOnce(options.connection, {
      ...session,
      statementTimeoutMs: clientOptions.statementTimeoutMs ?? statementTimeoutMs,
    });
  }

  async function probe(probeOptions: { readonly maxWaitMs?: number } = {}): Promise<DatabaseHealth> {
    const startedAt = clock.monotonic();
    const answer = (error?: unknown): DatabaseHealth => {
      const known = error instanceof DatabaseError ? error : undefined;
      return {
        isReady: error === undefined,
        isReachable: error === undefined || (known !== undefined && CODES_OF_A_READABLE.has(known.code)),
        latencyMs: clock.monotonic() - startedAt,
        code: error === undefined ? undefined : (known?.code ?? 'DATABASE_UNAVAILABLE'),
        reason: error === undefined ? undefined : (known?.message ?? 'The database does not answer.'),
      };
    };
    try {
      await askOnce(options.connection, applicationName, probeOptions.maxWaitMs ?? 2_000);
      pool.trouble.noteWritable();
      return answer(pool.trouble.isFullOfLate ? createDiskFullError(undefined, 'safe') : undefined);
    } catch (error) {
      return answer(error);
    }
  }

  // One question at a time for all who wait: a database in trouble does not need them all.
  let asked: Promise<DatabaseHealth> | undefined;
  async function waitUntilReady(signal?: AbortSignal): Promise<void> {
    let pauseMs = 50;
    for (;;) {
      signal?.throwIfAborted();
      asked ??= probe().finally(() => {
        asked = undefined;
      });
      if ((await asked).isReady) return;
      await delay(pauseMs, undefined, signal === undefined ? {} : { signal });
      pauseMs = Math.min(pauseMs * 2, 1_000);
    }
  }

  return {
    db,
    preparedDb,
    connection: options.connection,
    probe,
    waitUntilReady,
    connectClient,
    async close() {
      await preparedDb.destroy();
      await db.destroy();
      await pool.end().catch(() => {}); // Destroying a query builder that never ran a query leaves the pool open.
    },
  };
}

/** A single connection. @throws DatabaseError DATABASE_UNAVAILABLE, DATABASE_SIGN_IN_REFUSED */
export async function connectOnce(
  connection: ConnectionSettings,
  session: Parameters<typeof toClientConfig>[1],
): Promise<pg.Client> {
  const client = new pg.Client(toClientConfig(connection, session));
  // A loss between statements has nobody to tell; the next statement reports it.
  client.on('error', () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    if (isConnectionLost(error)) {
      throw new DatabaseError('DATABASE_UNAVAILABLE', 'The database does not answer.', {
        cause: error,
        retry: 'safe',
      });
    }
    throw wrapConnectError(error);
  }
}

/**
 * Asks whether a transaction that begins now may change anything: not on a standby, and not where the default says so.
 *
 * @throws DatabaseError DATABASE_READ_ONLY
 */
export async function assertWritable(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ is_read_only: string }>(
    "select current_setting('transaction_read_only') as is_read_only",
  );
  if (rows[0]?.is_read_only === 'on') throw createReadOnlyError(undefined);
}

/** Refuses a server that is older than what the SQL of this product needs. */
export async function assertServerVersion(db: Database): Promise<void> {
  const { rows } = await sql<{
    version: string;
  }>`select current_setting('server_version_num') as version`.execute(db);
  const major = Math.floor(Number(rows[0]?.version) / 10_000);
  if (major >= MIN_POSTGRES_MAJOR) return;
  throw new DatabaseError(
    'DATABASE_VERSION_UNSUPPORTED',
    `The database server is PostgreSQL ${major}; Holdfast needs PostgreSQL ${MIN_POSTGRES_MAJOR} or newer.`,
    {
      facts: { found: major, needed: MIN_POSTGRES_MAJOR },
      remedy: 'Point HOLDFAST_DATABASE_URL to a newer PostgreSQL server.',
    },
  );
}

async function askOnce(
  connection: ConnectionSettings,
  applicationName: string,
  maxWaitMs: number,
): Promise<void> {
  // A connection of its own: a pool whose connections are all busy is not a database that is away.
  const client = await connectOnce(connection, {
    applicationName: `${applicationName}-probe`,
    statementTimeoutMs: maxWaitMs,
    connectTimeoutMs: maxWaitMs,
  });
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new DatabaseError('DATABASE_UNAVAILABLE', 'The database does not answer in time.')),
      maxWaitMs,
    );
  });
  try {
    await Promise.race([assertWritable(client), patience]);
    await client.end();
  } catch (error) {
    cutConnection(client);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
