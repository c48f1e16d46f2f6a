import type { ComponentSchedule } from '@holdfast/api';

const DAY_MINUTES = 1_440;

/** How often, in the unit in which people say it. */
export type Frequency =
  | { readonly unit: 'minute' | 'hour'; readonly count: number }
  | { readonly unit: 'day'; readonly count: number; readonly startTime: string | null };

export function frequencyOf({
  everyMinutes,
  startTime,
}: Pick<ComponentSchedule, 'everyMinutes' | 'startTime'>): Frequency {
  // A time of day counts for whole days alone.
  if (everyMinutes % DAY_MINUTES === 0) return { unit: 'day', count: everyMinutes / DAY_MINUTES, startTime };
  if (everyMinutes % 60 === 0) return { unit: 'hour', count: everyMinutes / 60 };
  return { unit: 'minute', count: everyMinutes };
}
