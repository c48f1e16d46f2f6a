import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { longestWaitMs } from '../back-off.ts';
import type { ClockWitness } from '../clock/clock-witness.store.ts';
import type { LiveViews } from '../live/live-views.ts';
import {
  type Database,
  inTransaction,
  isTransientDatabaseError,
  isValueRefused,
  onCommitted,
  type Transaction,
} from '../database/index.ts';
import type { DomainEventsService } from '../events/domain-events.ts';
import type { Tick, TickOutcome, Ticks } from '../ticks/ticks.ts';
import {
  bringForward,
  claimDueJobs,
  countOverdueJobs,
  deleteFinishedJobs,
  endAttempt,
  hasSucceeded,
  insertJob,
  type JobEnd,
  listOtherLeases,
  pullForward,
  renewLeases,
} from './job.store.ts';
import { type JobMetrics, registerJobMetrics } from './job-metrics.ts';
import { createLeaseLost, decideFailure, JobRun, type JobRunParts } from './job-run.ts';
import { JobError } from './jobs.errors.ts';
import { describeGivenUp, jobEvents } from './jobs.events.ts';
import type { EnqueueOptions, JobKind, JobQueue, Jobs, Pruning } from './jobs.ts';
import { type KnownKind, settleKind, storePayload } from './known-kind.ts';
import { LeaseWatch } from './lease-watch.ts';
import { createPruneKind } from './pruning.ts';
import { SCHEDULE_KEY, ScheduleKeeper } from './schedule-keeper.ts';

export interface JobRunnerParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly clockWitness: Pick<ClockWitness, 'isBelievable'>;
  readonly log: Logger;
  readonly events: Pick<DomainEventsService, 'define' | 'record'>;
  readonly live: Pick<LiveViews, 'tell'>;
  readonly ticks: Ticks;
  readonly metrics: Registry;
  readonly createId: () => string;
  /** For schedules that name none. */
  readonly timeZone: string;
  /** 0 to 1. */
  readonly random?: () => number;
  /** How long a stop waits for work that does not end. */
  readonly stopLimitMs?: number;
}

const TURN_MS = 500;
/** Between two looks at jobs that nobody here has asked for just now: retries, schedules, what another process left. */
const REST_MS = 2_000;
const STOP_LIMIT_MS = 10_000;
const COUNT_INTERVAL_MS = 15_000;
const FINISHED_MS = 30 * 86_400_000;
const DEAD_MS = 90 * 86_400_000;
const PRUNE_BATCH = 5_000;

/**
 * Has jobs done: takes what is due, renews its leases, writes how it ended, takes over what a dead process left, and asks for what a
 * schedule says. Any number of processes may do this on one database.
 */
export class JobRunner implements Jobs {
  readonly #parts: JobRunnerParts;
  readonly #kinds = new Map<string, KnownKind>();
  readonly #prunings: Pruning[] = [];
  /** By lease: of one job there may be an attempt that has lost it and one that goes on. */
  readonly #runs = new Map<string, JobRun>();
  readonly #works = new Set<Promise<void>>();
  /** Ended, and the database did not take that: it was away, or refused it. */
  readonly #unwritten = new Set<JobRun>();
  #turning: Promise<void> = Promise.resolve();
  readonly #schedules: ScheduleKeeper;
  readonly #watch = new LeaseWatch();
  readonly #metrics: JobMetrics;
  #overdue = { count: 0, oldestSeconds: 0 };
  #countedAtMs = Number.NEGATIVE_INFINITY;
  /** By the wall clock. At the first look everything may be ahead of it. */
  #claimedAtMs = Number.POSITIVE_INFINITY;
  #tick: Tick | undefined;
  #isStopping = false;
  #hasNews = false;

