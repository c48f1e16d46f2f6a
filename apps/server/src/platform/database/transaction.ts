import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely, Transaction as KyselyTransaction } from 'kysely';
import { DatabaseError } from './database.errors.ts';
import type { Schema } from './schema.ts';
import { createUnavailableError, findSqlState, isConnectionLost, SqlState } from './sql-state.ts';

/** What modules query. A transaction is one too, so that a store takes either. */
export type Database = Kysely<Schema>;
export type Transaction = KyselyTransaction<Schema>;

export interface TransactionOptions {
  readonly isolation?: 'read committed' | 'repeatable read' | 'serializable';
  readonly isReadOnly?: boolean;
  /** How often the whole work is tried before its failure stands. */
  readonly maxAttempts?: number;
}

/**
 * Runs `work` in one transaction: all of it or nothing.
 *
 * `work` may run more than once: when two transactions met (serialization failure, deadlock) or when the
 * connection was lost before the commit was sent. It must therefore touch nothing but the database.
 *
 * @throws DatabaseError DATABASE_UNAVAILABLE with retry `safe` when nothing was committed, and with retry
 *   `outcome-unknown` when the connection was lost during the commit itself
 */
export async function inTransaction<Result>(
  db: Database,
  work: (transaction: Transaction) => Promise<Result>,
  options: TransactionOptions = {},
): Promise<Result> {
  const maxAttempts = options.maxAttempts ?? 4;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await attemptOnce(db, work, options);
    if (outcome.kind === 'committed') return outcome.result;
    if (!outcome.isRepeatable) throw outcome.error;
    if (attempt >= maxAttempts) {
      throw isLostConnection(outcome.error) ? createUnavailableError(outcome.error, 'safe') : outcome.error;
    }
    // Growing pauses that differ by process id, so that two that met do not meet again in step.
    await delay(5 * 2 ** attempt + (process.pid % 7));
  }
}

const afterCommit = new WeakMap<Transaction, Set<() => void>>();

/** Calls `listener` once when this transaction has been committed, and not when it is taken back. It must not throw. */
export function onCommitted(transaction: Transaction, listener: () => void): void {
  const listeners = afterCommit.get(transaction) ?? new Set();
  listeners.add(listener);
  afterCommit.set(transaction, listeners);
}

type Outcome<Result> =
  | { readonly kind: 'committed'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown; readonly isRepeatable: boolean };

type StartedTransaction = Awaited<ReturnType<ReturnType<Database['startTransaction']>['execute']>>;

async function attemptOnce<Result>(
  db: Database,
  work: (transaction: Transaction) => Promise<Result>,
  options: TransactionOptions,
): Promise<Outcome<Result>> {
  let builder = db.startTransaction();
  if (options.isolation !== undefined) builder = builder.setIsolationLevel(options.isolation);
  if (options.isReadOnly === true) builder = builder.setAccessMode('read only');
  let transaction: StartedTransaction;
  try {
    transaction = await builder.execute();
  } catch (error) {
    // A connection that was lost at BEGIN did nothing. One that could not be had was waited for already.
    return { kind: 'failed', error, isRepeatable: isOutcomeUnknown(error) };
  }
  let result: Result;
  try {
    result = await work(transaction);
  } catch (error) {
    await giveBack(transaction);
    return { kind: 'failed', error, isRepeatable: isConflict(error) || isLostConnection(error) };
  }
  try {
    await transaction.commit().execute();
  } catch (error) {
    await giveBack(transaction);
    // A serialization failure at COMMIT is an answer: nothing was committed. A lost connection is none.
    return { kind: 'failed', error, isRepeatable: isConflict(error) };
  }
  for (const listener of afterCommit.get(transaction) ?? []) listener();
  return { kind: 'committed', result };
}

/**
 * Ends a transaction that failed, at its work or at its commit: only this gives its connection back to the pool, which
 * throws a dead one away. Its own failure is not the one to report.
 */
async function giveBack(transaction: StartedTransaction): Promise<void> {
  await transaction
    .rollback()
    .execute()
    .catch(() => {});
}

function isConflict(error: unknown): boolean {
  const state = findSqlState(error);
  return state === SqlState.SerializationFailure || state === SqlState.DeadlockDetected;
}

function isOutcomeUnknown(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    error.code === 'DATABASE_UNAVAILABLE' &&
    error.retry === 'outcome-unknown'
  );
}

function isLostConnection(error: unknown): boolean {
  return isOutcomeUnknown(error) || isConnectionLost(error);
}
