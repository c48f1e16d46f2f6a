import type { Clock } from '@holdfast/kernel';
import { type StateDatabase, withinTransaction } from '../../platform/state-database.ts';
import { createStateNotes } from '../../platform/state-note.ts';
import type { LogWriter } from './log-writer.ts';

/** Why the agent stops. */
export const StopReason = {
  /** A signal, or the end of whoever started it. */
  asked: 'asked',
  restartCommand: 'restart-command',
  /** A failure that no waiting mends. */
  fault: 'fault',
} as const;
export type StopReason = (typeof StopReason)[keyof typeof StopReason];

/** Reports that the agent starts and stops, each with its reason, and remembers how the last process ended. */
export interface RunRecord {
  recordStart(): void;
  recordStop(reason: StopReason): void;
}

export interface RunRecordOptions {
  readonly database: StateDatabase;
  readonly events: LogWriter;
  readonly clock: Clock;
  readonly version: string;
}

export function createRunRecord({ database, events, clock, version }: RunRecordOptions): RunRecord {
  const notes = createStateNotes(database);
  return {
    recordStart: () =>
      withinTransaction(database, () => {
        const last = notes.find('run');
        const reason = findStartReason(last?.['state'], last?.['reason']);
        const former = last?.['version'];
        const isOther = typeof former === 'string' && former !== version;
        const facts = { version, reason, ...(isOther ? { formerVersion: former } : {}) };
        const severity = reason === 'ended-unexpectedly' ? 'warning' : 'info';
        events.record('agent-started', facts, { severity });
        notes.save('run', { state: 'running', version, at: clock.now() });
      }),
    recordStop: (reason) =>
      withinTransaction(database, () => {
        events.record('agent-stopped', { version, reason });
        notes.save('run', { state: 'stopped', reason, version, at: clock.now() });
      }),
  };
}

function findStartReason(lastState: unknown, lastReason: unknown): string {
  if (lastState === undefined) return 'first-start';
  if (lastState !== 'stopped') return 'ended-unexpectedly';
  return lastReason === StopReason.restartCommand ? 'restart-command' : 'started';
}

/** What a watcher has to say of the last process, if anything. */
export const LastRunEnd = {
  /** No process has ever run on this state. */
  never: 'never',
  /** It said goodbye itself. */
  byItself: 'by-itself',
  /** It was killed or fell, and nobody has said so. */
  unexpected: 'unexpected',
  /** It was killed or fell, and the server was told. */
  told: 'told',
} as const;
export type LastRunEnd = (typeof LastRunEnd)[keyof typeof LastRunEnd];

/** How the last process ended, for whoever says goodbye in its place. True only while the state folder is locked. */
export interface LastRun {
  find(): LastRunEnd;
  /** Once for each run: the next start still finds that it ended unexpectedly. */
  noteTold(): void;
}

export function createLastRun({
  database,
  clock,
}: {
  readonly database: StateDatabase;
  readonly clock: Pick<Clock, 'now'>;
}): LastRun {
  const notes = createStateNotes(database);
  return {
    find: () => {
      const last = notes.find('run');
      if (last === undefined) return LastRunEnd.never;
      if (last['state'] === 'stopped') return LastRunEnd.byItself;
      return last['toldAt'] === undefined ? LastRunEnd.unexpected : LastRunEnd.told;
    },
    noteTold: () =>
      withinTransaction(database, () => {
        notes.save('run', { ...notes.find('run'), toldAt: clock.now() });
      }),
  };
}
