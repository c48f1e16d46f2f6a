import type { TransferRates } from '@holdfast/components/transfer';

/** What an idle server sends in all where nobody bounds it: more than a line of 1 Gbit/s. */
const FULL_RATE = 256 * 1024 * 1024;
/** What downloads have at least, however busy the server is: they end, and their callers do not come back for more. */
const LEAST_RATE = 1024 * 1024;
/** From here on the thread belongs to heartbeats and people. */
const BUSY_FROM = 0.6;
const BUSY_AT_MOST = 0.95;

/**
 * How fast files may be sent while the thread of the server is busy for this part of its time, 0 to 1. Below six tenths as fast as
 * is set; then less and less.
 */
export function ratesUnderLoad({ all, each }: TransferRates, busyPart: number): TransferRates {
  if (!(busyPart > BUSY_FROM)) return { all, each };
  const left = Math.max(0, (BUSY_AT_MOST - busyPart) / (BUSY_AT_MOST - BUSY_FROM));
  const wanted = all ?? FULL_RATE;
  return { all: Math.min(wanted, Math.max(LEAST_RATE, Math.round(wanted * left ** 2))), each };
}
