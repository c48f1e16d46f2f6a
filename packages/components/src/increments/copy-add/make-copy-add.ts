import { setImmediate } from 'node:timers/promises';
import type { MakeInput } from '../encoding.ts';
import { readExactly } from '../increment-file.ts';
import { createBitEncoder } from './bit-coder.ts';
import { createDifference } from './difference.ts';
import { encodeSettings } from './difference-settings.ts';
import { createMatcher, type Match, type Matcher } from './matcher.ts';
import { createRegionFinder, openWholeWindow, type OldWindow } from './old-window.ts';
import { createOldPages } from './old-pages.ts';
import { tidyMatches } from './tidy-matches.ts';

/** Shares of the memory bound: the old file or what is held of it, its index, the piece of the new file in work. */
const WINDOW_SHARE = 4;
const INDEX_SHARE = 16;
const SEGMENT_SHARE = 32;
/** A window of a file that is held in part; smaller, because it is made anew for each piece. */
const PART_SHARE = 16;
const BLOCK_SHARE = 256;
const MAX_SEGMENT_BYTES = 32 * 2 ** 20;

/** Bytes that are added are coded one by one, a microsecond for each, when making and when applying. */
const ADDED_BUDGET_BYTES = 64 * 2 ** 20;
const MAX_ADDED_BYTES = 8 * 2 ** 20;
const MIN_ADDED_BYTES = 2 ** 20;
const TOO_MANY_ADDED_BYTES = 128 * 2 ** 20;
/** What a byte that is added is taken to cost, in bits: the less, the more is added instead of being copied. */
const BYTE_BITS = [0.08, 0.25, 0.7, 2, 5] as const;

const PATIENCE_BYTES = 48;
const WHOLE_REACH_BYTES = 32 * 2 ** 20;
const REACH_BYTES = 128 * 1024;
const TAKE_BYTES = 64 * 1024;

/**
 * Copies with changes, and bytes that are added, all of it coded by how likely it is. Not where most of a large file is new.
 */
export async function makeCopyAdd(input: MakeInput): Promise<boolean> {
  const { old, oldLength, fresh, freshLength, memoryBound, signal } = input;
  const coder = createBitEncoder();
  const isWhole = oldLength <= memoryBound / WINDOW_SHARE;
  const settings = {
    patience: PATIENCE_BYTES,
    tableBits: sizeInBits(freshLength, 12, 21),
    historyBits: sizeInBits(oldLength + freshLength, 12, 25),
    reach: oldLength <= WHOLE_REACH_BYTES ? WHOLE_REACH_BYTES : REACH_BYTES,
  };
  const pages = createOldPages(old, oldLength);
  const difference = createDifference({
    coder,
    pages,
    settings,
    resultLength: freshLength,
    async pause() {
      if (coder.waiting < TAKE_BYTES) return;
      await input.write(coder.take());
      await setImmediate();
      signal?.throwIfAborted();
    },
    emit: async () => input.onProgress?.(difference.done),
  });
  await input.write(encodeSettings(settings));

  const maxPlaces = Math.floor(memoryBound / INDEX_SHARE);
  const whole = isWhole ? await openWholeWindow(old, oldLength) : undefined;
  const ofWhole = whole === undefined ? undefined : createMatcher(whole.bytes, maxPlaces);
  const finder =
    whole === undefined
      ? await createRegionFinder(old, oldLength, Math.floor(memoryBound / BLOCK_SHARE))
      : undefined;
  const segmentBytes = Math.min(MAX_SEGMENT_BYTES, Math.floor(memoryBound / SEGMENT_SHARE));
  let expected = 0;
  let added = 0;
  for (let from = 0; from < freshLength; from += segmentBytes) {
    signal?.throwIfAborted();
    const bytes = await readExactly(fresh, from, Math.min(segmentBytes, freshLength - from));
    const window: OldWindow =
      whole ?? (await required(finder).open(bytes, expected, Math.floor(memoryBound / PART_SHARE)));
    const matcher: Matcher = ofWhole ?? createMatcher(window.bytes, maxPlaces);
    const found = matcher.match(bytes, window.find(expected));
    const budget = (ADDED_BUDGET_BYTES / freshLength) * bytes.length;
    const tidy = tidyUpTo(found, window.bytes, bytes, Math.min(MAX_ADDED_BYTES, Math.max(MIN_ADDED_BYTES, budget)));
    added += addedBytes(tidy);
    if (added > TOO_MANY_ADDED_BYTES) return false;
    for (const match of window.toFile(tidy)) {
      if (match.copied + match.added === 0) continue;
      const middle = match.freshFrom + match.copied;
      await difference.step({
        position: match.copied === 0 ? Math.min(expected, oldLength) : match.oldFrom,
        copied: bytes.subarray(match.freshFrom, middle),
        added: bytes.subarray(middle, middle + match.added),
      });
      expected = match.oldFrom + match.copied;
    }
  }
  coder.finish();
  await input.write(coder.take());
  return true;
}

function sizeInBits(length: number, min: number, max: number): number {
  return Math.max(min, Math.min(max, Math.ceil(Math.log2(length + 1))));
}

function addedBytes(matches: readonly Match[]): number {
  return matches.reduce((sum, { added }) => sum + added, 0);
}

/** As much is added as may be: it is the better way, and the slower one. */
function tidyUpTo(
  matches: readonly Match[],
  old: Uint8Array,
  fresh: Uint8Array,
  maxAdded: number,
): readonly Match[] {
  let tidy: readonly Match[] = matches;
  for (const byteBits of BYTE_BITS) {
    tidy = tidyMatches(matches, old, fresh, byteBits);
    if (addedBytes(tidy) <= maxAdded) break;
  }
  return tidy;
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('expected: one of the two ways to look at the old file');
  return value;
}
