import type { Clock } from '@holdfast/kernel';
import { type LogLevel, logLevels } from '../../platform/log.ts';
import { type StateDatabase, withinTransaction } from '../../platform/state-database.ts';
import { createStateNotes, type StateNote } from '../../platform/state-note.ts';

const MINUTE_MS = 60_000;

/** The level from which the agent's own log and the general journal keep events. */
export interface LogLevelSetting {
  /** Of the agent's own log. Falls back to the configured level by itself when the time is over; nothing has to run for that. */
  current(): LogLevel;
  /** Of the general journal: what is configured for the log only adds to it, because who reads the one may not read the other. */
  currentOfJournal(): LogLevel;
  /** @param forMinutes absent: until it is set again, also by later processes */
  set(level: LogLevel, forMinutes: number | undefined): void;
}

export interface LogLevelOptions {
  readonly database: StateDatabase;
  readonly clock: Clock;
  /** What holds without an order. */
  readonly configured: LogLevel;
}

interface LevelOrder {
  readonly level: LogLevel;
  /** Wall time. */
  readonly until: number | undefined;
}

export function createLogLevelSetting({ database, clock, configured }: LogLevelOptions): LogLevelSetting {
  const notes = createStateNotes(database);
  let order = parseOrder(notes.find('log-level'));
  /** Also measured by the monotonic clock, so that a wall clock that is set back does not prolong it. */
  let endsAtMs = findEnd(order);

  function findEnd(given: LevelOrder | undefined): number {
    if (given?.until === undefined) return Number.POSITIVE_INFINITY;
    return clock.monotonic() + (given.until - clock.now());
  }

  const findOrder = (): LevelOrder | undefined => {
    if (order === undefined) return undefined;
    const isOver = clock.monotonic() >= endsAtMs || (order.until !== undefined && clock.now() >= order.until);
    if (isOver) order = undefined;
    return order;
  };

  return {
    current: () => findOrder()?.level ?? configured,
    currentOfJournal: () => findOrder()?.level ?? (configured === 'debug' ? 'debug' : 'info'),
    set: (level, forMinutes) => {
      const until = forMinutes === undefined ? undefined : clock.now() + forMinutes * MINUTE_MS;
      withinTransaction(database, () => notes.save('log-level', { level, until }));
      order = { level, until };
      endsAtMs = findEnd(order);
    },
  };
}

function parseOrder(note: StateNote | undefined): LevelOrder | undefined {
  const level = logLevels.find((known) => known === note?.['level']);
  const until = note?.['until'];
  if (level === undefined || !(until === undefined || typeof until === 'number')) return undefined;
  return { level, until };
}
