import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { isTransientDatabaseError } from '../database/sql-state.ts';
import type { Jobs } from './jobs.ts';

export interface PeriodicJobsOptions {
  readonly log: Logger;
  /** Resolves when the database answers again; asked after a turn that failed because it was away. */
  readonly waitForDatabase: (signal: AbortSignal) => Promise<void>;
  /** 0 to 1; spreads the turns of many servers and many jobs. */
  readonly random?: () => number;
}

const JITTER = 0.1;
// The first turn comes early, so that what gathered while the server was down is not left for a whole interval.
const MAX_FIRST_DELAY_MS = 5_000;

/** Runs jobs by timers of this process. */
export function createPeriodicJobs(options: PeriodicJobsOptions): Jobs {
  const { log } = options;
  const random = options.random ?? Math.random;
  const stopping = new AbortController();
  const loops: Promise<void>[] = [];

  async function runLoop(name: string, intervalMs: number, work: () => Promise<void>): Promise<void> {
    const { signal } = stopping;
    await pause(Math.min(intervalMs, MAX_FIRST_DELAY_MS) * random(), signal);
    while (!signal.aborted) {
      try {
        await work();
      } catch (error) {
        if (isTransientDatabaseError(error)) {
          log.warn({ job: name }, 'a job waits for the database');
          await options.waitForDatabase(signal).catch(() => {}); // Ends early only when the server stops.
        } else {
          log.error({ err: error, job: name }, 'a job failed; its next turn comes as usual');
        }
      }
      await pause(intervalMs * (1 + JITTER * (2 * random() - 1)), signal);
    }
  }

  return {
    every(name, intervalMs, work) {
      if (!(intervalMs > 0)) throw new RangeError(`"intervalMs" expected more than 0, got ${intervalMs}`);
      if (!stopping.signal.aborted) loops.push(runLoop(name, intervalMs, work));
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops);
    },
  };
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // Rejects only when the server stops; the caller looks at the signal next.
  await delay(ms, undefined, { signal, ref: false }).catch(() => {});
}
