import { type Schedule, ScheduleClock } from '@holdfast/api';
import type { Clock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import type { CommunicationTimes } from './silence.ts';

/** How a number of products communicate: times, and working and idle hours. */
export interface PresenceProfile extends CommunicationTimes {
  /** Null: working at all times. */
  readonly schedule: Schedule | null;
}

interface Hours {
  readonly profile: PresenceProfile;
  readonly clock: ScheduleClock | undefined;
  isIdle: boolean;
  /** Wall time at which idle hours end; only while they last. */
  idleUntilMs: number;
}

/** In idle hours a product reports this often, or less often if it also does so in working hours. */
const IDLE_INTERVAL_MS = 900_000;
/** Idle hours begin and end on these; see `ScheduleClock`. */
const QUARTER_MS = 900_000;

/**
 * The profiles of the products, by number, and what hour it is for each. Number 0 stands in for a number that is not there, so
 * there is always one.
 */
export class PresenceProfiles {
  readonly #clock: Clock;
  #hours: Hours[];
  #stretch = 1;
  #quarter = 0;

  constructor(clock: Clock, first: PresenceProfile) {
    this.#clock = clock;
    this.#hours = [this.#begin(first)];
    this.#quarter = this.#currentQuarter();
  }

  /** New profiles for all numbers. @param profiles at least one */
  replace(profiles: readonly PresenceProfile[]): void {
    this.#hours = profiles.map((profile, number) => {
      const known = this.#hours[number];
      return known?.profile === profile ? known : this.#begin(profile);
    });
  }

  timesOf(number: number): CommunicationTimes {
    return this.#of(number).profile;
  }

  isIdle(number: number): boolean {
    return this.#of(number).isIdle;
  }

  /** When the idle hours that last now end: infinity when they never do. Undefined in working hours. */
  idleUntil(number: number): number | undefined {
    const { isIdle, idleUntilMs } = this.#of(number);
    if (!isIdle) return undefined;
    return idleUntilMs === Number.MAX_SAFE_INTEGER ? Number.POSITIVE_INFINITY : idleUntilMs;
  }

  /** How much longer than their profile says products wait between heartbeats, because this server has enough to do. */
  get stretch(): number {
    return this.#stretch;
  }

  set stretch(factor: number) {
    this.#stretch = Math.max(1, factor);
  }

  /** The interval to tell a product at this moment. */
  nextIntervalMs(number: number): number {
    const { profile, isIdle, idleUntilMs } = this.#of(number);
    const intervalMs = Math.min(
      limits.maxHeartbeatIntervalMs,
      Math.round(profile.heartbeatIntervalMs * this.#stretch),
    );
    if (!isIdle) return intervalMs;
    // It ends with the idle hours, so that a product begins to work with them.
    return Math.max(intervalMs, Math.min(IDLE_INTERVAL_MS, idleUntilMs - this.#clock.now()));
  }

  /**
   * Looks at the clock. Cheap unless a quarter of an hour has begun since the last look, or the clock was set.
   *
   * @returns the profiles whose idle hours have begun or ended
   */
  turn(): number[] {
    const quarter = this.#currentQuarter();
    if (quarter === this.#quarter) return [];
    this.#quarter = quarter;
    const changed: number[] = [];
    for (const [number, hours] of this.#hours.entries()) {
      if (hours.clock === undefined) continue;
      const wasIdle = hours.isIdle;
      this.#look(hours, hours.clock);
      if (hours.isIdle !== wasIdle) changed.push(number);
    }
    return changed;
  }

  #of(number: number): Hours {
    // The list is never empty, and a number beyond it belongs to a profile that is about to come.
    return this.#hours[number] ?? (this.#hours[0] as Hours);
  }

  #begin(profile: PresenceProfile): Hours {
    const clock = profile.schedule === null ? undefined : new ScheduleClock(profile.schedule);
    const hours: Hours = { profile, clock, isIdle: false, idleUntilMs: 0 };
    if (clock !== undefined) this.#look(hours, clock);
    return hours;
  }

  #look(hours: Hours, clock: ScheduleClock): void {
    const nowMs = this.#clock.now();
    hours.isIdle = clock.isIdle(nowMs);
    hours.idleUntilMs = hours.isIdle ? (clock.nextChangeAt(nowMs) ?? Number.MAX_SAFE_INTEGER) : 0;
  }

  #currentQuarter(): number {
    return Math.floor(this.#clock.now() / QUARTER_MS);
  }
}
