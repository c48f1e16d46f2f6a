import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { writePrivateFile } from './private-file.ts';
import { AgentStateError, keepIfThereIsRoom } from './state.errors.ts';
import type { StateFolder } from './state-folder.ts';

export interface StateLock {
  /** Writes who runs where that is missing, because the disk was full. */
  describe(): void;
  release(): void;
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
export function lockStateFolder(folder: StateFolder, startedAt: string): StateLock {
  const handle = tryLock(folder);
  if (handle === undefined) {
    const running = readProcessFile(folder);
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
    const content = `${JSON.stringify({ processId: process.pid, startedAt })}\n`;
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

/** Which agent runs on the folder, or `undefined` when none does. Takes the lock for a moment to find out. */
export function findRunningProcess(folder: StateFolder): RunningProcess | undefined {
  // Looking makes no file.
  if (!existsSync(folder.lockPath)) return undefined;
  const handle = tryLock(folder);
  if (handle === undefined) return readProcessFile(folder) ?? { processId: 0, startedAt: '' };
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

function readProcessFile(folder: StateFolder): RunningProcess | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(folder.processPath, 'utf8'));
    if (typeof content !== 'object' || content === null) return undefined;
    if (!('processId' in content) || !('startedAt' in content)) return undefined;
    const { processId, startedAt } = content;
    if (typeof processId !== 'number' || typeof startedAt !== 'string') return undefined;
    return { processId, startedAt };
  } catch {
    // The file only serves a message; without it the message is shorter.
    return undefined;
  }
}
