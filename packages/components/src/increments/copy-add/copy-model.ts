import type { BitCoder } from './bit-coder.ts';
import { createCounters, createMixer, learn, weightOfChance } from './probability.ts';

/** Larger tables are of no use here. */
const MAX_TABLE_BITS = 20;
const SAME_LIMIT = 1000;
const CHANGE_LIMIT = 200;

/**
 * Bytes that are copied from the old file, where a few of them may have changed: whether the next one is as expected, and what it is if not.
 * In programs the changes are addresses, so much of it follows from the bytes around and from earlier changes.
 */
export interface CopyModel {
  /** A copy begins elsewhere: what was around the last one says nothing about it. */
  begin(): void;
  /** 1 where the next byte is `expected`. @param position in the old file */
  same(bit: number, expected: number, position: number): number;
  /** The byte that is not as expected. */
  change(byte: number, expected: number): number;
  /** `expected` was passed, and `byte` took its place. */
  pass(expected: number, byte: number): void;
  /** Many bytes were as expected; these are the last of them. */
  passMany(last: number, lastButOne: number): void;
}

export function createCopyModel(coder: BitCoder, tableBits: number): CopyModel {
  const counterCount = 2 ** Math.min(MAX_TABLE_BITS, tableBits);
  const tableMask = counterCount - 1;
  const sameByFlags = createCounters(2 ** 16);
  const sameByBytes = createCounters(counterCount);
  const sameByPlace = createCounters(2 ** 16);
  const sameByMore = createCounters(counterCount);
  const sameMixer = createMixer(4, 2 ** 8, 2);
  const changeByLast = createCounters(2 ** 18);
  const changeByOld = createCounters(2 ** 16);
  const changeByBoth = createCounters(counterCount);
  const changeByGroup = createCounters(counterCount);
  const changeByBytes = createCounters(counterCount);
  const changeMixer = createMixer(5, 2 ** 8 * 4, 10);

  // Of the last bytes, the latest in the lowest bits: 1 where it was not as expected.
  let flags = 0;
  // The last old bytes, and the last differences, in the same way.
  let olds = 0;
  let differences = 0;
  // The differences of the last group of changes, and of the present one.
  let group = 0;
  let lastGroup = 0;

  const say = (inputs: Int32Array, place: number, counter: number): void => {
    inputs[place] = (counter & 1023) === 0 ? 0 : (weightOfChance[counter >> 19] ?? 0);
  };
  return {
    begin() {
      flags = 0;
      olds = 0;
      differences = 0;
    },
    same(bit, expected, position) {
      const byFlags = flags & 0xffff;
      const byBytes = hashOf(((olds & 0xffff) << 8) | expected, flags & 7) & tableMask;
      const byPlace = ((position & 7) << 12) | ((flags & 15) << 8) | expected;
      const byMore = hashOf(olds, (flags & 0xf) | (expected << 8)) & tableMask;
      const { inputs } = sameMixer;
      say(inputs, 0, sameByFlags[byFlags] ?? 0);
      say(inputs, 1, sameByBytes[byBytes] ?? 0);
      say(inputs, 2, sameByPlace[byPlace] ?? 0);
      say(inputs, 3, sameByMore[byMore] ?? 0);
      const got = coder.code(bit, sameMixer.mix(flags & 0xff));
      sameMixer.learn(got);
      sameByFlags[byFlags] = learn(sameByFlags[byFlags] ?? 0, got, SAME_LIMIT);
      sameByBytes[byBytes] = learn(sameByBytes[byBytes] ?? 0, got, SAME_LIMIT);
      sameByPlace[byPlace] = learn(sameByPlace[byPlace] ?? 0, got, SAME_LIMIT);
      sameByMore[byMore] = learn(sameByMore[byMore] ?? 0, got, SAME_LIMIT);
      return got;
    },
    change(byte, expected) {
      const wanted = (byte - expected) & 0xff;
      const { inputs } = changeMixer;
      const last = differences & 0xff;
      const set = (flags & 3) << 8;
      const baseLast = ((flags & 3) << 16) | (last << 8);
      const baseBoth = hashOf((differences & 0xffff) | ((flags & 15) << 16), 1);
      const baseGroup = hashOf(lastGroup, (group & 0xffffff) ^ 0x5a000000);
      const baseBytes = hashOf(((olds & 0xffff) << 8) | expected, 3);
      let node = 1;
      for (let bit = 7; bit >= 0; bit--) {
        const spread = Math.imul(node, 0x9e3779b1) >>> 8;
        const atLast = baseLast | node;
        const atOld = (expected << 8) | node;
        const atBoth = (baseBoth ^ spread) & tableMask;
        const atGroup = (baseGroup ^ spread) & tableMask;
        const atBytes = (baseBytes ^ spread) & tableMask;
        say(inputs, 0, changeByLast[atLast] ?? 0);
        say(inputs, 1, changeByOld[atOld] ?? 0);
        say(inputs, 2, changeByBoth[atBoth] ?? 0);
        say(inputs, 3, changeByGroup[atGroup] ?? 0);
        say(inputs, 4, changeByBytes[atBytes] ?? 0);
        const got = coder.code((wanted >> bit) & 1, changeMixer.mix(set | node));
        changeMixer.learn(got);
        changeByLast[atLast] = learn(changeByLast[atLast] ?? 0, got, CHANGE_LIMIT);
        changeByOld[atOld] = learn(changeByOld[atOld] ?? 0, got, CHANGE_LIMIT);
        changeByBoth[atBoth] = learn(changeByBoth[atBoth] ?? 0, got, CHANGE_LIMIT);
        changeByGroup[atGroup] = learn(changeByGroup[atGroup] ?? 0, got, CHANGE_LIMIT);
        changeByBytes[atBytes] = learn(changeByBytes[atBytes] ?? 0, got, CHANGE_LIMIT);
        node = (node << 1) | got;
      }
      return (expected + node) & 0xff;
    },
    pass(expected, byte) {
      const difference = (byte - expected) & 0xff;
      flags = (flags << 1) | (difference === 0 ? 0 : 1);
      olds = (olds << 8) | expected;
      differences = (differences << 8) | difference;
      if (difference !== 0) group = (group << 8) | difference;
      else if (group !== 0 && (flags & 7) === 0) {
        lastGroup = group;
        group = 0;
      }
    },
    passMany(last, lastButOne) {
      flags = 0;
      differences = 0;
      olds = (lastButOne << 8) | last;
      if (group !== 0) {
        lastGroup = group;
        group = 0;
      }
    },
  };
}

function hashOf(context: number, more: number): number {
  let hash = Math.imul(context, 0x2c1b3c6d) ^ Math.imul(more + 0x10001, 0x297a2d39);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x5851f42d);
  return hash ^ (hash >>> 13);
}
