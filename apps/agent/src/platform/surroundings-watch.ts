import type { Clock } from '@holdfast/kernel';

/** A wall clock that gains this much on the monotonic one means that the computer slept, or that its clock was set. */
const MIN_LEAP_MS = 10_000;

export interface Surroundings {
  /** Something changed since the last look that makes it worth to look for the server anew. */
  readonly isWorthALook: boolean;
  /** How far the clock leapt, negative when it was set back; 0 when it did not. */
  readonly leapMs: number;
  /** The computer has another address. */
  readonly hasMoved: boolean;
}

export interface SurroundingsWatch {
  look(): Surroundings;
}

/**
 * Notices that the computer has another address, or that it slept: timers stand still in a sleep, and the next heartbeat would
 * come as late as if there had been none.
 *
 * @param readAddresses any text that changes with the addresses; `undefined` where the system does not tell
 */
export function createSurroundingsWatch(
  clock: Clock,
  readAddresses: () => string | undefined,
): SurroundingsWatch {
  let addresses = readAddresses();
  let aheadMs = clock.now() - clock.monotonic();
  return {
    look: () => {
      const nowAddresses = readAddresses() ?? addresses;
      const nowAheadMs = clock.now() - clock.monotonic();
      const gainMs = Math.round(nowAheadMs - aheadMs);
      const hasMoved = nowAddresses !== addresses;
      addresses = nowAddresses;
      aheadMs = nowAheadMs;
      return {
        isWorthALook: hasMoved || gainMs >= MIN_LEAP_MS,
        leapMs: Math.abs(gainMs) >= MIN_LEAP_MS ? gainMs : 0,
        hasMoved,
      };
    },
  };
}
