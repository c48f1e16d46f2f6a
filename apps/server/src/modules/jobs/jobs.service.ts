import type { AuditAction, Job, JobSchedule, JobState } from '@holdfast/api';
import { type Actor, actorNameOf, requirePermission } from '../../platform/access/actor.ts';
import { inTransaction, isUniqueViolation, type Transaction } from '../../platform/database/index.ts';
import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { createScheduleNotFound, type JobRunner } from '../../platform/jobs/job-runner.ts';
import {
  listSchedules,
  lockSchedule,
  saveSchedule,
  type StoredSchedule,
} from '../../platform/jobs/job-schedule.store.ts';
import { JobError } from '../../platform/jobs/jobs.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  cancelWaitingJob,
  deleteJob,
  findJob,
  type JobListQuery,
  type JobRow,
  listJobRows,
  listLastJobs,
  lockJob,
  markCancelling,
  renewJob,
} from './jobs.store.ts';

const DEFAULT_LIMIT = 100;

export interface JobPage {
  readonly jobs: Job[];
  /** Id before which the next page begins; null at the end. */
  readonly nextBeforeId: string | null;
}

export interface JobServiceDependencies {
  readonly platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry'>;
  readonly runner: JobRunner;
}

/** Jobs and their schedules as administrators see them and act on them. */
export class JobService {
  readonly #platform: Pick<Platform, 'database' | 'clock' | 'recordAuditEntry'>;
  readonly #runner: JobRunner;

  constructor({ platform, runner }: JobServiceDependencies) {
    this.#platform = platform;
    this.#runner = runner;
  }

