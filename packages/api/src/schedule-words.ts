/** When a schedule runs, for the two forms that people read at a glance; undefined for every other one. */
export type ScheduleWords =
  | { readonly kind: 'hourly'; readonly minute: number }
  | { readonly kind: 'daily'; readonly time: string };

/** @param cron five fields: minute, hour, day of the month, month, day of the week */
export function scheduleWordsOf(cron: string): ScheduleWords | undefined {
  const [minuteText = '', hourText = '', ...days] = cron.trim().split(/\s+/u);
  const minute = readField(minuteText, 59);
  if (minute === undefined || days.length !== 3 || days.some((field) => field !== '*')) return undefined;
  if (hourText === '*') return { kind: 'hourly', minute };
  const hour = readField(hourText, 23);
  if (hour === undefined) return undefined;
  const [hours, minutes] = [hour, minute].map((part) => String(part).padStart(2, '0'));
  return { kind: 'daily', time: `${hours}:${minutes}` };
}

function readField(text: string, max: number): number | undefined {
  return /^\d{1,2}$/u.test(text) && Number(text) <= max ? Number(text) : undefined;
}
