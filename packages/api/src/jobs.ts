import { type Static, Type } from 'typebox';
import { defineRoute } from './route.ts';
import { Cursor, Instant, oneOf, PageLimit, Uuid } from './scalars.ts';

/**
 * Life of a job. `waiting` for its time or its turn; `running`; `cancelling` it runs and was told to end; `failed` it will be tried
 * again; then one of the three ends: `succeeded`, `cancelled`, `dead`. A dead job was given up and waits for an administrator.
 */
export const jobStates = [
  'waiting',
  'running',
  'cancelling',
  'failed',
  'succeeded',
  'cancelled',
  'dead',
] as const;
export type JobState = (typeof jobStates)[number];

/** Background work of the server itself. */
export const Job = Type.Object({
  id: Uuid,
  /** `module.what`, e.g. `audit.verify`. */
  kind: Type.String(),
  title: Type.String(),
  state: oneOf(jobStates),
  createdAt: Instant,
  /** Who asked for it; null: the server itself, most often by a schedule. */
  requestedBy: Type.Union([Type.String(), Type.Null()]),
  /** Not before this moment: of a failed job, when it is tried again. */
  runAt: Instant,
  /** Of the attempt that is under way or was the last one. */
  startedAt: Type.Union([Instant, Type.Null()]),
  finishedAt: Type.Union([Instant, Type.Null()]),
  /** How often it was begun, and how often it may be. */
  attempts: Type.Integer({ minimum: 0 }),
  maxAttempts: Type.Integer({ minimum: 1 }),
  progress: Type.Union([
    Type.Object({
      done: Type.Integer({ minimum: 0 }),
      /** Null while nobody knows. */
      total: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]),
      text: Type.String(),
    }),
    Type.Null(),
  ]),
  /** What it tells at its end, by short names. */
  result: Type.Union([
    Type.Record(Type.String(), Type.Union([Type.Number(), Type.String(), Type.Boolean()])),
    Type.Null(),
  ]),
  /** Of the last attempt that failed. */
  error: Type.Union([Type.Object({ code: Type.String(), message: Type.String() }), Type.Null()]),
});
export type Job = Static<typeof Job>;

/** When a kind of job runs by itself. Schedules are part of the program; an administrator can pause them. */
export const JobSchedule = Type.Object({
  kind: Type.String(),
  title: Type.String(),
  description: Type.String(),
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  cron: Type.String(),
  /** IANA name. */
  timeZone: Type.String(),
  /** Null while it is paused. */
  nextRunAt: Type.Union([Instant, Type.Null()]),
  pausedAt: Type.Union([Instant, Type.Null()]),
  pausedBy: Type.Union([Type.String(), Type.Null()]),
  /** The newest job of this kind; null until there is one. */
  lastJob: Type.Union([Job, Type.Null()]),
});
export type JobSchedule = Static<typeof JobSchedule>;

const tag = 'Jobs';
const Kind = Type.String({ pattern: '^[a-z0-9-]+(\\.[a-z0-9-]+)*$', maxLength: 100 });
const JobParams = Type.Object({ jobId: Uuid }, { additionalProperties: false });
const ScheduleParams = Type.Object({ kind: Kind }, { additionalProperties: false });

export const listJobs = defineRoute({
  name: 'listJobs',
  method: 'GET',
  path: '/api/v1/jobs',
  tag,
  access: { permission: 'system:read' },
  summary: 'Background work of the server, newest first',
  query: Type.Object(
    {
      state: Type.Optional(oneOf(jobStates)),
      kind: Type.Optional(Kind),
      cursor: Type.Optional(Cursor),
      limit: Type.Optional(PageLimit),
    },
    { additionalProperties: false },
  ),
  response: Type.Object({ jobs: Type.Array(Job), nextCursor: Type.Union([Cursor, Type.Null()]) }),
});
export const getJob = defineRoute({
  name: 'getJob',
  method: 'GET',
  path: '/api/v1/jobs/:jobId',
  tag,
  access: { permission: 'system:read' },
  summary: 'One job',
  params: JobParams,
  response: Job,
});
export const cancelJob = defineRoute({
  name: 'cancelJob',
  method: 'POST',
  path: '/api/v1/jobs/:jobId/cancel',
  tag,
  access: { permission: 'jobs:manage' },
  summary: 'Cancel a job that is not over; one that runs is told to end',
  params: JobParams,
  response: Job,
});
export const retryJob = defineRoute({
  name: 'retryJob',
  method: 'POST',
  path: '/api/v1/jobs/:jobId/retry',
  tag,
  access: { permission: 'jobs:manage' },
  summary: 'Try a failed, dead or cancelled job again now, with all its attempts before it',
  params: JobParams,
  response: Job,
});
export const removeJob = defineRoute({
  name: 'removeJob',
  method: 'DELETE',
  path: '/api/v1/jobs/:jobId',
  tag,
  access: { permission: 'jobs:manage' },
  summary: 'Remove a dead job: nobody needs to look at it any more',
  params: JobParams,
});
export const listJobSchedules = defineRoute({
  name: 'listJobSchedules',
  method: 'GET',
  path: '/api/v1/job-schedules',
  tag,
  access: { permission: 'system:read' },
  summary: 'What runs by itself, when it runs next and how it ended last',
  response: Type.Object({ schedules: Type.Array(JobSchedule) }),
});
export const runJobSchedule = defineRoute({
  name: 'runJobSchedule',
  method: 'POST',
  path: '/api/v1/job-schedules/:kind/run',
  tag,
  status: 202,
  access: { permission: 'jobs:manage' },
  summary: 'Run it now, whether it is paused or not; what runs already is not begun twice',
  params: ScheduleParams,
  response: Job,
});
export const setJobScheduleState = defineRoute({
  name: 'setJobScheduleState',
  method: 'PUT',
  path: '/api/v1/job-schedules/:kind/state',
  tag,
  access: { permission: 'jobs:manage' },
  summary: 'Pause a schedule, or let it go on from its next time',
  params: ScheduleParams,
  body: Type.Object({ state: oneOf(['active', 'paused'] as const) }, { additionalProperties: false }),
  response: JobSchedule,
});
