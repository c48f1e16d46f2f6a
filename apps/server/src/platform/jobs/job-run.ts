import { AppError } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { type BackOff, backOffMs } from '../back-off.ts';
import { type Database, isTransientDatabaseError, onCommitted } from '../database/index.ts';
import { storedLength, toStorable, toStorableText } from '../database/storable-text.ts';
import { type ClaimedJob, endAttempt, type JobEnd, lockLease, type StoredProgress } from './job.store.ts';
import { JobError, type JobErrorCode } from './jobs.errors.ts';
import type { JobContext, JobProgress, JobResult } from './jobs.ts';
import type { KnownKind } from './known-kind.ts';

const MAX_TEXT = 200;
const MAX_MESSAGE = 2_000;
/** Of the result as it is stored. */
const MAX_RESULT_CHARACTERS = 16_384;

const END_REFUSED = {
  code: 'JOB_END_REFUSED' satisfies JobErrorCode,
  message: 'How it ended could not be written down; the log of the server says more.',
};

export interface JobRunParts {
  readonly database: Database;
  readonly log: Logger;
  readonly now: () => Date;
  /** 0 to 1. */
  readonly random: () => number;
}

/** One attempt that this process is making. */
export class JobRun {
  readonly job: ClaimedJob;
  readonly #kind: KnownKind;
  readonly #parts: JobRunParts;
  readonly #aborting = new AbortController();
  #progress: StoredProgress | null = null;
  #written: StoredProgress | null = null;
  #hasTriedToComplete = false;
  #hasCompleted = false;
  /** How it ended, once it has. */
  end: JobEnd | undefined;

  constructor(job: ClaimedJob, kind: KnownKind, parts: JobRunParts) {
    this.job = job;
    this.#kind = kind;
    this.#parts = parts;
  }

  get lease(): { readonly id: string; readonly token: string; readonly progress: StoredProgress | null } {
    return { id: this.job.id, token: this.job.leaseToken, progress: this.#progress };
  }

  /** True once the run has ended the job itself. */
  get hasCompleted(): boolean {
    return this.#hasCompleted;
  }

  /** True once it has told the database so: what became of that transaction it may not know yet, or never learn. */
  get hasTriedToComplete(): boolean {
    return this.#hasTriedToComplete;
  }

  /** What of the progress is on disk now. True when that is news. */
  noteWritten(progress: StoredProgress | null): boolean {
    const isNews = progress !== this.#written;
    this.#written = progress;
    return isNews;
  }

  /** Tells the work to end. The first reason stands. */
  abort(reason: JobError): void {
    this.#aborting.abort(reason);
  }

  /** The database refuses the end that was reached: the job ends as one that was given up, which it takes. */
  giveUp(): void {
    this.#progress = null;
    this.end = { state: 'dead', failure: END_REFUSED };
  }

  /** Does the work and decides what its end means. Never throws. */
  async perform(): Promise<void> {
    this.end = await this.#perform();
  }

  async #perform(): Promise<JobEnd> {
    const { id, kind, attempts: attempt, payload } = this.job;
    try {
      const result = (await this.#kind.work(this.#context(), payload)) ?? null;
      return { state: 'succeeded', result: result === null ? null : toStoredResult(result) };
    } catch (error) {
      const reason: unknown = this.#aborting.signal.reason;
      const code = reason instanceof JobError ? reason.code : undefined;
      if (code === 'JOB_SERVER_STOPS') return { state: 'waiting' };
      if (code === 'JOB_CANCELLED') return { state: 'cancelled' };
      this.#parts.log.warn({ err: error, job: id, kind, attempt }, 'an attempt at a job failed');
      return decideFailure(this.job, error, { ...this.#parts, backOff: this.#kind.backOff });
    }
  }

  #context(): Omit<JobContext<unknown>, 'payload'> {
    const { id, leaseToken: token, attempts } = this.job;
    return {
      jobId: id,
      attempt: attempts,
      signal: this.#aborting.signal,
      reportProgress: (progress) => this.#reportProgress(progress),
      holdLease: async (transaction) => {
        if (!(await lockLease(transaction, { id, token }))) throw createLeaseLost();
      },
      complete: async (transaction, result) => {
        this.#hasTriedToComplete = true;
        const stored = result === undefined ? null : toStoredResult(result);
        const end = { state: 'succeeded', result: stored } as const;
        const state = await endAttempt(transaction, this.lease, end, this.#parts.now());
        if (state === undefined) throw createLeaseLost();
        // Taken back, the job goes on, and so does its lease.
        onCommitted(transaction, () => {
          this.#hasCompleted = true;
        });
      },
    };
  }

  #reportProgress({ done, total, text }: JobProgress): void {
    const count = toCount('done', done);
    const before = this.#progress;
    // Late news of work that goes on in several places at once: what was reported stays.
    if (before !== null && count < before.done) return;
    this.#progress = {
      done: count,
      total: total === undefined ? null : Math.max(count, toCount('total', total)),
      text: text === undefined ? null : toStorableText(text, MAX_TEXT),
    };
  }
}

export function createLeaseLost(): JobError {
  return new JobError('JOB_LEASE_LOST', 'Another process has taken this job over.', { retry: 'safe' });
}

/** Whether a failed attempt was the last one. */
export function decideFailure(
  job: Pick<ClaimedJob, 'attempts' | 'maxAttempts'>,
  error: unknown,
  retry: { readonly backOff: BackOff; readonly random: () => number; readonly now: () => Date },
): JobEnd {
  const isFinal = error instanceof AppError && error.retry === 'never';
  const failure = describe(error);
  // The database does not take the work at present: that is no fault of it, and no reason to give it up.
  const isBorne = isTransientDatabaseError(error);
  if (isFinal || (job.attempts >= job.maxAttempts && !isBorne)) return { state: 'dead', failure };
  const waitMs = backOffMs(retry.backOff, job.attempts, retry.random());
  return { state: 'failed', runAt: new Date(retry.now().getTime() + waitMs), failure };
}

/** What people may read. The text of an error that nobody expected may hold anything; it goes to the log only. */
function describe(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof AppError)) {
    return { code: 'INTERNAL_ERROR', message: 'It failed unexpectedly; the log of the server says more.' };
  }
  const { code, message, remedy } = error;
  return {
    code,
    message: toStorableText(remedy === undefined ? message : `${message} ${remedy}`, MAX_MESSAGE),
  };
}

function toCount(name: string, value: number): number {
  const count = Math.floor(value);
  if (Number.isSafeInteger(count) && count >= 0) return count;
  throw new RangeError(`"${name}" expected a number from 0 to 2^53-1, got ${value}`);
}

function toStoredResult(result: JobResult): JobResult {
  const stored = toStorable(result) as JobResult;
  const characters = storedLength(stored);
  if (characters <= MAX_RESULT_CHARACTERS) return stored;
  throw new RangeError(`"result" expected at most ${MAX_RESULT_CHARACTERS} characters, got ${characters}`);
}
