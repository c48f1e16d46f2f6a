import type { Clock } from '@holdfast/kernel';

/** A wall clock that gains this much on the monotonic one means that the computer slept, or that its clock was set. */
const MIN_LEAP_MS = 10_000;

export interface SurroundingsWatch {
  /** True when something changed since the last look that makes it worth to look for the server anew. */
  look(): boolean;
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
      const hasLeapt = nowAheadMs - aheadMs >= MIN_LEAP_MS;
      const hasMoved = nowAddresses !== addresses;
      addresses = nowAddresses;
      aheadMs = nowAheadMs;
      return hasLeapt || hasMoved;
    },
  };
}
