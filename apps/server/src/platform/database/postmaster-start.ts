import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, hasCode } from '@holdfast/kernel';
import type { BoundedLog } from './bounded-log.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { connectOnce } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import { findLivingPostmaster, findPostmasterPid } from './postmaster-pid.ts';
import { isTransientDatabaseError } from './sql-state.ts';

export interface WaitUntilServingOptions {
  readonly dataFolder: string;
  readonly supervisor: ConnectionSettings;
  readonly postgresLog: BoundedLog;
  readonly clock: Clock;
  readonly startLimitMs: number;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** Length of the log when the process was started: what comes after is its own. */
  readonly logOffset: number;
  readonly signal: AbortSignal;
}

const POLL_MS = 30;

/**
 * Waits until a postmaster that was just started takes connections. Recovery after a crash may take long: as
 * long as the log grows (PostgreSQL reports its progress every ten seconds), the wait goes on.
 *
 * @throws DatabaseError DATABASE_START_FAILED, DATABASE_START_TIMEOUT, DATABASE_DISK_FULL
 */
export async function waitUntilServing(options: WaitUntilServingOptions): Promise<void> {
  const { clock, dataFolder, postgresLog } = options;
  let hasEnded = false;
  void options.ended.then(() => {
    hasEnded = true;
  });
  let logSize = options.logOffset;
  let deadline = clock.monotonic() + options.startLimitMs;
  for (;;) {
    options.signal.throwIfAborted();
    if (hasEnded) throw await createStartError(options);
    // Asked only once it says so itself: questions before that would fill the log and look like progress.
    const stated = await findPostmasterPid(dataFolder);
    if (stated?.status === 'ready' && (await isAnswering(options.supervisor))) return;
    const size = await postgresLog.size();
    if (size !== logSize) {
      logSize = size;
      deadline = clock.monotonic() + options.startLimitMs;
    }
    if (!(clock.monotonic() < deadline)) {
      throw new DatabaseError(
        'DATABASE_START_TIMEOUT',
        `The database did not start within ${Math.round(options.startLimitMs / 1000)} seconds.`,
        { retry: 'safe', remedy: 'Look at log/postgresql.log in HOLDFAST_HOME, then start again.' },
      );
    }
    await delay(POLL_MS);
  }
}

/**
 * Removes a `postmaster.pid` that names nobody of ours. PostgreSQL does so itself, but not when the number
 * was given to another process of the same account, as happens after a restart of the computer.
 */
export async function removeStalePostmasterPid(dataFolder: string): Promise<void> {
  const stated = await findPostmasterPid(dataFolder);
  if (stated === undefined || (await findLivingPostmaster(dataFolder)) !== undefined) return;
  await rm(path.join(dataFolder, 'postmaster.pid'), { force: true });
}

async function isAnswering(supervisor: ConnectionSettings): Promise<boolean> {
  try {
    const session = {
      applicationName: 'holdfast-supervisor',
      statementTimeoutMs: 5_000,
      connectTimeoutMs: 5_000,
    };
    const client = await connectOnce(supervisor, session);
    await client.end();
    return true;
  } catch (error) {
    if (isTransientDatabaseError(error) && !hasCode(error, 'DATABASE_SIGN_IN_REFUSED')) return false;
    throw error;
  }
}

async function createStartError(options: WaitUntilServingOptions): Promise<DatabaseError> {
  const text = await options.postgresLog.readSince(options.logOffset).catch(() => '');
  if (/No space left on device/.test(text)) {
    return new DatabaseError('DATABASE_DISK_FULL', 'The database cannot start because its disk is full.', {
      retry: 'safe',
      remedy: 'Free space on the file system that holds HOLDFAST_HOME. Holdfast goes on by itself.',
    });
  }
  const reasons = text
    .split('\n')
    .filter((line) => /(FATAL|PANIC|could not|cannot|error while loading)/.test(line));
  const reason = reasons.at(-1)?.replace(/^.*?(FATAL|PANIC|LOG):\s*/, '') ?? 'it gave no reason';
  return new DatabaseError('DATABASE_START_FAILED', `The database did not start: ${reason}`, {
    retry: 'safe',
    remedy: 'Look at log/postgresql.log in HOLDFAST_HOME.',
  });
}