  constructor(parts: JobRunnerParts) {
    this.#parts = parts;
    this.#metrics = registerJobMetrics(parts.metrics, () => this.#overdue);
    this.#schedules = new ScheduleKeeper(parts, this.#kinds, async (transaction, kind) => {
      await this.#enqueue(transaction, kind, {}, { uniqueKey: SCHEDULE_KEY });
    });
    parts.events.define(jobEvents);
    this.register(createPruneKind(this.#prunings, parts));
    this.registerPruning({
      what: 'finished jobs',
      prune: async (now, signal) => await this.#pruneJobs(now, signal),
    });
  }

  get kinds(): ReadonlyMap<string, KnownKind> {
    return this.#kinds;
  }

  register<Payload>(definition: JobKind<Payload>): JobQueue<Payload> {
    const known = settleKind(definition, this.#parts.timeZone);
    if (this.#kinds.has(known.kind)) throw new TypeError(`The kind of job ${known.kind} is there already`);
    this.#kinds.set(known.kind, known);
    return {
      enqueue: async (transaction, payload, options) => {
        return await this.#enqueue(transaction, known, storePayload(definition, payload), options);
      },
    };
  }

  registerPruning(pruning: Pruning): void {
    this.#prunings.push(pruning);
  }

  /** Asks for a job of a kind whose payload has been looked at. */
  async #enqueue(
    transaction: Transaction,
    kind: Pick<KnownKind, 'kind' | 'maxAttempts'>,
    payload: unknown,
    options: EnqueueOptions = {},
  ): Promise<string | undefined> {
    const { clock, createId } = this.#parts;
    const createdAt = new Date(clock.now());
    const id = createId();
    const isNew = await insertJob(transaction, {
      id,
      kind: kind.kind,
      payload,
      uniqueKey: options.uniqueKey ?? null,
      requestedBy: options.requestedBy ?? null,
      createdAt,
      runAt: options.runAt ?? createdAt,
      maxAttempts: kind.maxAttempts,
    });
    onCommitted(transaction, () => this.notice());
    return isNew ? id : undefined;
  }

  /**
   * Has a kind that has a schedule run now. What waits already is brought forward.
   *
   * @returns the id of the job
   * @throws JobError JOB_SCHEDULE_NOT_FOUND, JOB_RUNNING
   */
  async requestNow(transaction: Transaction, kind: string, requestedBy?: string): Promise<string> {
    const known = this.#kinds.get(kind);
    if (known?.schedule === undefined) throw createScheduleNotFound();
    const now = new Date(this.#parts.clock.now());
    const by = requestedBy === undefined ? {} : { requestedBy };
    // Of two who come at once, the second finds what the first has made.
    const id =
      (await bringForward(transaction, { kind, uniqueKey: SCHEDULE_KEY, now, ...by })) ??
      (await this.#enqueue(transaction, known, {}, { uniqueKey: SCHEDULE_KEY, ...by })) ??
      (await bringForward(transaction, { kind, uniqueKey: SCHEDULE_KEY, now, ...by }));
    if (id !== undefined) return id;
    throw new JobError('JOB_RUNNING', 'This job is running already.', {
      remedy: 'Wait for its end, or cancel it.',
    });
  }

  /** Reads how far the schedules have come, and begins. */
  async start(): Promise<void> {
    await this.#schedules.adopt();
    this.#tick = this.#parts.ticks.every('jobs.turn', TURN_MS, async () => await this.turn(), {
      restMs: REST_MS,
    });
  }

  /** Something has changed from outside: a turn comes at once, and open views hear of it. */
  notice(): void {
    this.#hasNews = true;
    this.#tick?.wake();
  }

  /** Tells the work of a job that it is to end, where this process does it; another process hears of it with its next renewal. */
  cancelRuns(jobId: string): void {
    for (const run of this.#runs.values()) if (run.job.id === jobId) run.abort(createCancelled());
  }

  /** One look at everything. Work that it begins goes on after it. */
  async turn(): Promise<TickOutcome> {
    this.#turning = this.#turn();
    await this.#turning;
    return this.#runs.size === 0 && this.#unwritten.size === 0 ? 'rest' : undefined;
  }

  async #turn(): Promise<void> {
    await this.#renew();
    for (const run of this.#unwritten) await this.#conclude(run);
    if (!this.#isStopping) {
      await this.#schedules.follow();
      await this.#takeOver();
      await this.#claim();
    }
    await this.#countOverdue();
    if (!this.#hasNews) return;
    this.#hasNews = false;
    this.#parts.live.tell({ event: { type: 'jobs' }, permission: 'system:read' });
  }

  /** Resolves when no work is under way. */
  async settled(): Promise<void> {
    while (this.#works.size > 0) await Promise.all(this.#works);
  }

  /** Tells work to end, waits for it within bounds, and gives back what was not finished, so that the next start goes on with it at once. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const run of this.#runs.values()) run.abort(createServerStops());
    const patience = new AbortController();
    const limit = delay(this.#parts.stopLimitMs ?? STOP_LIMIT_MS, undefined, { signal: patience.signal });
    // A turn that is under way may begin something yet, and ends it at once. Its failure is reported where it was begun.
    const rest = this.#turning.catch(() => {}).then(async () => await this.settled());
    await Promise.race([rest, limit]);
    patience.abort();
    await limit.catch(() => {}); // It was cut short, and that is how it ends.
    for (const { job } of this.#runs.values()) {
      // Its lease stands still from now on, and whoever starts next takes it over.
      this.#parts.log.warn({ job: job.id, kind: job.kind }, 'a job was not given back in time');
    }
  }

  async #renew(): Promise<void> {
    const held = [...this.#runs.values()].filter((run) => run.end === undefined && !run.hasCompleted);
    if (held.length === 0) return;
    const leases = held.map(({ lease }) => lease);
    const standing = await renewLeases(this.#parts.database, leases);
    for (const [index, run] of held.entries()) {
      const lease = standing.get(run.job.leaseToken);
      if (lease === undefined) await this.#judgeMissing(run);
      else if (lease.isCancelled) run.abort(createCancelled());
      if (run.noteWritten(leases[index]?.progress ?? null)) this.#hasNews = true;
    }
  }

  /** The lease of a run is there no more: another process has the job, or the run has ended it itself meanwhile. */
  async #judgeMissing(run: JobRun): Promise<void> {
    if (run.end !== undefined || run.hasCompleted) return;
    if (run.hasTriedToComplete && (await hasSucceeded(this.#parts.database, run.lease))) return;
    run.abort(createLeaseLost());
  }

  async #takeOver(): Promise<void> {
    const { database, clock, log } = this.#parts;
    const parts = this.#runParts();
    const leases = await listOtherLeases(database, {
      kinds: [...this.#kinds.keys()],
      ownTokens: [...this.#runs.keys()],
    });
    const timed = leases.flatMap((lease) => {
      const known = this.#kinds.get(lease.kind);
      return known === undefined ? [] : [{ ...lease, leaseMs: known.leaseMs, backOff: known.backOff }];
    });
    for (const lease of this.#watch.look(timed, clock.monotonic())) {
      const error = new JobError('JOB_WORKER_LOST', 'The server ended while it did this.', { retry: 'safe' });
      const end = decideFailure(lease, error, { ...parts, backOff: lease.backOff });
      const state = await this.#end(lease, lease, end);
      if (state === undefined) continue;
      log.warn(
        { job: lease.id, kind: lease.kind, state },
        'a job was taken over from a process that is gone',
      );
      this.#metrics.countEnd(lease.kind, state);
      this.#hasNews = true;
    }
  }

  async #claim(): Promise<void> {
    const parts = this.#runParts();
    const rooms = new Map([...this.#kinds.values()].map(({ kind, concurrency }) => [kind, concurrency]));
    for (const { job } of this.#runs.values()) rooms.set(job.kind, (rooms.get(job.kind) ?? 0) - 1);
    for (const [kind, room] of rooms) if (room <= 0) rooms.delete(kind);
    const now = parts.now();
    if (now.getTime() < this.#claimedAtMs) {
      const longestMs = Math.max(...[...this.#kinds.values()].map(({ backOff }) => longestWaitMs(backOff)));
      await pullForward(parts.database, { now, latestRetry: new Date(now.getTime() + longestMs) });
    }
    this.#claimedAtMs = now.getTime();
    for (const job of await claimDueJobs(parts.database, { rooms, now })) {
      const kind = this.#kinds.get(job.kind);
      if (kind === undefined) throw new Error(`A job of the unknown kind ${job.kind} was claimed`);
      const run = new JobRun(job, kind, parts);
      this.#runs.set(job.leaseToken, run);
      // A stop that came while the question was under way has told the others.
      if (this.#isStopping) run.abort(createServerStops());
      const work = this.#perform(run);
      this.#works.add(work);
      void work.finally(() => this.#works.delete(work));
      this.#hasNews = true;
    }
  }

  async #perform(run: JobRun): Promise<void> {
    await run.perform();
    await this.#conclude(run);
    this.notice();
  }

  /** Writes how a run ended, now or with a later turn. Never throws: the end of one job keeps no other one from being done. */
  async #conclude(run: JobRun): Promise<void> {
    try {
      await this.#writeEnd(run);
    } catch (error) {
      const { id, kind } = run.job;
      this.#unwritten.add(run);
      if (isTransientDatabaseError(error)) return;
      this.#parts.log.error({ err: error, job: id, kind }, 'the end of a job was not written');
      if (isValueRefused(error)) run.giveUp();
    }
  }

  async #writeEnd(run: JobRun): Promise<void> {
    const { database, log } = this.#parts;
    const { end, lease } = run;
    if (end === undefined) return;
    const { id, kind, leaseToken } = run.job;
    const written = await this.#end(run.job, lease, end);
    const isByItself =
      written === undefined && run.hasTriedToComplete && (await hasSucceeded(database, lease));
    this.#runs.delete(leaseToken);
    this.#unwritten.delete(run);
    const state = isByItself ? 'succeeded' : written;
    this.#metrics.countEnd(kind, state ?? 'lost');
    if (state === undefined)
      log.warn({ job: id, kind }, 'a job ended here after another process had taken it over');
    if (state === 'dead') log.error({ job: id, kind }, 'a job was given up');
  }

  /** Writes the end of an attempt; that a job was given up is told with it. */
  async #end(
    job: { readonly id: string; readonly kind: string; readonly attempts: number },
    lease: Parameters<typeof endAttempt>[1],
    end: JobEnd,
  ): Promise<JobEnd['state'] | undefined> {
    const { database, events } = this.#parts;
    const now = this.#runParts().now();
    if (end.state !== 'dead') return await endAttempt(database, lease, end, now);
    return await inTransaction(database, async (transaction) => {
      const state = await endAttempt(transaction, lease, end, now);
      const title = this.#kinds.get(job.kind)?.title ?? job.kind;
      if (state === 'dead') await events.record(transaction, describeGivenUp({ ...job, title }, end.failure));
      return state;
    });
  }

  #runParts(): JobRunParts {
    const { database, clock, log, random = Math.random } = this.#parts;
    return { database, log, random, now: () => new Date(clock.now()) };
  }

  async #countOverdue(): Promise<void> {
    const { database, clock } = this.#parts;
    if (clock.monotonic() - this.#countedAtMs < COUNT_INTERVAL_MS) return;
    const nowMs = clock.now();
    const { count, oldestAt } = await countOverdueJobs(database, new Date(nowMs));
    this.#countedAtMs = clock.monotonic();
    this.#overdue = { count, oldestSeconds: oldestAt === null ? 0 : (nowMs - oldestAt.getTime()) / 1000 };
  }

  async #pruneJobs(now: Date, signal: AbortSignal): Promise<number> {
    const before = {
      finishedAt: new Date(now.getTime() - FINISHED_MS),
      deadAt: new Date(now.getTime() - DEAD_MS),
    };
    let total = 0;
    for (;;) {
      signal.throwIfAborted();
      const removed = await deleteFinishedJobs(this.#parts.database, before, PRUNE_BATCH);
      total += removed;
      if (removed < PRUNE_BATCH) return total;
    }
  }
}

export function createScheduleNotFound(): JobError {
  return new JobError('JOB_SCHEDULE_NOT_FOUND', 'There is no such schedule.', {
    remedy: 'Look at the list of schedules.',
  });
}

function createServerStops(): JobError {
  return new JobError('JOB_SERVER_STOPS', 'The server stops.', { retry: 'safe' });
}

function createCancelled(): JobError {
  return new JobError('JOB_CANCELLED', 'The job was cancelled.');
}
