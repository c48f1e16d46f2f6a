import { limits } from '@holdfast/protocol';

/** 2026-01-01T00:00:00Z. */
const FIRST_DAY_MS = 1_767_225_600_000;
/**
 * How far ahead of the clock a product's own memory is believed: seconds of some three years. Ahead of the clock and
 * not of the record, or a hostile product would leap from leap to leap until its epochs are used up and repeat.
 */
const MAX_LEAP = 100_000_000;

/**
 * The epoch of the next handshake: greater than every one before it, also before a database was lost or an older
 * backup restored, because key and epoch together make the heartbeat key. Seconds since a fixed day see to that even
 * for a product number that a new database gives to another product; what the record and the product remember sees
 * to it when the clock was wrong.
 *
 * @param remembered what the product says it was last; it only concerns its own keys
 */
export function nextEpoch(current: number, remembered: number | undefined, nowMs: number): number {
  const seconds = Math.max(0, Math.floor((nowMs - FIRST_DAY_MS) / 1_000));
  const floor = Math.max(current + 1, seconds, 1);
  const wanted =
    remembered !== undefined && remembered < seconds + MAX_LEAP ? Math.max(floor, remembered + 1) : floor;
  return Math.min(wanted, limits.maxEpoch);
}
