import type { Schedule } from '@holdfast/api';

/** A schedule with what it was before each change, and what it was before each change that was taken back. */
export interface ScheduleHistory {
  readonly past: readonly Schedule[];
  readonly present: Schedule;
  readonly future: readonly Schedule[];
}

/** Nobody takes back more strokes than that one by one. */
const maxSteps = 200;

export function createHistory(present: Schedule): ScheduleHistory {
  return { past: [], present, future: [] };
}

/** After a change there is nothing to do again. */
export function recordChange({ past, present }: ScheduleHistory, next: Schedule): ScheduleHistory {
  return { past: [...past, present].slice(-maxSteps), present: next, future: [] };
}

/** One change back; the same history where there is none. */
export function undoChange(history: ScheduleHistory): ScheduleHistory {
  const { past, present, future } = history;
  const former = past.at(-1);
  return former === undefined
    ? history
    : { past: past.slice(0, -1), present: former, future: [present, ...future] };
}

/** One change forward that was taken back; the same history where there is none. */
export function redoChange(history: ScheduleHistory): ScheduleHistory {
  const { past, present, future } = history;
  const [next, ...rest] = future;
  return next === undefined ? history : { past: [...past, present], present: next, future: rest };
}
