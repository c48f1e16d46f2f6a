import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { AppError, systemClock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import type { ServerConfig } from '../config/config.ts';
import {
  assertServerVersion,
  assertWritable,
  connectOnce,
  type ConnectionSettings,
  createDatabase,
  type DatabaseError,
  migrateDatabase,
  type OpenDatabase,
  parseDatabaseUrl,
  ServerLock,
  startEmbeddedDatabase,
} from '../platform/database/index.ts';

/** The database of a server that is starting: reachable, new enough, with the structure that this server knows. */
export interface ServerDatabase {
  readonly kind: 'embedded' | 'external';
  readonly opened: OpenDatabase;
  /** Migrations of later releases, which the database has and which let this server work on it. */
  readonly newerMigrations: readonly string[];
  /** Closes the connections; waits for statements in flight. */
  close(): Promise<void>;
  /** Stops our own PostgreSQL where there is one, whether or not every connection is closed. */
  stop(): Promise<void>;
}

export interface ServerDatabaseOptions {
  readonly config: Pick<ServerConfig, 'database' | 'home'>;
  /** Release of this server. */
  readonly version: string;
  readonly log: Logger;
  /** Another server has the database now: this one is to end. */
  readonly onTaken: (error: DatabaseError) => void;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_000;
const CONNECT_LIMIT_MS = 10_000;

/**
 * Brings the database up and its structure up to date. One that is away is waited for, with a word now and then; one that
 * refuses is an error at once. When this throws, nothing of ours is left running.
 *
 * @throws DatabaseError
 */
export async function openServerDatabase(options: ServerDatabaseOptions): Promise<ServerDatabase> {
  const { config, log, onProgress, signal } = options;
  if (config.database.kind === 'external') {
    const connection = parseDatabaseUrl(config.database.url.reveal());
    return await openAt(options, 'external', connection, async () => {});
  }
  onProgress('Starting the database');
  const embedded = await startEmbeddedDatabase({
    home: config.home,
    log,
    systemUserName: config.database.systemUserName,
    binariesFolder: config.database.binariesFolder,
    signal,
  });
  return await openAt(options, 'embedded', embedded.connection, async () => await embedded.stop());
}

async function openAt(
  options: ServerDatabaseOptions,
  kind: ServerDatabase['kind'],
  connection: ConnectionSettings,
  stop: () => Promise<void>,
): Promise<ServerDatabase> {
  let lock: ServerLock | undefined;
  let opened: OpenDatabase | undefined;
  try {
    await waitForDatabase(connection, options);
    lock = await ServerLock.take({
      connection,
      hostName: os.hostname(),
      processId: process.pid,
      clock: systemClock,
      log: options.log,
      onTaken: options.onTaken,
      signal: options.signal,
    });
    const [held, usable] = [lock, createDatabase({ connection, barrier: lock })];
    opened = usable;
    await assertServerVersion(usable.db);
    const { applied, newer } = await migrateDatabase({ connection, release: options.version });
    if (applied.length > 0)
      options.log.info({ applied }, 'the structure of the database was brought up to date');
    if (newer.length > 0) warnOfNewer(options, newer);
    return {
      kind,
      opened: usable,
      newerMigrations: newer,
      close: async () => {
        await usable.close();
        await held.release();
      },
      stop,
    };
  } catch (error) {
    try {
      await opened?.close();
      await lock?.release();
    } finally {
      await stop();
    }
    throw error;
  }
}

function warnOfNewer({ log, version }: ServerDatabaseOptions, newer: readonly string[]): void {
  log.warn(
    { migrations: newer },
    `the database was prepared by a later release; this one, ${version}, can work on it as it is, without what is new`,
  );
}

async function waitForDatabase(
  connection: ConnectionSettings,
  options: ServerDatabaseOptions,
): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  let said: string | undefined;
  for (;;) {
    options.signal.throwIfAborted();
    let trouble: string | undefined;
    try {
      const client = await connectOnce(connection, {
        applicationName: 'holdfast-server',
        statementTimeoutMs: CONNECT_LIMIT_MS,
        connectTimeoutMs: CONNECT_LIMIT_MS,
      });
      try {
        return await assertWritable(client);
      } finally {
        await client.end();
      }
    } catch (error) {
      trouble = error instanceof AppError ? waitingFor[error.code] : undefined;
      if (trouble === undefined) throw error;
    }
    if (trouble !== said) options.onProgress(`Waiting for the database, which ${trouble}`);
    said = trouble;
    await delay(pauseMs, undefined, { signal: options.signal });
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

/** What passes without a change of the configuration, in words for people. */
const waitingFor: Readonly<Record<string, string>> = {
  DATABASE_UNAVAILABLE: 'does not answer yet',
  DATABASE_BUSY: 'takes no more connections at present',
  DATABASE_READ_ONLY: 'can only be read at present',
};
