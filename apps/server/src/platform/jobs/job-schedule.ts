import { Cron } from 'croner';

/** When a kind of job runs by itself. */
export interface ScheduleTimes {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** IANA name, e.g. `Europe/Berlin`; that of the server unless told. */
  readonly timeZone?: string;
}

/** How far a schedule has come. */
export interface ScheduleState {
  /** Null: the expression names no moment that is still to come. */
  readonly nextRunAtMs: number | null;
  /** Every moment up to here is done with. */
  readonly settledUntilMs: number;
}

/**
 * A clock that went back by no more than this was corrected, and what ran already does not run again. One that went back farther
 * had been wrong before: what it settled ahead of time is not waited for.
 */
const MAX_STEP_BACK_MS = 86_400_000;

/**
 * The moments of a schedule. On the day on which clocks go forward, a time that does not exist is the first moment after the gap;
 * on the day on which they go back, a time that exists twice is the first of both, while one that comes every hour comes in both.
 */
export class JobSchedule {
  readonly cron: string;
  readonly timeZone: string;
  readonly #moments: Cron;

  /** @throws Error when the expression or the time zone is none */
  constructor({ cron, timeZone }: Required<ScheduleTimes>) {
    this.cron = cron;
    this.timeZone = timeZone;
    this.#moments = new Cron(cron, { timezone: timeZone, mode: '5-part', paused: true });
    // The library looks at the time zone when it is first asked.
    this.#moments.nextRun();
  }

  /** Null when there is none. */
  nextAfter(atMs: number): number | null {
    return this.#moments.nextRun(new Date(atMs))?.getTime() ?? null;
  }

  /** Where it begins, or goes on after a pause: what lay before is not made up for. */
  begin(nowMs: number): ScheduleState {
    return { nextRunAtMs: this.nextAfter(nowMs), settledUntilMs: nowMs };
  }

  /** What the present moment means. However many moments were missed, it is due once. */
  plan(state: ScheduleState, nowMs: number): { readonly isDue: boolean; readonly state: ScheduleState } {
    if (state.nextRunAtMs !== null && state.nextRunAtMs <= nowMs)
      return { isDue: true, state: this.begin(nowMs) };
    const isFarAhead = state.settledUntilMs - nowMs > MAX_STEP_BACK_MS;
    return { isDue: false, state: isFarAhead ? this.begin(nowMs) : state };
  }

  /** The state under this expression, of a schedule that had another one. What is due stays due. */
  adopt(state: ScheduleState, nowMs: number): ScheduleState {
    if (state.nextRunAtMs !== null && state.nextRunAtMs <= nowMs) return state;
    const fromMs = state.settledUntilMs - nowMs > MAX_STEP_BACK_MS ? nowMs : state.settledUntilMs;
    return { nextRunAtMs: this.nextAfter(Math.max(fromMs, nowMs)), settledUntilMs: fromMs };
  }
}
