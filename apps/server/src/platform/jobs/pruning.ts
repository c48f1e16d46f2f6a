import type { Clock } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { CLOCK_HAS_LEAPT, type ClockWitness } from '../clock/clock-witness.store.ts';
import { JobError } from './jobs.errors.ts';
import { type JobKind, type NoPayload, parseNoPayload, type Pruning } from './jobs.ts';

/** The hourly job that removes what is old, and says how much of what it was. */
export function createPruneKind(
  prunings: readonly Pruning[],
  parts: {
    readonly clock: Clock;
    readonly log: Logger;
    readonly clockWitness: Pick<ClockWitness, 'isBelievable'>;
  },
): JobKind<NoPayload> {
  const { clock, log, clockWitness } = parts;
  return {
    kind: 'prune',
    title: 'Remove what is old',
    description:
      'Removes ended sessions, used links, the history of jobs and whatever else is kept for a time only. Without it nothing breaks, but the database grows.',
    schedule: { cron: '7 * * * *' },
    parsePayload: parseNoPayload,
    async run({ signal, reportProgress }) {
      if (!(await clockWitness.isBelievable())) return { 'removed nothing': CLOCK_HAS_LEAPT };
      const removed: Record<string, number> = {};
      const failed: string[] = [];
      const now = new Date(clock.now());
      for (const [index, { what, prune }] of prunings.entries()) {
        signal.throwIfAborted();
        reportProgress({ done: index, total: prunings.length, text: what });
        try {
          removed[what] = await prune(now, signal);
        } catch (error) {
          if (signal.aborted) throw error;
          log.error({ err: error, what }, 'something old could not be removed');
          failed.push(what);
        }
      }
      reportProgress({ done: prunings.length, total: prunings.length });
      if (failed.length === 0) return removed;
      throw new JobError('JOB_INCOMPLETE', `Could not remove: ${failed.join(', ')}.`, {
        retry: 'safe',
        remedy: 'The log of the server says why.',
      });
    },
  };
}
