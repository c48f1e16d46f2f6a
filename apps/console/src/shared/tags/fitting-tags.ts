/** About what a chip takes beside its letters, a letter of it, the room between two, and what counts the rest. */
const chipPixels = 32;
const letterPixels = 6.6;
const gapPixels = 4;
const restPixels = 24;

/**
 * How many tags of a row can be read in so many pixels, at least one. Whole names of few tags say more than the first
 * letters of many.
 */
export function countFittingTags(names: readonly string[], room: number): number {
  let used = 0;
  let count = 0;
  for (const name of names) {
    used += chipPixels + [...name].length * letterPixels + (count === 0 ? 0 : gapPixels);
    const isLast = count + 1 === names.length;
    if (used + (isLast ? 0 : restPixels) > room) break;
    count += 1;
  }
  return Math.max(1, count);
}
