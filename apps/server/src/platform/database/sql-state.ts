import { DatabaseError } from './database.errors.ts';

/** The SQLSTATE codes that this server decides by. */
export const SqlState = {
  UniqueViolation: '23505',
  CheckViolation: '23514',
  SerializationFailure: '40001',
  DeadlockDetected: '40P01',
  ReadOnly: '25006',
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
  if (findSqlState(error) !== SqlState.UniqueViolation) return false;
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

// 57P01 to 57P05: shut down, crashed, starting up, dropped, idle for too long. 25P03 and 25P04: the same of a transaction.
const STATES_OF_A_LOST_CONNECTION = /^(08...|57P0[12345]|25P0[34])$/;

/** True when the connection is gone or was never there; says nothing about what the server did with the statement. */
export function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const state = findSqlState(error);
  if (state !== undefined)
    return STATES_OF_A_LOST_CONNECTION.test(state) || SYSTEM_ERRORS_OF_A_LOST_CONNECTION.has(state);
  return DRIVER_TEXTS_OF_A_LOST_CONNECTION.has(error.message);
}

/** True when every connection of the pool stayed in use for the whole time of waiting. */
export function isPoolExhausted(error: unknown): boolean {
  return error instanceof Error && error.message === POOL_EXHAUSTED_TEXT;
}

/** What the database cannot do at present, whatever it is asked: not the fault of the work that met it. */
const CODES_OF_TROUBLE: ReadonlySet<string> = new Set([
  'DATABASE_UNAVAILABLE',
  'DATABASE_BUSY',
  'DATABASE_READ_ONLY',
  'DATABASE_DISK_FULL',
  'DATABASE_STORAGE_FAILED',
  'DATABASE_SIGN_IN_REFUSED',
]);

/**
 * True when the same work may succeed later without a change of it: the database is away, refuses whoever signs in, only lets itself be
 * read, has no room, or two transactions met. Background work pauses on it instead of failing.
 */
export function isTransientDatabaseError(error: unknown): boolean {
  if (error instanceof DatabaseError && CODES_OF_TROUBLE.has(error.code)) return true;
  return isPoolExhausted(error) || wrapStatementError(error) !== error;
}

/** What callers see instead of an error of a statement that the database itself could not carry out. */
export function wrapStatementError(error: unknown): unknown {
  if (error instanceof DatabaseError) return error;
  if (isConnectionLost(error)) return createUnavailableError(error, 'outcome-unknown');
  const state = findSqlState(error);
  switch (state) {
    case SqlState.ReadOnly:
      return createReadOnlyError(error);
    case SqlState.DiskFull:
      // A panic ends the whole database in the middle of its work, perhaps after the commit was on disk.
      return createDiskFullError(error, isPanic(error) ? 'outcome-unknown' : 'safe');
    case SqlState.SerializationFailure:
    case SqlState.DeadlockDetected:
    case SqlState.LockNotAvailable:
      return createBusyError(error, 'Other changes of the same things went first.');
    case SqlState.QueryCanceled:
      return createBusyError(error, 'The database did not finish in time.');
    default:
  }
  // Class 53: no memory, no connections, no files. Class 58: its files and the system below it.
  if (state?.startsWith('53') === true)
    return createBusyError(error, 'The database has no room for more work.');
  if (/^58.../.test(state ?? '')) return createStorageError(error, state ?? '');
  return error;
}

/** The same for the beginning of a connection: a refusal at sign-in does not pass by waiting. */
export function wrapConnectError(error: unknown): unknown {
  const state = error instanceof DatabaseError ? undefined : findSqlState(error);
  // Class 28: authorisation. 3D000: no such database. 42501: no right to connect.
  if (state === undefined || !(state.startsWith('28') || state === '3D000' || state === '42501')) {
    return wrapStatementError(error);
  }
  return new DatabaseError(
    'DATABASE_SIGN_IN_REFUSED',
    'The database refuses the user, the password or the database name.',
    {
      cause: error,
      retry: 'safe',
      facts: { sqlState: state },
      remedy: 'Check the user, the password and the database name in HOLDFAST_DATABASE_URL.',
    },
  );
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

/** The text says what is in the way. */
export function createBusyError(cause: unknown, text: string): DatabaseError {
  return new DatabaseError('DATABASE_BUSY', text, {
    cause,
    retry: 'safe',
    remedy:
      'Try again in a moment. If it happens often, the server has more work than its database can take.',
  });
}

export function createReadOnlyError(cause: unknown): DatabaseError {
  return new DatabaseError(
    'DATABASE_READ_ONLY',
    'The database can only be read at present; nothing was changed.',
    {
      cause,
      retry: 'safe',
      remedy:
        'Have the database take changes again (default_transaction_read_only off, the standby promoted), or point HOLDFAST_DATABASE_URL to the one that does. Holdfast goes on by itself.',
    },
  );
}

export function createDiskFullError(cause: unknown, retry: 'safe' | 'outcome-unknown'): DatabaseError {
  return new DatabaseError('DATABASE_DISK_FULL', 'The database cannot write because its disk is full.', {
    cause,
    retry,
    remedy:
      'Free space on the file system that holds the database, then repeat the request. Holdfast goes on by itself.',
  });
}

function createStorageError(cause: unknown, sqlState: string): DatabaseError {
  return new DatabaseError('DATABASE_STORAGE_FAILED', 'The database cannot read or write its files.', {
    cause,
    retry: 'outcome-unknown',
    facts: { sqlState },
    remedy: 'Look at the log of the database, and at the disk that holds it.',
  });
}
