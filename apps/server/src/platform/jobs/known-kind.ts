import { type BackOff, defaultBackOff } from './back-off.ts';
import { JobSchedule } from './job-schedule.ts';
import { JobError } from './jobs.errors.ts';
import type { JobContext, JobKind, JobResult } from './jobs.ts';

const KIND = /^[a-z0-9-]+(\.[a-z0-9-]+)*$/;

/** A kind as the runner knows it: everything settled, whatever its payload is. */
export interface KnownKind {
  readonly kind: string;
  readonly title: string;
  readonly description: string;
  readonly schedule: JobSchedule | undefined;
  readonly concurrency: number;
  readonly leaseMs: number;
  readonly maxAttempts: number;
  readonly backOff: BackOff;
  readonly work: (
    context: Omit<JobContext<unknown>, 'payload'>,
    stored: unknown,
  ) => Promise<JobResult | void>;
}

/** @throws JobError JOB_PAYLOAD_INVALID */
export function parsePayload<Payload>(definition: JobKind<Payload>, stored: unknown): Payload {
  const { kind } = definition;
  try {
    return definition.parsePayload(stored);
  } catch (error) {
    throw new JobError('JOB_PAYLOAD_INVALID', `What the job ${kind} was told cannot be read.`, {
      cause: error,
      remedy: 'Remove it: it comes from another release, or was written behind the server.',
    });
  }
}

/** @throws TypeError or RangeError for a declaration that would not work */
export function settleKind<Payload>(definition: JobKind<Payload>, timeZone: string): KnownKind {
  const { kind, title, description, concurrency = 1, leaseMs = 30_000, maxAttempts = 5 } = definition;
  if (!KIND.test(kind)) throw new TypeError(`"kind" expected words like module.what, got ${kind}`);
  for (const [name, value] of Object.entries({ concurrency, leaseMs, maxAttempts })) {
    if (!(Number.isInteger(value) && value >= 1))
      throw new RangeError(`"${name}" of ${kind} expected a whole number from 1, got ${value}`);
  }
  return {
    kind,
    title,
    description,
    concurrency,
    leaseMs,
    maxAttempts,
    schedule: definition.schedule && new JobSchedule({ timeZone, ...definition.schedule }),
    backOff: definition.backOff ?? defaultBackOff,
    work: async (context, stored) =>
      await definition.run({ ...context, payload: parsePayload(definition, stored) }),
  };
}
