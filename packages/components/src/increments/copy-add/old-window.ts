import type { FileHandle } from 'node:fs/promises';
import { streamFile } from '../byte-stream.ts';
import { readExactly } from '../increment-file.ts';
import type { Match } from './matcher.ts';
import { createPlaceIndex, hash32 } from './place-index.ts';

/** A part of the old file that lies in the window. */
interface Region {
  readonly fileFrom: number;
  readonly windowFrom: number;
  readonly length: number;
}

/** The parts of an old file that a piece of the new one resembles, side by side in memory. */
export interface OldWindow {
  readonly bytes: Uint8Array;
  /** Where in the window a place of the old file lies, or the nearest one that lies there. */
  find(position: number): number;
  /** The same matches with places in the file; a match over two parts becomes two. */
  toFile(matches: readonly Match[]): Match[];
}

/** Finds the parts of an old file that is too large for memory. */
export interface RegionFinder {
  /** At most `maxBytes` of what `fresh` resembles; if there is room, what lies around `position`. */
  open(fresh: Uint8Array, position: number, maxBytes: number): Promise<OldWindow>;
}

export async function openWholeWindow(file: FileHandle, length: number): Promise<OldWindow> {
  const bytes = await readExactly(file, 0, length);
  return createWindow(bytes, [{ fileFrom: 0, windowFrom: 0, length }]);
}

const BLOCK_BYTES = 32;
/** Parts are as long as this, and begin at a multiple of it. */
const REGION_BYTES = 2 ** 20;

/**
 * Remembers a block of 32 bytes out of each `spacing`, so that a file of any length takes the same memory. What is
 * repeated for that long is found wherever it has moved to.
 */
export async function createRegionFinder(
  file: FileHandle,
  length: number,
  maxBlocks: number,
): Promise<RegionFinder> {
  const spacing = Math.max(BLOCK_BYTES, Math.ceil(length / maxBlocks));
  const count = Math.floor(length / spacing);
  // The blocks side by side are indexed as if they were a file of their own.
  const blocks = new Uint8Array(count * BLOCK_BYTES);
  const stream = streamFile(file, 0, length);
  let at = 0;
  for (let piece = await stream.next(); piece !== undefined; piece = await stream.next()) {
    for (let block = Math.floor(at / spacing); block < count; block++) {
      const from = block * spacing - at;
      if (from >= piece.length) break;
      if (from + BLOCK_BYTES <= 0) continue;
      const low = Math.max(0, from);
      blocks.set(piece.subarray(low, from + BLOCK_BYTES), block * BLOCK_BYTES + (low - from));
    }
    at += piece.length;
  }
  const index = createPlaceIndex(blocks, BLOCK_BYTES, BLOCK_BYTES);

  const findRegions = (fresh: Uint8Array): number[] => {
    const hits = new Map<number, number>();
    for (let place = 0; place + BLOCK_BYTES <= fresh.length; place++) {
      const hash = index.hash(fresh, place);
      const from = index.starts[hash] ?? 0;
      const to = index.starts[hash + 1] ?? 0;
      // What is there often says nothing about where to look.
      if (to - from > 4) continue;
      for (let entry = from; entry < to; entry++) {
        const block = index.places[entry] ?? 0;
        if (hash32(blocks, block) !== hash32(fresh, place)) continue;
        const region = Math.floor(((block / BLOCK_BYTES) * spacing) / REGION_BYTES);
        hits.set(region, (hits.get(region) ?? 0) + 1);
      }
    }
    return [...hits].sort(([, one], [, other]) => other - one).map(([region]) => region);
  };

  return {
    async open(fresh, position, maxBytes) {
      const room = Math.max(1, Math.floor(maxBytes / REGION_BYTES));
      const last = Math.floor(Math.max(0, length - 1) / REGION_BYTES);
      const wanted = new Set<number>();
      const want = (region: number): void => {
        if (region >= 0 && region <= last && wanted.size < room) wanted.add(region);
      };
      const middle = Math.floor(position / REGION_BYTES);
      for (let away = 0; away <= room / 4; away++) {
        want(middle + away);
        want(middle - away);
      }
      for (const region of findRegions(fresh)) {
        want(region);
        // What resembles it begins before and ends behind the blocks that were found.
        want(region + 1);
        want(region - 1);
      }
      const regions: Region[] = [];
      let windowFrom = 0;
      for (const region of [...wanted].sort((one, other) => one - other)) {
        const fileFrom = region * REGION_BYTES;
        const size = Math.min(REGION_BYTES, length - fileFrom);
        const before = regions.at(-1);
        if (before !== undefined && before.fileFrom + before.length === fileFrom)
          regions[regions.length - 1] = { ...before, length: before.length + size };
        else regions.push({ fileFrom, windowFrom, length: size });
        windowFrom += size;
      }
      const bytes = new Uint8Array(windowFrom);
      for (const region of regions)
        bytes.set(await readExactly(file, region.fileFrom, region.length), region.windowFrom);
      return createWindow(bytes, regions);
    },
  };
}

function createWindow(bytes: Uint8Array, regions: readonly Region[]): OldWindow {
  return {
    bytes,
    find(position) {
      for (const { fileFrom, windowFrom, length } of regions) {
        if (position < fileFrom) return windowFrom;
        if (position <= fileFrom + length) return windowFrom + position - fileFrom;
      }
      return bytes.length;
    },
    toFile(matches) {
      if (regions.length === 1 && regions[0]?.fileFrom === 0) return [...matches];
      return matches.flatMap((match) => split(match, regions));
    },
  };
}

function split(match: Match, regions: readonly Region[]): Match[] {
  const parts: Match[] = [];
  let { oldFrom, freshFrom, copied } = match;
  for (const { fileFrom, windowFrom, length } of regions) {
    const left = windowFrom + length - oldFrom;
    if (left <= 0 || oldFrom < windowFrom) continue;
    const taken = Math.min(left, copied);
    parts.push({ oldFrom: fileFrom + oldFrom - windowFrom, freshFrom, copied: taken, added: 0 });
    oldFrom += taken;
    freshFrom += taken;
    copied -= taken;
    if (copied === 0) break;
  }
  const last = parts.at(-1) ?? { ...match, oldFrom: 0, copied: 0 };
  return [...parts.slice(0, -1), { ...last, added: match.added }];
}
