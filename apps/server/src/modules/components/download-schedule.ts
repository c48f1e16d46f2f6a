import { type Schedule, ScheduleClock } from '@holdfast/api';
import { JobSchedule } from '../../platform/jobs/job-schedule.ts';

export interface DownloadSchedule {
  readonly isEnabled: boolean;
  /** From one beginning to the next. */
  readonly everyMinutes: number;
  /** `HH:MM`; counts where `everyMinutes` is whole days. */
  readonly startTime: string | null;
  /** Downloads begin in working hours only; null: at any time. */
  readonly hours: Schedule | null;
}

/** Whoever has said nothing has what a device has: once an hour. */
export const defaultDownloadSchedule: DownloadSchedule = {
  isEnabled: true,
  everyMinutes: 60,
  startTime: null,
  hours: null,
};

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/**
 * Should a download begin by itself now? One that was missed, because the server was away or its hours had not come, is made up for
 * once. A clock that was set back does not make anybody wait longer than one interval.
 *
 * @param lastAtMs when one began by itself last; null: never
 * @param timeZone that of the server, for a time of day where there are no hours
 */
export function isDownloadDue(
  schedule: DownloadSchedule,
  {
    nowMs,
    lastAtMs,
    timeZone,
  }: { readonly nowMs: number; readonly lastAtMs: number | null; readonly timeZone: string },
): boolean {
  const { isEnabled, everyMinutes, startTime, hours } = schedule;
  if (!isEnabled || (hours !== null && new ScheduleClock(hours).isIdle(nowMs))) return false;
  if (lastAtMs === null) return true;
  const everyMs = everyMinutes * MINUTE_MS;
  if (lastAtMs > nowMs) return lastAtMs - nowMs > everyMs;
  if (startTime === null || everyMinutes % DAY_MINUTES !== 0) return nowMs - lastAtMs >= everyMs;
  const [hour, minute] = startTime.split(':').map(Number);
  const moments = new JobSchedule({
    cron: `${minute} ${hour} * * *`,
    timeZone: hours?.timeZone ?? timeZone,
  });
  // The first such time of the last day of the interval: days are of 23 to 25 hours.
  const dueAtMs = moments.nextAfter(lastAtMs + everyMs - DAY_MINUTES * MINUTE_MS);
  return dueAtMs !== null && nowMs >= dueAtMs;
}
