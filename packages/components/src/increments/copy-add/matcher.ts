import { createPlaceIndex, type PlaceIndex } from './place-index.ts';

/** A part of the new file that resembles one of the old file, and what stands behind it. Offsets and lengths in bytes. */
export interface Match {
  readonly oldFrom: number;
  readonly freshFrom: number;
  readonly copied: number;
  readonly added: number;
}

export interface Matcher {
  /** Cuts `fresh` into matches without a gap. `expected` is where in the old bytes its beginning probably lies. */
  match(fresh: Uint8Array, expected: number): Match[];
}

const LONG_STEP = 8;
/** How many places are looked at for one hash, the nearest first. */
const TRIED_SHORT = 24;
const TRIED_LONG = 12;
/** A match elsewhere has to be so much better than going on where the last one lies. */
const WORTH_BYTES = 8;
/** From so long a match on, nothing better is looked for. */
const GOOD_BYTES = 4096;
const PLAIN_BYTES = 16;

/**
 * Finds for each place of new bytes where they lie in the old ones, after bsdiff (Colin Percival, "Naive differences of executable code"):
 * a match goes on over differences as long as most bytes agree, and gives way to another one that is better. In the place of a
 * sorted index of all suffixes stand two tables of hashes, of 8 and of 32 bytes.
 * @param maxPlaces how many places of the old bytes may be kept; each takes 4 bytes
 */
export function createMatcher(old: Uint8Array, maxPlaces: number): Matcher {
  let indexes: readonly [PlaceIndex, PlaceIndex] | undefined;
  // Where the files do not differ it is not needed, and it is half of the work.
  const index = (): readonly [PlaceIndex, PlaceIndex] => {
    indexes ??= [
      createPlaceIndex(old, 8, Math.max(1, Math.ceil(old.length / maxPlaces))),
      createPlaceIndex(old, 32, LONG_STEP),
    ];
    return indexes;
  };
  return { match: (fresh, expected) => matchAll(old, fresh, expected, index) };
}

function matchAll(
  old: Uint8Array,
  fresh: Uint8Array,
  expected: number,
  index: () => readonly [PlaceIndex, PlaceIndex],
): Match[] {
  const matches: Match[] = [];
  let foundAt = 0;
  let foundLength = 0;
  const sameLength = (oldAt: number, freshAt: number): number => {
    const limit = Math.min(old.length - oldAt, fresh.length - freshAt);
    let length = 0;
    while (length < limit && old[oldAt + length] === fresh[freshAt + length]) length++;
    return length;
  };
  const lookIn = (index: PlaceIndex, at: number, near: number, tries: number): void => {
    if (at + index.width > fresh.length) return;
    const hash = index.hash(fresh, at);
    const from = index.starts[hash] ?? 0;
    const to = index.starts[hash + 1] ?? 0;
    if (from === to) return;
    const { places } = index;
    let low = from;
    let high = to;
    if (to - from > tries) {
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((places[middle] ?? 0) < near) low = middle + 1;
        else high = middle;
      }
    } else low = to;
    let below = low - 1;
    let above = low;
    for (let tried = 0; tried < tries && (below >= from || above < to); tried++) {
      const isBelow =
        above >= to || (below >= from && near - (places[below] ?? 0) <= (places[above] ?? 0) - near);
      const place = places[isBelow ? below-- : above++] ?? 0;
      // Whatever is better agrees at the end of what is best so far.
      if (foundLength > 0 && old[place + foundLength] !== fresh[at + foundLength]) continue;
      const length = sameLength(place, at);
      if (length > foundLength) {
        foundLength = length;
        foundAt = place;
        if (length >= GOOD_BYTES) return;
      }
    }
  };
  /** The longest of the matches that are looked at; the last one goes on if nothing better is there. */
  const search = (at: number, near: number): void => {
    if (foundLength > 1) {
      foundLength--;
      foundAt++;
      if (foundLength >= GOOD_BYTES) return;
    } else foundLength = 0;
    const [short, long] = index();
    lookIn(long, at, near, TRIED_LONG);
    if (foundLength < 64) lookIn(short, at, near, TRIED_SHORT);
  };

  let scan = 0;
  let lastScan = 0;
  let lastAt = Math.min(expected, old.length);
  let shift = lastAt;
  let length = 0;
  while (scan < fresh.length) {
    let score = 0;
    scan += length;
    let scored = scan;
    length = 0;
    foundLength = 0;
    for (; scan < fresh.length; scan++) {
      // Where the last match goes on without a difference nothing has to be looked for.
      const straight = plainLength(old, fresh, scan + shift, scan);
      if (straight >= PLAIN_BYTES) {
        length = straight;
        foundAt = scan + shift;
        score = straight;
        break;
      }
      search(scan, scan + shift);
      length = foundLength;
      for (; scored < scan + length; scored++) if (old[scored + shift] === fresh[scored]) score++;
      if ((length === score && length !== 0) || length > score + WORTH_BYTES) break;
      if (scored > scan) {
        if (old[scan + shift] === fresh[scan]) score--;
      } else scored = scan + 1;
    }
    if (length === score && length !== 0 && scan < fresh.length) continue;
    if (scan >= fresh.length) {
      scan = fresh.length;
      length = 0;
    }
    // How far the last match goes on, and how far the new one begins before.
    let forward = extendForward(old, fresh, lastAt, lastScan, scan);
    let backward = scan < fresh.length ? extendBackward(old, fresh, foundAt, scan, lastScan) : 0;
    if (lastScan + forward > scan - backward) {
      const overlap = lastScan + forward - (scan - backward);
      let best = 0;
      let balance = 0;
      let kept = 0;
      for (let place = 0; place < overlap; place++) {
        if (fresh[lastScan + forward - overlap + place] === old[lastAt + forward - overlap + place]) balance++;
        if (fresh[scan - backward + place] === old[foundAt - backward + place]) balance--;
        if (balance > best) {
          best = balance;
          kept = place + 1;
        }
      }
      forward += kept - overlap;
      backward -= kept;
    }
    matches.push({
      oldFrom: lastAt,
      freshFrom: lastScan,
      copied: forward,
      added: scan - backward - (lastScan + forward),
    });
    lastScan = scan - backward;
    lastAt = foundAt - backward;
    shift = foundAt - scan;
  }
  return matches;
}

function plainLength(old: Uint8Array, fresh: Uint8Array, oldAt: number, freshAt: number): number {
  if (oldAt < 0) return 0;
  const limit = Math.min(old.length - oldAt, fresh.length - freshAt);
  let length = 0;
  while (length < limit && old[oldAt + length] === fresh[freshAt + length]) length++;
  return length;
}

/** So far that twice the bytes that agree, less all, is most. */
function extendForward(old: Uint8Array, fresh: Uint8Array, oldAt: number, freshAt: number, end: number): number {
  const limit = Math.min(end - freshAt, old.length - oldAt);
  let same = 0;
  let best = 0;
  let length = 0;
  for (let place = 0; place < limit; ) {
    if (old[oldAt + place] === fresh[freshAt + place]) same++;
    place++;
    if (same * 2 - place > best * 2 - length) {
      best = same;
      length = place;
    }
  }
  return length;
}

function extendBackward(old: Uint8Array, fresh: Uint8Array, oldAt: number, freshAt: number, from: number): number {
  const limit = Math.min(freshAt - from, oldAt);
  let same = 0;
  let best = 0;
  let length = 0;
  for (let place = 1; place <= limit; place++) {
    if (old[oldAt - place] === fresh[freshAt - place]) same++;
    if (same * 2 - place > best * 2 - length) {
      best = same;
      length = place;
    }
  }
  return length;
}
