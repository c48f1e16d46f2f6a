import {
  cancelJob,
  getJob,
  type Job,
  type JobSchedule,
  listJobs,
  listJobSchedules,
  removeJob,
  retryJob,
  runJobSchedule,
  setJobScheduleState,
} from '@holdfast/api';
import { page } from './command-handlers.ts';
import { notFound } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { isoAt, type World } from './world.ts';

const minuteMs = 60_000;

const kinds = [
  ['backup.make', 'Make a backup', 'Copies the whole state of the server into one file.', '0 2 * * *'],
  [
    'prune',
    'Remove what is old',
    'Removes what is kept for a time only, such as ended sessions.',
    '7 * * * *',
  ],
  ['audit.verify', 'Check the audit log', 'Looks whether somebody changed an entry.', '30 4 * * 1'],
] as const;

/** What the server does in the background: one job in every state, and three schedules. None of the jobs in an empty world. */
export function handleJobs({ handle }: RouteTable, world: World): void {
  const jobs: Job[] = world.devices.size === 0 ? [] : seedJobs(world);
  const schedules = kinds.map(([kind, title, description, cron], index): JobSchedule => {
    const isPaused = index === 2;
    return {
      kind,
      title,
      description,
      cron,
      timeZone: 'Europe/Berlin',
      nextRunAt: isPaused ? null : isoAt(world.now() + (index + 1) * 25 * minuteMs),
      pausedAt: isPaused ? isoAt(world.now() - 1_900 * minuteMs) : null,
      pausedBy: isPaused ? 'm.tamm' : null,
      lastJob: null,
    };
  });
  const jobOf = (jobId: string): Job => {
    const job = jobs.find((one) => one.id === jobId);
    if (job === undefined) throw notFound();
    return job;
  };
  const scheduleOf = (kind: string): JobSchedule => {
    const schedule = schedules.find((one) => one.kind === kind);
    if (schedule === undefined) throw notFound();
    return schedule;
  };
  const withLastJob = (schedule: JobSchedule): JobSchedule => ({
    ...schedule,
    lastJob: jobs.find((job) => job.kind === schedule.kind) ?? null,
  });
  const change = (job: Job, part: Partial<Job>): Job => Object.assign(job, part);
  handle(listJobs, ({ query }) =>
    page(
      jobs.filter(
        ({ state, kind }) =>
          (query.state === undefined || state === query.state) &&
          (query.kind === undefined || kind === query.kind),
      ),
      query,
      'jobs',
    ),
  );
  handle(getJob, ({ params }) => jobOf(params.jobId));
  handle(cancelJob, ({ params }) => {
    const job = jobOf(params.jobId);
    return change(
      job,
      job.state === 'running'
        ? { state: 'cancelling' }
        : { state: 'cancelled', finishedAt: isoAt(world.now()) },
    );
  });
  handle(retryJob, ({ params }) =>
    change(jobOf(params.jobId), { state: 'waiting', attempts: 0, finishedAt: null, error: null }),
  );
  handle(removeJob, ({ params }) => {
    jobs.splice(jobs.indexOf(jobOf(params.jobId)), 1);
    return null;
  });
  handle(listJobSchedules, () => ({ schedules: schedules.map(withLastJob) }));
  handle(runJobSchedule, ({ params }) => {
    const { kind, title } = scheduleOf(params.kind);
    const job = makeJob(world, { kind, title, state: 'running', requestedBy: 'admin', attempts: 1 });
    jobs.unshift(job);
    return job;
  });
  handle(setJobScheduleState, ({ params, body }) => {
    const isPaused = body.state === 'paused';
    return withLastJob(
      Object.assign(scheduleOf(params.kind), {
        pausedAt: isPaused ? isoAt(world.now()) : null,
        pausedBy: isPaused ? 'admin' : null,
        nextRunAt: isPaused ? null : isoAt(world.now() + 25 * minuteMs),
      }),
    );
  });
}

function makeJob(world: World, part: Partial<Job>): Job {
  const at = isoAt(world.now());
  return {
    id: world.random.uuid(world.now()),
    kind: 'prune',
    title: 'Remove what is old',
    state: 'succeeded',
    createdAt: at,
    requestedBy: null,
    runAt: at,
    startedAt: at,
    finishedAt: null,
    attempts: 1,
    maxAttempts: 5,
    progress: null,
    result: null,
    error: null,
    ...part,
  };
}

function seedJobs(world: World): Job[] {
  const before = (minutes: number): string => isoAt(world.now() - minutes * minuteMs);
  const backup = { kind: 'backup.make', title: 'Make a backup' };
  const webhooks = { kind: 'webhooks.deliver', title: 'Deliver events to a webhook' };
  const over = (minutes: number): Partial<Job> => ({
    createdAt: before(minutes + 1),
    startedAt: before(minutes + 1),
    finishedAt: before(minutes),
  });
  return [
    makeJob(world, {
      ...backup,
      state: 'running',
      requestedBy: 'admin',
      startedAt: before(3),
      progress: { done: 41_200, total: 98_000, text: 'copying log entries' },
    }),
    makeJob(world, { state: 'waiting', startedAt: null, attempts: 0, runAt: isoAt(world.now() + minuteMs) }),
    makeJob(world, {
      ...webhooks,
      state: 'failed',
      ...over(6),
      finishedAt: null,
      attempts: 3,
      runAt: isoAt(world.now() + 4 * minuteMs),
      error: { code: 'RECEIVER_AWAY', message: 'The receiver was not reached (ECONNREFUSED).' },
    }),
    makeJob(world, {
      kind: 'reports.send',
      title: 'Send a report',
      state: 'cancelling',
      startedAt: before(1),
      progress: { done: 12, total: null, text: '' },
    }),
    makeJob(world, {
      ...backup,
      state: 'dead',
      ...over(1_400),
      attempts: 5,
      error: {
        code: 'BACKUP_FOLDER_FULL',
        message:
          'There is no room for the backup: 14.2 GiB are needed in /var/lib/holdfast/backups, and 3.1 GiB are free. Remove what is old there, or choose another folder.',
      },
    }),
    makeJob(world, { kind: 'reports.send', title: 'Send a report', state: 'cancelled', ...over(90) }),
    ...Array.from({ length: 24 }, (_, index) =>
      makeJob(world, {
        ...over(index * 60 + 30),
        result: { 'ended sessions': index, 'kept because of the clock': false },
      }),
    ),
  ];
}
