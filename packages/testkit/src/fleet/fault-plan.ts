/** What the simulated network does to datagrams, in each direction on its own. */
export interface NetworkFaults {
  /** Shares from 0 to 1. */
  readonly loseShare: number;
  readonly duplicateShare: number;
  /** Datagrams that are held back until a later one of the same product and direction has passed them. */
  readonly reorderShare: number;
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}

/** What happens to products themselves. */
export interface ProductFaults {
  /** Share of products whose wall clock jumps once. */
  readonly clockJumpShare: number;
  /** The furthest a clock jumps, forwards or back. */
  readonly maxClockJumpMs: number;
  /** Share of products that fall silent at some moment, without a goodbye. */
  readonly silentShare: number;
}

export const noNetworkFaults: NetworkFaults = {
  loseShare: 0,
  duplicateShare: 0,
  reorderShare: 0,
  minDelayMs: 0,
  maxDelayMs: 0,
};

export const noProductFaults: ProductFaults = { clockJumpShare: 0, maxClockJumpMs: 0, silentShare: 0 };

/** The fate of one datagram: nothing arrives, or one copy or two, each after its delay. */
export interface DatagramFate {
  readonly delaysMs: readonly number[];
  readonly isHeldBack: boolean;
}

const LOST: DatagramFate = { delaysMs: [], isHeldBack: false };
const UNTOUCHED: DatagramFate = { delaysMs: [0], isHeldBack: false };

/** Draws that one datagram takes; the n-th datagram of a product begins at n times this. */
export const drawsPerDatagram = 5;

/** @param draw numbers in [0, 1), for 0 to {@link drawsPerDatagram} - 1 */
export function planDatagram(faults: NetworkFaults, draw: (count: number) => number): DatagramFate {
  const { loseShare, duplicateShare, reorderShare, minDelayMs, maxDelayMs } = faults;
  if (loseShare === 0 && duplicateShare === 0 && reorderShare === 0 && maxDelayMs === 0) return UNTOUCHED;
  if (draw(0) < loseShare) return LOST;
  const delayMs = (count: number): number => minDelayMs + draw(count) * (maxDelayMs - minDelayMs);
  const delaysMs = draw(1) < duplicateShare ? [delayMs(3), delayMs(4)] : [delayMs(3)];
  return { delaysMs, isHeldBack: draw(2) < reorderShare };
}

/** What happens to one product, and when; times count from the start of the run. */
export interface ProductFate {
  readonly clockJump: { readonly atMs: number; readonly byMs: number } | undefined;
  readonly silentAtMs: number | undefined;
}

/** @param draws one stream of numbers in [0, 1) for each kind of fault */
export function planProduct(
  faults: ProductFaults,
  runMs: number,
  draws: { readonly clockJump: (count: number) => number; readonly silence: (count: number) => number },
): ProductFate {
  const jumps = draws.clockJump(0) < faults.clockJumpShare;
  const isSilent = draws.silence(0) < faults.silentShare;
  return {
    clockJump: jumps
      ? {
          atMs: draws.clockJump(1) * runMs,
          byMs: Math.round((2 * draws.clockJump(2) - 1) * faults.maxClockJumpMs),
        }
      : undefined,
    silentAtMs: isSilent ? draws.silence(1) * runMs : undefined,
  };
}
