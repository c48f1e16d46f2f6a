import { type Static, Type } from 'typebox';

/**
 * Working and idle hours of a week, by the clock of one place, in quarter hours. Each day is 24 hexadecimal digits, one for
 * each hour; their bits are the hour's quarters, the first quarter the highest. 1 is working, 0 idle.
 */
export const Schedule = Type.Object(
  {
    /** IANA name of the place whose clock counts, e.g. `Europe/Berlin`. */
    timeZone: Type.String({ minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_+/-]+$' }),
    /** Monday first. */
    week: Type.Array(Type.String({ pattern: '^[0-9a-f]{24}$', maxLength: 24 }), { minItems: 7, maxItems: 7 }),
  },
  { additionalProperties: false },
);
export type Schedule = Static<typeof Schedule>;

export const quartersPerDay = 96;
export const daysPerWeek = 7;
const QUARTER_MS = 900_000;
const WEEK_QUARTERS = quartersPerDay * daysPerWeek;
/** No clock is put forward by more than two hours: so much earlier than the week says a change may come. */
const CLOCK_CHANGE_QUARTERS = 8;

/** Working at all times, as long as nobody decided otherwise. */
export function createAlwaysWorking(timeZone: string): Schedule {
  return { timeZone, week: Array.from({ length: daysPerWeek }, () => 'f'.repeat(24)) };
}

/**
 * True when the runtime knows the clock of this place. Only names count: an offset such as `+05:30` is the clock of no place, since it
 * knows of no summer time.
 */
export function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/u.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** @param day 0 is Monday @param quarter 0 to 95 */
export function isWorkingQuarter(schedule: Schedule, day: number, quarter: number): boolean {
  const digit = Number.parseInt(schedule.week[day]?.charAt(Math.floor(quarter / 4)) ?? '', 16);
  return ((digit >> (3 - (quarter % 4))) & 1) === 1;
}

/** A copy in which the quarters from `from` up to `to` (exclusive) of one day are working or idle. */
export function withQuarters(
  schedule: Schedule,
  change: { readonly day: number; readonly from: number; readonly to: number; readonly isWorking: boolean },
): Schedule {
  const quarters = Array.from({ length: quartersPerDay }, (_, quarter) =>
    quarter >= change.from && quarter < change.to
      ? change.isWorking
      : isWorkingQuarter(schedule, change.day, quarter),
  );
  return {
    timeZone: schedule.timeZone,
    week: schedule.week.map((digits, day) => (day === change.day ? encodeDay(quarters) : digits)),
  };
}

/** 96 quarters → 24 digits. */
export function encodeDay(quarters: readonly boolean[]): string {
  let digits = '';
  for (let hour = 0; hour < 24; hour++) {
    const bits = quarters
      .slice(hour * 4, hour * 4 + 4)
      .reduce((sum, isWorking) => sum * 2 + (isWorking ? 1 : 0), 0);
    digits += bits.toString(16);
  }
  return digits;
}

/** A stretch of one day with one value, in quarters; `to` is exclusive. */
export interface DayStretch {
  readonly from: number;
  readonly to: number;
  readonly isWorking: boolean;
}

/** The day as stretches, from midnight to midnight. */
export function listStretches(schedule: Schedule, day: number): DayStretch[] {
  const stretches: DayStretch[] = [];
  for (let from = 0; from < quartersPerDay; ) {
    const isWorking = isWorkingQuarter(schedule, day, from);
    let to = from + 1;
    while (to < quartersPerDay && isWorkingQuarter(schedule, day, to) === isWorking) to++;
    stretches.push({ from, to, isWorking });
    from = to;
  }
  return stretches;
}

/** True when no quarter is idle: then the place does not matter either. */
export function isAlwaysWorking(schedule: Schedule): boolean {
  return schedule.week.every((digits) => /^f+$/u.test(digits));
}

/**
 * The clock of a schedule's place. One object for each schedule: making the formatter costs far more than asking it.
 *
 * @throws RangeError for a time zone that the runtime does not know
 */
export class ScheduleClock {
  readonly #schedule: Schedule;
  readonly #format: Intl.DateTimeFormat;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: schedule.timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    });
  }

  /** Whether the instant lies in idle hours. */
  isIdle(atMs: number): boolean {
    const place = this.placeOf(atMs);
    return !isWorkingQuarter(this.#schedule, place.day, place.quarter);
  }

  /** Weekday (0 is Monday) and quarter hour that the clock of the place shows. */
  placeOf(atMs: number): { readonly day: number; readonly quarter: number } {
    const parts = new Map(this.#format.formatToParts(atMs).map(({ type, value }) => [type, value]));
    const minutes = Number(parts.get('hour')) * 60 + Number(parts.get('minute'));
    return { day: WEEKDAYS.indexOf(parts.get('weekday') ?? ''), quarter: Math.floor(minutes / 15) };
  }

  /**
   * The next instant at which idle hours begin or end; `undefined` when that never happens. When clocks are put back, a
   * quarter hour that comes twice has its value twice; one that is left out changes nothing. Places whose clocks differ
   * from UTC by other than whole quarter hours are right to within that difference; there are none today.
   */
  nextChangeAt(atMs: number): number | undefined {
    if (new Set(this.#schedule.week.join('')).size === 1 && /^[0f]/u.test(this.#schedule.week[0] ?? '')) {
      return undefined;
    }
    const wasIdle = this.isIdle(atMs);
    const startMs = Math.floor(atMs / QUARTER_MS) * QUARTER_MS;
    // A week and a day: also when a change of clocks leaves out the only quarter that differs.
    const endMs = startMs + (WEEK_QUARTERS + quartersPerDay) * QUARTER_MS;
    for (let nextMs = startMs; nextMs <= endMs; ) {
      const place = this.placeOf(nextMs);
      const isIdle = !isWorkingQuarter(this.#schedule, place.day, place.quarter);
      if (nextMs > startMs && isIdle !== wasIdle) return nextMs;
      nextMs += Math.max(1, this.#countAlike(place.day, place.quarter) - CLOCK_CHANGE_QUARTERS) * QUARTER_MS;
    }
    return undefined;
  }

  /** Quarters from this one on that have its value, by the week alone; at most a week of them. */
  #countAlike(day: number, quarter: number): number {
    const isWorking = isWorkingQuarter(this.#schedule, day, quarter);
    let count = 1;
    while (count < WEEK_QUARTERS) {
      const place = day * quartersPerDay + quarter + count;
      const nextDay = Math.floor(place / quartersPerDay) % daysPerWeek;
      if (isWorkingQuarter(this.#schedule, nextDay, place % quartersPerDay) !== isWorking) break;
      count++;
    }
    return count;
  }
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/**
 * The working hours in words: `Mon–Fri 07:00–19:00, Sat 08:00–12:00 (Europe/Berlin)`. Days that are alike and follow each
 * other stand together.
 */
export function describeSchedule(schedule: Schedule): string {
  if (isAlwaysWorking(schedule)) return 'always working';
  const groups: { first: number; last: number; digits: string }[] = [];
  for (const [day, digits] of schedule.week.entries()) {
    const last = groups.at(-1);
    if (last?.digits === digits) last.last = day;
    else groups.push({ first: day, last: day, digits });
  }
  const texts = groups
    .map(({ first, last }) => {
      const hours = listStretches(schedule, first)
        .filter(({ isWorking }) => isWorking)
        .map(({ from, to }) => `${formatQuarter(from)}–${formatQuarter(to)}`);
      if (hours.length === 0) return undefined;
      const days = first === last ? WEEKDAYS[first] : `${WEEKDAYS[first]}–${WEEKDAYS[last]}`;
      return `${days} ${hours.join(', ')}`;
    })
    .filter((text) => text !== undefined);
  return `${texts.length === 0 ? 'never working' : texts.join('; ')} (${schedule.timeZone})`;
}

/** Quarter of a day as a clock shows it; 96 is 24:00. */
export function formatQuarter(quarter: number): string {
  const hour = String(Math.floor(quarter / 4)).padStart(2, '0');
  return `${hour}:${String((quarter % 4) * 15).padStart(2, '0')}`;
}
