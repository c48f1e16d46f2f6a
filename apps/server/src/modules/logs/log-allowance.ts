import { type CheckedEntry, severityCode } from './log-batch.ts';

/** How much one product may bring on one day (UTC). */
export interface LogAllowanceLimits {
  readonly entries: number;
  readonly bytes: number;
}

/** Up to here everything is kept; an agent that reports everything it does stays far below. */
export const ordinaryAllowance: LogAllowanceLimits = { entries: 20_000, bytes: 32 * 1_048_576 };
/** Up to here what matters is still kept. Beyond it nothing is: a product must not fill the disk by calling everything critical. */
export const lastAllowance: LogAllowanceLimits = { entries: 40_000, bytes: 64 * 1_048_576 };

/** What has been kept of a product on the present day. */
export interface LogUsage {
  readonly entryCount: number;
  readonly byteCount: number;
}

/** What was left out of a batch. */
export interface LogLoss {
  readonly count: number;
  /** By the clock of the product, as are all times of its entries. */
  readonly firstAtMs: number;
  readonly lastAtMs: number;
}

export interface LogIntake {
  readonly kept: readonly CheckedEntry[];
  readonly usage: LogUsage;
  readonly loss: LogLoss | undefined;
}

/** Columns of a row and its places in the indexes, without texts. */
const BYTES_AROUND_ENTRY = 200;

/**
 * Which entries of a batch are kept. Entries below `warning` are left out beyond the ordinary allowance of the day, all
 * others beyond the last one.
 */
export function planLogIntake(usage: LogUsage, entries: readonly CheckedEntry[]): LogIntake {
  let { entryCount, byteCount } = usage;
  let loss: LogLoss | undefined;
  const kept: CheckedEntry[] = [];
  for (const entry of entries) {
    const bytes = sizeOf(entry);
    const allowed = entry.severity < severityCode.warning ? ordinaryAllowance : lastAllowance;
    if (entryCount + 1 > allowed.entries || byteCount + bytes > allowed.bytes) {
      loss = addLoss(loss, { count: 1, firstAtMs: entry.atMs, lastAtMs: entry.atMs });
      continue;
    }
    kept.push(entry);
    entryCount += 1;
    byteCount += bytes;
  }
  return { kept, usage: { entryCount, byteCount }, loss };
}

export function addLoss(before: LogLoss | undefined, more: LogLoss): LogLoss {
  if (before === undefined) return more;
  return {
    count: before.count + more.count,
    firstAtMs: Math.min(before.firstAtMs, more.firstAtMs),
    lastAtMs: Math.max(before.lastAtMs, more.lastAtMs),
  };
}

function sizeOf(entry: CheckedEntry): number {
  return BYTES_AROUND_ENTRY + Buffer.byteLength(entry.text) + (entry.facts?.length ?? 0);
}
