import { AgentStateError, createDiskFullError } from './state.errors.ts';

// Primary result codes of SQLite, https://www.sqlite.org/rescode.html
const SQLITE_BUSY = 5;
const SQLITE_READONLY = 8;
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_CANTOPEN = 14;
const SQLITE_NOTADB = 26;
const ROOM_CODES: ReadonlySet<number> = new Set([
  SQLITE_READONLY,
  SQLITE_IOERR,
  SQLITE_FULL,
  SQLITE_CANTOPEN,
]);

/** Runs what uses the database at this path; what SQLite throws of its file becomes a failure with a code and a remedy. */
export function guardState<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    const code = findSqliteCode(error);
    if (code === undefined) throw error;
    if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) throw createDamagedError(path, error);
    if (code === SQLITE_BUSY) throw createHeldError(path, error);
    if (ROOM_CODES.has(code)) throw createDiskFullError(path, error);
    throw error;
  }
}

/** The primary code, which is the low byte of an extended one; `undefined` when SQLite did not throw it. */
function findSqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined;
  return error.errcode & 0xff;
}

/** True for what means that nothing can be written now, and may be again later. */
export function isRoomMissing(error: unknown): boolean {
  return ROOM_CODES.has(findSqliteCode(error) ?? 0);
}

function createHeldError(path: string, cause: unknown): AgentStateError {
  return new AgentStateError('STATE_HELD', `${path} is held by another process.`, {
    cause,
    retry: 'safe',
    remedy:
      'Try again. If it stays so, the agent holds it because the disk of the state folder is full: free some space there.',
    facts: { file: path },
  });
}

export function createDamagedError(path: string, cause?: unknown): AgentStateError {
  return new AgentStateError('STATE_DAMAGED', `The agent's state file ${path} is damaged.`, {
    cause,
    remedy:
      'Restore the file from a backup, or move it away and enrol again with a new token: the key stays, so the ' +
      'device comes back to its old record. Commands that were recorded in it are lost. Nothing was changed.',
    facts: { file: path },
  });
}