  async list(
    actor: Actor,
    query: Omit<JobListQuery, 'limit'> & { readonly limit?: number | undefined },
  ): Promise<JobPage> {
    requirePermission(actor, 'system:read');
    const limit = query.limit ?? DEFAULT_LIMIT;
    const rows = await listJobRows(this.#platform.database, { ...query, limit: limit + 1 });
    const page = rows.slice(0, limit);
    return {
      jobs: page.map((row) => this.#toJob(row)),
      nextBeforeId: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }

  /** @throws JobError JOB_NOT_FOUND */
  async get(actor: Actor, id: string): Promise<Job> {
    requirePermission(actor, 'system:read');
    return this.#toJob(requireJob(await findJob(this.#platform.database, id)));
  }

  /** @throws JobError JOB_NOT_FOUND, JOB_OVER */
  async cancel(actor: Actor, id: string, request: RequestFacts): Promise<Job> {
    return await this.#change(actor, id, { action: 'job.cancelled', request }, async (transaction, job) => {
      if (job.state === 'cancelling') return false;
      if (job.state === 'running') await markCancelling(transaction, id);
      else if (isWaiting(job.state)) await cancelWaitingJob(transaction, id, this.#now());
      else throw new JobError('JOB_OVER', 'This job is over already.');
      return true;
    });
  }

  /** @throws JobError JOB_NOT_FOUND, JOB_NOT_STOPPED, JOB_KIND_UNKNOWN, JOB_ALREADY_WAITING */
  async retry(actor: Actor, id: string, request: RequestFacts): Promise<Job> {
    try {
      return await this.#change(actor, id, { action: 'job.retried', request }, async (transaction, job) => {
        if (job.state !== 'failed' && job.state !== 'dead' && job.state !== 'cancelled') {
          throw new JobError(
            'JOB_NOT_STOPPED',
            'Only a job that failed, was given up or was cancelled can be tried again.',
          );
        }
        if (!this.#runner.kinds.has(job.kind)) {
          throw new JobError('JOB_KIND_UNKNOWN', 'This version of Holdfast does not know this kind of job.', {
            remedy: 'Remove the job, or start the version that made it.',
          });
        }
        await renewJob(transaction, { id, now: this.#now(), requestedBy: actorNameOf(actor) });
        return true;
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'job_unique_key_idx')) throw error;
      throw new JobError('JOB_ALREADY_WAITING', 'Another job for the same thing waits or runs already.', {
        cause: error,
        remedy: 'Look at that one instead.',
      });
    }
  }

  /** @throws JobError JOB_NOT_FOUND, JOB_NOT_DEAD */
  async remove(actor: Actor, id: string, request: RequestFacts): Promise<void> {
    requirePermission(actor, 'jobs:manage');
    await inTransaction(this.#platform.database, async (transaction) => {
      const job = requireJob(await lockJob(transaction, id));
      if (job.state !== 'dead')
        throw new JobError('JOB_NOT_DEAD', 'Only a job that was given up can be removed.');
      await deleteJob(transaction, id);
      await this.#record(transaction, actor, { action: 'job.removed', job, request });
    });
    this.#runner.notice();
  }

  async listSchedules(actor: Actor): Promise<JobSchedule[]> {
    requirePermission(actor, 'system:read');
    const { database } = this.#platform;
    const kinds = [...this.#runner.kinds.keys()];
    const [schedules, lastJobs] = [await listSchedules(database, kinds), await listLastJobs(database, kinds)];
    return schedules
      .flatMap((schedule) => this.#toSchedule(schedule, lastJobs) ?? [])
      .sort((left, right) => left.title.localeCompare(right.title, 'en'));
  }

  /** @throws JobError JOB_SCHEDULE_NOT_FOUND, JOB_RUNNING */
  async runNow(actor: Actor, kind: string, request: RequestFacts): Promise<Job> {
    requirePermission(actor, 'jobs:manage');
    const row = await inTransaction(this.#platform.database, async (transaction) => {
      const id = await this.#runner.requestNow(transaction, kind, actorNameOf(actor));
      const job = requireJob(await findJob(transaction, id));
      await this.#record(transaction, actor, { action: 'job.requested', job, request });
      return job;
    });
    this.#runner.notice();
    return this.#toJob(row);
  }

  /** A schedule that goes on does not make up for what lay in the pause. @throws JobError JOB_SCHEDULE_NOT_FOUND */
  async setScheduleState(
    actor: Actor,
    change: { readonly kind: string; readonly state: 'active' | 'paused' },
    request: RequestFacts,
  ): Promise<JobSchedule> {
    requirePermission(actor, 'jobs:manage');
    const { database, recordAuditEntry } = this.#platform;
    const known = this.#runner.kinds.get(change.kind);
    if (known?.schedule === undefined) throw createScheduleNotFound();
    const { schedule, title } = known;
    const saved = await inTransaction(database, async (transaction) => {
      const stored = await lockSchedule(transaction, change.kind, { isPatient: true });
      if (stored === undefined) throw createScheduleNotFound();
      const isPaused = change.state === 'paused';
      if (isPaused === (stored.pausedAt !== null)) return stored;
      const next: StoredSchedule = isPaused
        ? { ...stored, pausedAt: this.#now(), pausedBy: actorNameOf(actor) }
        : { ...stored, state: schedule.begin(this.#now().getTime()), pausedAt: null, pausedBy: null };
      await saveSchedule(transaction, next);
      const action = isPaused ? 'job-schedule.paused' : 'job-schedule.resumed';
      const object = { objectKind: 'job-schedule', objectId: stored.kind, objectName: title } as const;
      await recordAuditEntry(transaction, actor, { action, ...object }, request);
      return next;
    });
    this.#runner.notice();
    const view = this.#toSchedule(saved, await listLastJobs(database, [change.kind]));
    if (view === undefined) throw createScheduleNotFound();
    return view;
  }

  async #change(
    actor: Actor,
    id: string,
    what: { readonly action: AuditAction; readonly request: RequestFacts },
    /** False when nothing had to be changed. */
    change: (transaction: Transaction, job: JobRow) => Promise<boolean>,
  ): Promise<Job> {
    requirePermission(actor, 'jobs:manage');
    const row = await inTransaction(this.#platform.database, async (transaction) => {
      const job = requireJob(await lockJob(transaction, id));
      if (!(await change(transaction, job))) return job;
      await this.#record(transaction, actor, { ...what, job });
      return requireJob(await findJob(transaction, id));
    });
    if (row.state === 'cancelling') this.#runner.cancelRuns(id);
    this.#runner.notice();
    return this.#toJob(row);
  }

  async #record(
    transaction: Transaction,
    actor: Actor,
    {
      action,
      job,
      request,
    }: { readonly action: AuditAction; readonly job: JobRow; readonly request: RequestFacts },
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      actor,
      {
        action,
        objectKind: 'job',
        objectId: job.id,
        objectName: this.#titleOf(job.kind),
        details: { kind: job.kind, attempts: job.attempts, error: job.errorCode },
      },
      request,
    );
  }

  #toJob(row: JobRow): Job {
    const { progressDone, progressTotal, progressText, errorCode, errorMessage, ...rest } = row;
    return {
      ...rest,
      title: this.#titleOf(row.kind),
      createdAt: row.createdAt.toISOString(),
      runAt: row.runAt.toISOString(),
      startedAt: row.startedAt?.toISOString() ?? null,
      finishedAt: row.finishedAt?.toISOString() ?? null,
      progress:
        progressDone === null ? null : { done: progressDone, total: progressTotal, text: progressText ?? '' },
      // The database holds it to an object, and the runner wrote it.
      result: row.result as Job['result'],
      error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    };
  }

  #toSchedule(stored: StoredSchedule, lastJobs: readonly JobRow[]): JobSchedule | undefined {
    const known = this.#runner.kinds.get(stored.kind);
    // Of a kind that has a schedule no longer.
    if (known?.schedule === undefined) return undefined;
    const last = lastJobs.find((job) => job.kind === stored.kind);
    const { nextRunAtMs } = stored.state;
    const isWaiting = stored.pausedAt === null && nextRunAtMs !== null;
    return {
      kind: stored.kind,
      title: known.title,
      description: known.description,
      cron: stored.cron,
      timeZone: stored.timeZone,
      nextRunAt: isWaiting ? new Date(nextRunAtMs).toISOString() : null,
      pausedAt: stored.pausedAt?.toISOString() ?? null,
      pausedBy: stored.pausedBy,
      lastJob: last === undefined ? null : this.#toJob(last),
    };
  }

  #titleOf(kind: string): string {
    return this.#runner.kinds.get(kind)?.title ?? kind;
  }

  #now(): Date {
    return new Date(this.#platform.clock.now());
  }
}

function isWaiting(state: JobState): boolean {
  return state === 'waiting' || state === 'failed';
}

function requireJob(row: JobRow | undefined): JobRow {
  if (row !== undefined) return row;
  throw new JobError('JOB_NOT_FOUND', 'There is no such job.', {
    remedy: 'It may have been removed, or be older than what is kept.',
  });
}
