import { setTimeout as delay } from 'node:timers/promises';
import { hasCode } from '@holdfast/kernel';
import type { Logger } from 'pino';
import type { ServerConfig } from './config.ts';
import {
  assertServerVersion,
  type ConnectionSettings,
  createDatabase,
  migrateDatabase,
  type OpenDatabase,
  parseDatabaseUrl,
  startEmbeddedDatabase,
} from './platform/database/index.ts';

/** The database of a server that is starting: reachable, new enough, with the structure that this server knows. */
export interface ServerDatabase {
  readonly kind: 'embedded' | 'external';
  readonly opened: OpenDatabase;
  /** Closes the connections; waits for statements in flight. */
  close(): Promise<void>;
  /** Stops our own PostgreSQL where there is one, whether or not every connection is closed. */
  stop(): Promise<void>;
}

export interface ServerDatabaseOptions {
  readonly config: Pick<ServerConfig, 'database' | 'home'>;
  readonly log: Logger;
  readonly onProgress: (text: string) => void;
  readonly signal: AbortSignal;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 3_000;

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
  const opened = createDatabase({ connection });
  try {
    await waitForDatabase(opened, options);
    await assertServerVersion(opened.db);
    const { applied } = await migrateDatabase({ connection });
    if (applied.length > 0)
      options.log.info({ applied }, 'the structure of the database was brought up to date');
    return { kind, opened, close: async () => await opened.close(), stop };
  } catch (error) {
    try {
      await opened.close();
    } finally {
      await stop();
    }
    throw error;
  }
}

async function waitForDatabase(opened: OpenDatabase, options: ServerDatabaseOptions): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  let hasSaidSo = false;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      const client = await opened.connectClient();
      await client.end();
      return;
    } catch (error) {
      if (!hasCode(error, 'DATABASE_UNAVAILABLE')) throw error;
    }
    if (!hasSaidSo) options.onProgress('Waiting for the database, which does not answer yet');
    hasSaidSo = true;
    await delay(pauseMs, undefined, { signal: options.signal });
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}
