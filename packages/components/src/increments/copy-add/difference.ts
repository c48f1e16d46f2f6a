import { damagedIncrement } from '../increments.errors.ts';
import type { BitCoder } from './bit-coder.ts';
import { createCopyModel } from './copy-model.ts';
import type { DifferenceSettings } from './difference-settings.ts';
import { createLiteralModel } from './literal-model.ts';
import { createNumberModel, foldSign, unfoldSign } from './number-model.ts';
import { type OldPages, offsetInPage } from './old-pages.ts';
import { chanceOf, createCounters, learn } from './probability.ts';
import { createRecentShifts, RECENT_SHIFTS } from './recent-shifts.ts';

/** One step from the old file to the new one. */
export interface CopyAdd {
  /** Where in the old file the copy begins. */
  readonly position: number;
  /** What stands in the new file in place of what is copied; some of it may differ. */
  readonly copied: Uint8Array;
  /** What stands behind it and is not in the old file. */
  readonly added: Uint8Array;
}

export interface DifferenceInput {
  readonly coder: BitCoder;
  readonly pages: OldPages;
  readonly settings: DifferenceSettings;
  /** Of the new file. */
  readonly resultLength: number;
  /** Is called between few symbols: moves the bytes of the coder and lets others work. */
  readonly pause: () => Promise<void>;
  /** Gets the new file, piece by piece. */
  readonly emit: (bytes: Uint8Array) => Promise<void>;
}

export interface Difference {
  /** How many bytes of the new file are done. */
  readonly done: number;
  /** One step: writes `wanted`, or reads one where that is not given. */
  step(wanted?: CopyAdd): Promise<void>;
  flush(): Promise<void>;
}

const OUTPUT_BYTES = 2 ** 16;
/** How many symbols go by between two pauses. */
const SYMBOLS = 1024;

