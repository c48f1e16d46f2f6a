import { hasCode } from '@holdfast/kernel';
import { DatabaseError } from './database.errors.ts';

/** The SQLSTATE codes that this server decides by. */
export const SqlState = {
  UniqueViolation: '23505',
  ForeignKeyViolation: '23503',
  CheckViolation: '23514',
  SerializationFailure: '40001',
  DeadlockDetected: '40P01',
  DiskFull: '53100',
  TooManyConnections: '53300',
  LockNotAvailable: '55P03',
  QueryCanceled: '57014',
} as const;

const SYSTEM_ERRORS_OF_A_LOST_CONNECTION: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

// The driver reports these as plain errors without a code; its texts are all there is to decide by.
const DRIVER_TEXTS_OF_A_LOST_CONNECTION: ReadonlySet<string> = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout expired',
]);

const POOL_EXHAUSTED_TEXT = 'timeout exceeded when trying to connect';

/** The SQLSTATE or system error code of an error from the driver, also when it is wrapped. */
export function findSqlState(error: unknown): string | undefined {
  if (error instanceof DatabaseError) return findSqlState(error.cause);
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** True when a unique constraint refused the row; with `constraint`, that constraint only. */
export function isUniqueViolation(error: unknown, constraint?: string): boolean {
  return violates(error, SqlState.UniqueViolation, constraint);
}

/** True when a foreign key refused the row; with `constraint`, that constraint only. */
export function isForeignKeyViolation(error: unknown, constraint?: string): boolean {
  return violates(error, SqlState.ForeignKeyViolation, constraint);
}

function violates(error: unknown, state: string, constraint: string | undefined): boolean {
  if (findSqlState(error) !== state) return false;
  if (constraint === undefined) return true;
  return (
    typeof error === 'object' && error !== null && 'constraint' in error && error.constraint === constraint
  );
}

/** True when the database takes no such value, however often it is told: a malformed one, or one that a constraint refuses. */
export function isValueRefused(error: unknown): boolean {
  // Class 22: data exceptions. Class 23: integrity constraint violations.
  return /^2[23]/.test(findSqlState(error) ?? '');
}

/** True when the connection is gone or was never there; says nothing about what the server did with the statement. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = findSqlState(error);
  if (state !== undefined) {
    // Class 08: connection exceptions. 57P01 to 57P03: shut down, crashed, starting up.
    return (
      state.startsWith('08') || /^57P0[123]$/.test(state) || SYSTEM_ERRORS_OF_A_LOST_CONNECTION.has(state)
    );
  }
  return DRIVER_TEXTS_OF_A_LOST_CONNECTION.has(error.message);
}

/** True when every connection of the pool stayed in use for the whole time of waiting. */
export function isPoolExhausted(error: unknown): boolean {
  return error instanceof Error && error.message === POOL_EXHAUSTED_TEXT;
}

/**
 * True when the same work may succeed a little later without anybody's help: the database is away, its
 * connections are all in use, or two transactions met. Background work pauses on it instead of failing.
 */
export function isTransientDatabaseError(error: unknown): boolean {
  if (hasCode(error, 'DATABASE_UNAVAILABLE') || hasCode(error, 'DATABASE_BUSY')) return true;
  const state = findSqlState(error);
  return (
    isConnectionLost(error) ||
    isPoolExhausted(error) ||
    state === SqlState.SerializationFailure ||
    state === SqlState.DeadlockDetected ||
    state === SqlState.LockNotAvailable ||
    state === SqlState.TooManyConnections
  );
}

/** What callers see instead of an error of a statement that the database itself could not carry out. */
export function wrapStatementError(error: unknown): unknown {
  if (isConnectionLost(error)) return createUnavailableError(error, 'outcome-unknown');
  if (findSqlState(error) === SqlState.DiskFull) {
    return new DatabaseError('DATABASE_DISK_FULL', 'The database cannot write because its disk is full.', {
      cause: error,
      // A panic ends the whole database in the middle of its work, perhaps after the commit was on disk.
      retry: isPanic(error) ? 'outcome-unknown' : 'safe',
      remedy: 'Free space on the file system that holds the database, then repeat the request.',
    });
  }
  return error;
}

function isPanic(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'severity' in error && error.severity === 'PANIC';
}

export function createUnavailableError(cause: unknown, retry: 'safe' | 'outcome-unknown'): DatabaseError {
  return new DatabaseError('DATABASE_UNAVAILABLE', 'The database is not available at the moment.', {
    cause,
    retry,
    remedy:
      'Wait a moment and try again. If it stays away, look at the log of the server and of the database.',
  });
}
