import type { Clock } from '@holdfast/kernel';
import type { TransferRates } from './file-server-limits.ts';

/** Waits so long, or until the signal says that nobody needs it any more, with whose reason it then rejects. */
export type Wait = (ms: number, signal: AbortSignal) => Promise<void>;

export interface RatePacer {
  /** How much to send next, in bytes: little where the rate is low, so that others have their turn and a new rate counts soon. */
  pieceBytes(): number;
  /** Resolves when so many bytes may be sent to the caller. */
  take(caller: string, bytes: number, signal: AbortSignal): Promise<void>;
}

/** What nobody used for so long is not saved up for later. */
const BURST_MS = 250;
const MAX_PIECE = 64 * 1024;
const MIN_PIECE = 1_024;
const MAX_CALLERS = 10_000;

/**
 * Token buckets, one for each caller and one for all, by the moment at which each has paid for what it sent. The rates are asked for
 * each piece: who changes them changes running downloads.
 */
export function createRatePacer({
  rates,
  clock,
  wait,
}: {
  readonly rates: () => TransferRates;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly wait: Wait;
}): RatePacer {
  /** When each caller has paid. In the order of their last use. */
  const paidAt = new Map<string, number>();
  let allPaidAt = Number.NEGATIVE_INFINITY;

  return {
    pieceBytes() {
      const { all, each } = rates();
      const perSecond = Math.min(all ?? Number.POSITIVE_INFINITY, each ?? Number.POSITIVE_INFINITY);
      return Math.max(MIN_PIECE, Math.min(MAX_PIECE, Math.floor(perSecond / 4)));
    },
    async take(caller, bytes, signal) {
      const { all, each } = rates();
      const now = clock.monotonic();
      let until = now;
      if (all !== undefined) {
        allPaidAt = pay(allPaidAt, now, bytes, all);
        until = Math.max(until, allPaidAt);
      }
      if (each !== undefined) {
        const paid = pay(paidAt.get(caller) ?? Number.NEGATIVE_INFINITY, now, bytes, each);
        remember(caller, paid, now);
        until = Math.max(until, paid);
      }
      if (until > now) await wait(until - now, signal);
    },
  };

  /** Callers who have paid are forgotten first: they lose nothing by it. */
  function remember(caller: string, paid: number, now: number): void {
    paidAt.delete(caller);
    if (paidAt.size >= MAX_CALLERS)
      for (const [other, at] of paidAt) if (at <= now - BURST_MS) paidAt.delete(other);
    const [oldest] = paidAt.keys();
    if (paidAt.size >= MAX_CALLERS && oldest !== undefined) paidAt.delete(oldest);
    paidAt.set(caller, paid);
  }
}

function pay(paidAt: number, now: number, bytes: number, perSecond: number): number {
  return Math.max(paidAt, now - BURST_MS) + (bytes * 1_000) / perSecond;
}
