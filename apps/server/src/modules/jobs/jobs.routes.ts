import {
  cancelJob,
  getJob,
  listJobSchedules,
  listJobs,
  removeJob,
  retryJob,
  runJobSchedule,
  setJobScheduleState,
} from '@holdfast/api';
import { defineCursor } from '../../platform/http/cursor.ts';
import type { Platform } from '../../platform/platform.ts';
import type { JobService } from './jobs.service.ts';

const jobCursor = defineCursor('jobs', 'uuid');

export function registerJobRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: JobService,
): void {
  registerRoute(listJobs, async ({ actor, query }) => {
    const { cursor, ...rest } = query;
    const { jobs, nextBeforeId } = await service.list(actor, {
      ...rest,
      beforeId: cursor === undefined ? undefined : jobCursor.decode(cursor)[0],
    });
    return { jobs, nextCursor: nextBeforeId === null ? null : jobCursor.encode(nextBeforeId) };
  });
  registerRoute(getJob, async ({ actor, params }) => await service.get(actor, params.jobId));
  registerRoute(
    cancelJob,
    async ({ actor, params, request }) => await service.cancel(actor, params.jobId, request),
  );
  registerRoute(
    retryJob,
    async ({ actor, params, request }) => await service.retry(actor, params.jobId, request),
  );
  registerRoute(removeJob, async ({ actor, params, request }) => {
    await service.remove(actor, params.jobId, request);
    return null;
  });
  registerRoute(listJobSchedules, async ({ actor }) => ({ schedules: await service.listSchedules(actor) }));
  registerRoute(
    runJobSchedule,
    async ({ actor, params, request }) => await service.runNow(actor, params.kind, request),
  );
  registerRoute(
    setJobScheduleState,
    async ({ actor, params, body, request }) =>
      await service.setScheduleState(actor, { kind: params.kind, state: body.state }, request),
  );
}
