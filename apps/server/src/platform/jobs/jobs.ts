import type { Transaction } from '../database/database.ts';
import type { BackOff } from '../back-off.ts';
import type { ScheduleTimes } from './job-schedule.ts';

/** What a job tells people at its end: short names with numbers or words. */
export type JobResult = Readonly<Record<string, number | string | boolean>>;

/** One kind of job, declared by the module that does the work. Nothing else knows the kinds. */
export interface JobKind<Payload> {
  /** Stays as it is: it is stored. `module.what`. */
  readonly kind: string;
  readonly title: string;
  /** One sentence for administrators: what it does, and what it means when it does not. */
  readonly description: string;
  /** When it runs by itself; such a kind has no payload. */
  readonly schedule?: ScheduleTimes;
  /** How many of this kind run at once in one process; 1 unless told. */
  readonly concurrency?: number;
  /** Another process takes over when nothing was heard of a run for so long; 30 seconds unless told. */
  readonly leaseMs?: number;
  /** How often it is begun before it is given up; 5 unless told. */
  readonly maxAttempts?: number;
  /** How long it waits after a failure; from 10 seconds to an hour unless told. */
  readonly backOff?: BackOff;
  /** What was stored may come from an older release. A throw ends the job without another attempt. */
  readonly parsePayload: (stored: unknown) => Payload;
  /**
   * The work. It may be begun again after it was interrupted anywhere: what must not happen twice is written in the transaction that
   * `complete` ends. A throw is a failed attempt; an `AppError` that says retry `never` is the last one.
   */
  readonly run: (context: JobContext<Payload>) => Promise<JobResult | void>;
}

export interface JobProgress {
  readonly done: number;
  /** Absent while nobody knows. */
  readonly total?: number;
  readonly text?: string;
}

/** One attempt at a job. */
export interface JobContext<Payload> {
  readonly jobId: string;
  readonly payload: Payload;
  /** 1 at the first. */
  readonly attempt: number;
  /** Aborts when the job is cancelled, the server stops, or another process has taken the job over. */
  readonly signal: AbortSignal;
  /** May be called as often as one likes: written about twice a second. Never goes back. */
  reportProgress(progress: JobProgress): void;
  /**
   * Proves that this attempt still holds the job, and holds it until the transaction ends.
   *
   * @throws JobError JOB_LEASE_LOST
   */
  holdLease(transaction: Transaction): Promise<void>;
  /**
   * Ends the job as succeeded with the transaction of its effect: both are on disk or neither is. Once the last thing a run does.
   *
   * @throws JobError JOB_LEASE_LOST
   */
  complete(transaction: Transaction, result?: JobResult): Promise<void>;
}

export interface EnqueueOptions {
  /** As soon as possible unless told. */
  readonly runAt?: Date;
  /** At most one unfinished job of the kind carries the same key. */
  readonly uniqueKey?: string;
  /** Name of whoever asked for it, where that is not the server itself. */
  readonly requestedBy?: string;
}

/** The way to have jobs of one kind done. */
export interface JobQueue<Payload> {
  /**
   * Asks for a job in the transaction of the caller: with it, or not at all.
   *
   * @returns its id; undefined when an unfinished one has the same key
   * @throws JobError JOB_PAYLOAD_INVALID when the payload is none that the kind would read back, or is too long to be stored
   */
  enqueue(transaction: Transaction, payload: Payload, options?: EnqueueOptions): Promise<string | undefined>;
}

/** Something that the hourly job `prune` removes when it is old. */
export interface Pruning {
  /** What is removed, in words, in the plural: `ended sessions`. */
  readonly what: string;
  /** @returns how many were removed */
  prune(now: Date, signal: AbortSignal): Promise<number>;
}

/** Durable work in the background: what was asked for is done although the server ends in between, and can be seen. */
export interface Jobs {
  /** While the server is put together: what can be asked for, or runs by its schedule. */
  register<Payload>(kind: JobKind<Payload>): JobQueue<Payload>;
  /** While the server is put together: something more to remove when it is old. */
  registerPruning(pruning: Pruning): void;
}

/** For kinds that need to be told nothing. */
export type NoPayload = Readonly<Record<string, never>>;

/** @throws TypeError for anything that is told */
export function parseNoPayload(stored: unknown): NoPayload {
  if (typeof stored === 'object' && stored !== null && Object.keys(stored).length === 0) return {};
  throw new TypeError('"payload" expected an empty object');
}
