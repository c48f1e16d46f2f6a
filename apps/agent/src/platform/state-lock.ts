import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { hasCode } from '@holdfast/kernel';
import { writePrivateFile } from './private-file.ts';
import { AgentStateError, keepIfThereIsRoom } from './state.errors.ts';
import type { StateFolder } from './state-folder.ts';

export interface StateLock {
  /** Writes who runs where that is missing, because the disk was full. */
  describe(): void;
  release(): void;
}

export interface LockOptions {
  /** Held for seconds, by something that is no agent: whoever starts waits for it, and nobody takes it for one that runs. */
  readonly isBrief?: boolean;
}

/** The process that says it runs on a folder. True only while the lock is held. */
export interface RunningProcess {
  readonly processId: number;
  /** RFC 3339. */
  readonly startedAt: string;
}

/**
 * Takes the folder for this process alone. The lock is SQLite's exclusive file lock, which the operating system
 * releases when the process ends, so that no crash leaves a stale one and no process id is guessed at; the
 * process file beside it only serves the message, and a full disk is no reason to do without an agent.
 *
 * @throws AgentStateError AGENT_ALREADY_RUNNING
 */
export function lockStateFolder(
  folder: StateFolder,
  startedAt: string,
  { isBrief = false }: LockOptions = {},
): StateLock {
  const handle = tryLock(folder);
  if (handle === undefined) {
    const running = readHolder(folder)?.running;
    const who = running === undefined ? '' : ` (process ${running.processId}, since ${running.startedAt})`;
    throw new AgentStateError(
      'AGENT_ALREADY_RUNNING',
      `Another agent already works on ${folder.path}${who}.`,
      {
        remedy: 'Stop that agent first, or give this one its own folder with HOLDFAST_AGENT_HOME.',
        facts: running === undefined ? { folder: folder.path } : { folder: folder.path, ...running },
      },
    );
  }
  let isDescribed = false;
  const describe = (): void => {
    if (isDescribed) return;
    const content = `${JSON.stringify({ processId: process.pid, startedAt, ...(isBrief ? { isBrief } : {}) })}\n`;
    isDescribed = keepIfThereIsRoom(() => writePrivateFile(folder.processPath, content));
  };
  // That of the last process would name the wrong one, and takes the room of this one's.
  rmSync(folder.processPath, { force: true });
  describe();
  return {
    describe,
    release: () => {
      rmSync(folder.processPath, { force: true });
      handle.close();
    },
  };
}

/** More than whoever holds a folder briefly takes. */
const BRIEF_MS = 4_000;
const BRIEF_LOOK_MS = 20;

/**
 * The same, and waits for somebody who holds the folder only briefly.
 *
 * @throws AgentStateError AGENT_ALREADY_RUNNING; also at once, when `signal` is aborted
 */
export async function awaitStateFolder(
  folder: StateFolder,
  startedAt: string,
  signal: AbortSignal,
): Promise<StateLock> {
  const deadline = performance.now() + BRIEF_MS;
  for (;;) {
    try {
      return lockStateFolder(folder, startedAt);
    } catch (error) {
      if (!hasCode(error, 'AGENT_ALREADY_RUNNING') || signal.aborted) throw error;
      // Whoever has only just taken it has not said yet who that is.
      const isBrief = readHolder(folder)?.isBrief ?? true;
      if (!isBrief || performance.now() > deadline) throw error;
      await sleep(BRIEF_LOOK_MS);
    }
  }
}

/** Which agent runs on the folder, or `undefined` when none does. Takes the lock for a moment to find out. */
export function findRunningProcess(folder: StateFolder): RunningProcess | undefined {
  // Looking makes no file.
  if (!existsSync(folder.lockPath)) return undefined;
  const handle = tryLock(folder);
  if (handle === undefined) {
    const holder = readHolder(folder);
    if (holder?.isBrief === true) return undefined;
    return holder?.running ?? { processId: 0, startedAt: '' };
  }
  handle.close();
  return undefined;
}

/** The lock, or `undefined` when another process holds it. */
function tryLock(folder: StateFolder): DatabaseSync | undefined {
  let handle: DatabaseSync | undefined;
  try {
    handle = new DatabaseSync(folder.lockPath, { timeout: 0 });
    chmodSync(folder.lockPath, 0o600);
    handle.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return handle;
  } catch (error) {
    handle?.close();
    if (isBusy(error)) return undefined;
    throw new AgentStateError('STATE_FOLDER_UNUSABLE', `The lock file ${folder.lockPath} cannot be used.`, {
      cause: error,
      remedy:
        'Check that the folder is writable and that its disk has room. If the file is not a lock of the agent, move it away.',
      facts: { file: folder.lockPath },
    });
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY;
}

function readHolder(
  folder: StateFolder,
): { readonly running: RunningProcess; readonly isBrief: boolean } | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(folder.processPath, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    if (!('processId' in content) || !('startedAt' in content)) return undefined;
    const { processId, startedAt } = content;
    if (typeof processId !== 'number' || typeof startedAt !== 'string') return undefined;
    return { running: { processId, startedAt }, isBrief: 'isBrief' in content && content.isBrief === true };
  } catch {
    // The file only serves a message; without it the message is shorter.
    return undefined;
  }
}
