import type { BackOff } from '../back-off.ts';
import { storedLength, toStorable } from '../database/storable-text.ts';
import { JobSchedule } from './job-schedule.ts';
import { JobError } from './jobs.errors.ts';
import type { JobContext, JobKind, JobResult } from './jobs.ts';

const defaultBackOff: BackOff = { firstMs: 10_000, longestMs: 3_600_000 };
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

/** Of the payload as it is stored. */
const MAX_PAYLOAD_CHARACTERS = 65_536;

/**
 * The payload as it is stored and will be read back.
 *
 * @throws JobError JOB_PAYLOAD_INVALID
 */
export function storePayload<Payload>(definition: JobKind<Payload>, payload: Payload): unknown {
  const stored = toStorable(JSON.parse(JSON.stringify(payload)));
  parsePayload(definition, stored);
  if (storedLength(stored) <= MAX_PAYLOAD_CHARACTERS) return stored;
  throw new JobError('JOB_PAYLOAD_INVALID', `What the job ${definition.kind} is told is too long.`, {
    facts: { characters: storedLength(stored), limit: MAX_PAYLOAD_CHARACTERS },
    remedy: 'Tell it where to find the rest.',
  });
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
