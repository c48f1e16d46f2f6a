import type { Match } from './matcher.ts';
import { createRecentShifts } from './recent-shifts.ts';

/** What a byte costs that has changed within a copy, in bits. */
const CHANGE_BITS = 11;
/** What a copy costs besides the way to it: its end, its length, the length of what stands behind it. */
const COPY_BITS = 14;
/** So far a change of alignment is looked at again. */
const MAX_SPAN = 256;

/**
 * Leaves out the matches that cost more than they save: what they cover is added, or, where the copy before and the one behind
 * have one alignment, changed in passing.
 * @param byteBits what a byte costs that is added, in bits
 */
export function tidyMatches(
  matches: readonly Match[],
  old: Uint8Array,
  fresh: Uint8Array,
  byteBits: number,
): Match[] {
  const tidy: Match[] = [];
  const shifts = createRecentShifts();
  const changes = (shift: number, from: number, to: number): number => {
    let count = 0;
    for (let at = from; at < to; at++) if (old[at + shift] !== fresh[at]) count++;
    return count;
  };
  for (const match of matches) {
    const last = tidy.at(-1);
    const shift = match.oldFrom - match.freshFrom;
    if (last === undefined) {
      tidy.push(match);
      continue;
    }
    // The same alignment as one of the last two: going on with it may be cheaper than leaving and coming back.
    for (const back of [1, 2]) {
      const earlier = tidy.at(-back);
      if (earlier === undefined || earlier.oldFrom - earlier.freshFrom !== shift) continue;
      const from = earlier.freshFrom + earlier.copied;
      if (match.freshFrom - from > MAX_SPAN) break;
      const there = changes(shift, from, match.freshFrom) * CHANGE_BITS;
      const added = tidy.slice(-back).reduce((sum, one) => sum + one.added, 0);
      if (there > added * byteBits + back * (COPY_BITS + 6)) break;
      tidy.splice(-back);
      tidy.push({ ...earlier, copied: match.freshFrom + match.copied - earlier.freshFrom, added: match.added });
      break;
    }
    if (tidy.at(-1) !== last) continue;
    const place = shifts.nearest(shift);
    const way = Math.log2(Math.abs(shift - shifts.get(place)) + 1) + place;
    const saved = match.copied * byteBits - changes(shift, match.freshFrom, match.freshFrom + match.copied) * CHANGE_BITS;
    if (saved < COPY_BITS + way) {
      tidy.pop();
      tidy.push({ ...last, added: last.added + match.copied + match.added });
    } else {
      shifts.use(place, shift);
      tidy.push(match);
    }
  }
  return tidy;
}
