import type { ComponentSchedule } from '@holdfast/api';

const DAY_MINUTES = 1_440;

/** A time of day counts for whole days alone. */
export function hasStartTime(everyMinutes: number): boolean {
  return everyMinutes % DAY_MINUTES === 0;
}

/** How often, in the unit in which people say it. */
export type Frequency =
  | { readonly unit: 'minute' | 'hour'; readonly count: number }
  | { readonly unit: 'day'; readonly count: number; readonly startTime: string | null };

export function frequencyOf({
  everyMinutes,
  startTime,
}: Pick<ComponentSchedule, 'everyMinutes' | 'startTime'>): Frequency {
  if (hasStartTime(everyMinutes)) return { unit: 'day', count: everyMinutes / DAY_MINUTES, startTime };
  if (everyMinutes % 60 === 0) return { unit: 'hour', count: everyMinutes / 60 };
  return { unit: 'minute', count: everyMinutes };
}