/** The difference as a sequence of symbols; writing and reading are the same but for who knows the symbols. */
export function createDifference(input: DifferenceInput): Difference {
  const { coder, pages, settings, resultLength, pause, emit } = input;
  const { patience } = settings;
  const seeks = createNumberModel(coder, RECENT_SHIFTS);
  const shifts = createRecentShifts();
  const shiftPlaces = createNumberModel(coder);
  const runs = createNumberModel(coder, 2);
  const lengths = createNumberModel(coder);
  const copies = createCopyModel(coder, settings.tableBits);
  const literals = createLiteralModel(coder, settings);
  const ends = createCounters(4);
  const output = new Uint8Array(OUTPUT_BYTES);
  let outputLength = 0;
  let done = 0;
  let position = 0;
  let symbols = 0;
  let remembered = 0;

  const flush = async (): Promise<void> => {
    await emit(output.subarray(0, outputLength));
    outputLength = 0;
  };
  const codeEnd = (bit: number, kind: number): number => {
    const counter = ends[kind] ?? 0;
    const got = coder.code(bit, chanceOf(counter));
    ends[kind] = learn(counter, got, 60);
    return got;
  };
  const rest = async (): Promise<void> => {
    symbols = 0;
    await pause();
  };

  const copyRun = async (count: number): Promise<void> => {
    let left = count;
    while (left > 0) {
      const page = pages.find(position) ?? (await pages.load(position));
      const from = offsetInPage(position);
      const length = Math.min(left, page.length - from, OUTPUT_BYTES - outputLength);
      output.set(page.subarray(from, from + length), outputLength);
      copies.passMany(page[from + length - 1] ?? 0, length > 1 ? (page[from + length - 2] ?? 0) : 0);
      outputLength += length;
      position += length;
      done += length;
      left -= length;
      if (outputLength === OUTPUT_BYTES) await flush();
    }
  };
  /** How many bytes of `copied` from `at` on are as in the old file. */
  const measureRun = async (copied: Uint8Array, at: number): Promise<number> => {
    let length = 0;
    while (at + length < copied.length) {
      const place = position + length;
      const page = pages.find(place) ?? (await pages.load(place));
      const from = offsetInPage(place);
      const limit = Math.min(page.length - from, copied.length - at - length);
      let same = 0;
      while (same < limit && page[from + same] === copied[at + length + same]) same++;
      length += same;
      if (same < limit) break;
    }
    return length;
  };

  const copy = async (copied: Uint8Array | undefined): Promise<void> => {
    let at = 0;
    let hits = patience;
    let kind = 0;
    copies.begin();
    for (;;) {
      if (symbols > SYMBOLS) await rest();
      if (hits >= patience) {
        const most = Math.min(pages.length - position, resultLength - done);
        const run = runs.code(copied === undefined ? 0 : await measureRun(copied, at), kind);
        if (run > most) throw damagedIncrement('a copy is too long');
        await copyRun(run);
        at += run;
        symbols += 16;
        hits = -1;
      }
      if (done === resultLength || position === pages.length) return;
      const page = pages.find(position) ?? (await pages.load(position));
      const expected = page[offsetInPage(position)] ?? 0;
      const isOver = copied !== undefined && at === copied.length;
      symbols += 2;
      const same =
        hits < 0 ? 0 : copies.same(copied !== undefined && !isOver && copied[at] === expected ? 1 : 0, expected, position);
      let byte = expected;
      if (same === 1) hits++;
      else {
        if (codeEnd(isOver ? 1 : 0, hits < 0 ? kind : 2) === 1) return;
        byte = copies.change(copied?.[at] ?? 0, expected);
        if (byte === expected) throw damagedIncrement('a change changes nothing');
        hits = 0;
        kind = 1;
        symbols += 8;
      }
      copies.pass(expected, byte);
      output[outputLength++] = byte;
      at++;
      position++;
      done++;
      if (outputLength === OUTPUT_BYTES) await flush();
    }
  };

  /** What lies around in the old file and was not remembered before. */
  const remember = async (): Promise<void> => {
    let at = Math.max(remembered, position - settings.reach);
    const to = Math.min(pages.length, position + settings.reach);
    while (at < to) {
      const page = pages.find(at) ?? (await pages.load(at));
      const from = offsetInPage(at);
      const length = Math.min(page.length - from, to - at);
      literals.remember(page.subarray(from, from + length));
      at += length;
      remembered = at;
      await pause();
    }
  };

  const add = async (added: Uint8Array | undefined): Promise<void> => {
    const count = lengths.code(added?.length ?? 0);
    if (count > resultLength - done) throw damagedIncrement('too much is added');
    if (count > 0) await remember();
    for (let place = 0; place < count; place++) {
      if (symbols > SYMBOLS) await rest();
      const there = position + place;
      let expected = 0;
      if (there < pages.length) {
        const page = pages.find(there) ?? (await pages.load(there));
        expected = page[offsetInPage(there)] ?? 0;
      }
      output[outputLength++] = literals.code(added?.[place] ?? 0, expected);
      symbols += 8;
      done++;
      if (outputLength === OUTPUT_BYTES) await flush();
    }
  };

  return {
    get done() {
      return done;
    },
    flush,
    async step(wanted) {
      const before = done;
      const wantedShift = wanted === undefined ? 0 : wanted.position - done;
      const place = shiftPlaces.code(wanted === undefined ? 0 : shifts.nearest(wantedShift));
      if (place >= RECENT_SHIFTS) throw damagedIncrement('an alignment is unknown');
      const from = shifts.get(place);
      const shift = from + unfoldSign(seeks.code(wanted === undefined ? 0 : foldSign(wantedShift - from), place));
      shifts.use(place, shift);
      position = done + shift;
      if (!(position >= 0 && position <= pages.length)) throw damagedIncrement('a copy lies outside of the old file');
      await copy(wanted?.copied);
      if (done < resultLength) await add(wanted?.added);
      if (done === before) throw damagedIncrement('a step does nothing');
    },
  };
}
