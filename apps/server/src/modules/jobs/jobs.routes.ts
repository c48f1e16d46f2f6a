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
import { isUuid } from '@holdfast/kernel';
import { HttpError } from '../../platform/http/http.errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { JobService } from './jobs.service.ts';

export function registerJobRoutes(
  { registerRoute }: Pick<Platform, 'registerRoute'>,
  service: JobService,
): void {
  registerRoute(listJobs, async ({ actor, query }) => {
    const { cursor, ...rest } = query;
    const { jobs, nextBeforeId } = await service.list(actor, {
      ...rest,
      beforeId: cursor === undefined ? undefined : decodeCursor(cursor),
    });
    return { jobs, nextCursor: nextBeforeId === null ? null : encodeCursor(nextBeforeId) };
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

function encodeCursor(id: string): string {
  return Buffer.from(`j${id}`).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (text.startsWith('j') && isUuid(text.slice(1))) return text.slice(1);
  const message = 'is not one that this list gave out';
  throw new HttpError('REQUEST_INVALID', `The query of the request is not valid: query.cursor ${message}.`, {
    fields: [{ path: 'query.cursor', message }],
  });
}
