/** One place where two files of records differ. */
export interface RecordEdit {
  /** Records of the old file that stay, before the place. */
  readonly keep: number;
  /** Records of the old file that go. */
  readonly drop: number;
  /** Records of the new file that take their place. */
  readonly add: number;
}

/**
 * What turns the records of one file into those of another; equal numbers are equal records. What stays keeps its order: records
 * that are there once in both files are matched as far as they do not cross (a longest rising sequence), and
 * their neighbours join them as far as they are equal.
 */
export function findRecordEdits(old: Int32Array, fresh: Int32Array): RecordEdit[] {
  const shorter = Math.min(old.length, fresh.length);
  let head = 0;
  while (head < shorter && old[head] === fresh[head]) head++;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail++;
  const oldEnd = old.length - tail;
  const freshEnd = fresh.length - tail;

  const edits: RecordEdit[] = [];
  let keep = head;
  let oldAt = head;
  let freshAt = head;
  const changeUpTo = (oldTo: number, freshTo: number): void => {
    if (oldTo === oldAt && freshTo === freshAt) return;
    edits.push({ keep, drop: oldTo - oldAt, add: freshTo - freshAt });
    keep = 0;
    oldAt = oldTo;
    freshAt = freshTo;
  };
  for (const [oldAnchor, freshAnchor] of findAnchors(
    old.subarray(head, oldEnd),
    fresh.subarray(head, freshEnd),
  )) {
    let oldFrom = head + oldAnchor;
    let freshFrom = head + freshAnchor;
    // An earlier anchor has already reached beyond this one.
    if (oldFrom < oldAt || freshFrom < freshAt) continue;
    while (oldFrom > oldAt && freshFrom > freshAt && old[oldFrom - 1] === fresh[freshFrom - 1]) {
      oldFrom--;
      freshFrom--;
    }
    changeUpTo(oldFrom, freshFrom);
    while (oldAt < oldEnd && freshAt < freshEnd && old[oldAt] === fresh[freshAt]) {
      keep++;
      oldAt++;
      freshAt++;
    }
  }
  changeUpTo(oldEnd, freshEnd);
  return edits;
}

/** Pairs of places of records that each file has once, rising in both. */
function findAnchors(old: Int32Array, fresh: Int32Array): [number, number][] {
  const oldPlaces = placesOfUnique(old);
  const freshPlaces = placesOfUnique(fresh);
  const places: [number, number][] = [];
  for (let place = 0; place < fresh.length; place++) {
    const number = fresh[place] ?? 0;
    if (freshPlaces[number] !== place) continue;
    const oldPlace = oldPlaces[number] ?? MISSING;
    if (oldPlace >= 0) places.push([oldPlace, place]);
  }
  return longestRising(places);
}

const MISSING = -1;
const REPEATED = -2;

/** By the number of a record: its place, or that it is missing or repeated. */
function placesOfUnique(records: Int32Array): Int32Array {
  let greatest = -1;
  for (const number of records) if (number > greatest) greatest = number;
  const places = new Int32Array(greatest + 1).fill(MISSING);
  for (let place = 0; place < records.length; place++) {
    const number = records[place] ?? 0;
    places[number] = places[number] === MISSING ? place : REPEATED;
  }
  return places;
}

/** The longest part of `pairs` in which the first members rise (patience sorting). */
function longestRising(pairs: readonly [number, number][]): [number, number][] {
  const piles: number[] = [];
  const before = new Int32Array(pairs.length).fill(MISSING);
  for (const [place, [value]] of pairs.entries()) {
    let low = 0;
    let high = piles.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pairs[piles[middle] ?? 0]?.[0] ?? 0) < value) low = middle + 1;
      else high = middle;
    }
    before[place] = piles[low - 1] ?? MISSING;
    piles[low] = place;
  }
  const rising: [number, number][] = [];
  for (let place = piles.at(-1) ?? MISSING; place !== MISSING; place = before[place] ?? MISSING) {
    const pair = pairs[place];
    if (pair !== undefined) rising.push(pair);
  }
  return rising.reverse();
}
