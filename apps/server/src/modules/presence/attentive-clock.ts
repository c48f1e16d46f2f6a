import type { Clock } from '@holdfast/kernel';

/** A turn that comes later than this was late: the rest of the pause is not counted. */
const MAX_COUNTED_STEP_MS = 500;
/** Below this, a difference between the two clocks is drift and correction, not a pause. */
const WALL_TOLERANCE_MS = 2_000;

/**
 * Time during which this server was able to notice signs of life. It runs like the monotonic clock while the server
 * turns regularly, and stands still while the process is stopped, starved or its computer asleep: silence that nobody
 * listened to is no silence. The wall clock decides nothing; it only tells that the computer slept, which the
 * monotonic clock does not see.
 *
 * Invariant: it never goes back and never runs faster than the monotonic clock.
 */
export class AttentiveClock {
  readonly #clock: Clock;
  #attentiveMs = 0;
  #monotonicMs: number;
  #wallMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#monotonicMs = clock.monotonic();
    this.#wallMs = clock.now();
  }

  /** Attentive milliseconds since the start, also between two turns. */
  now(): number {
    return this.#attentiveMs + Math.min(this.#clock.monotonic() - this.#monotonicMs, MAX_COUNTED_STEP_MS);
  }

  /**
   * To be called at every turn.
   *
   * @returns how many milliseconds have passed since the last turn without the server being able to listen
   */
  turn(): number {
    const monotonicMs = this.#clock.monotonic();
    const wallMs = this.#clock.now();
    const passedMs = monotonicMs - this.#monotonicMs;
    const sleptMs = wallMs - this.#wallMs - passedMs;
    const countedMs = Math.min(passedMs, MAX_COUNTED_STEP_MS);
    this.#attentiveMs += countedMs;
    this.#monotonicMs = monotonicMs;
    this.#wallMs = wallMs;
    return passedMs - countedMs + (sleptMs > WALL_TOLERANCE_MS ? sleptMs : 0);
  }
}
