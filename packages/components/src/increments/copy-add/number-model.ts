import type { BitCoder } from './bit-coder.ts';
import { chanceOf, createCounters, learn } from './probability.ts';

const MAX_BITS = 53;
/** How many bits behind the highest one are learned; those below are as good as random. */
const LEARNED_BITS = 4;
const LIMIT = 127;
const EVEN = 32768;

/** Numbers from 0 to 2^53 - 2 of one meaning; small ones and frequent ones take few bits. */
export interface NumberModel {
  code(value: number, kind?: number): number;
}

/** @param kinds how many kinds of them are told apart */
export function createNumberModel(coder: BitCoder, kinds = 1): NumberModel {
  const sizes = createCounters(kinds * 64);
  const uppers = createCounters(kinds * 64 * 2 ** LEARNED_BITS);
  const learned = (counters: Int32Array, place: number, bit: number): number => {
    const counter = counters[place] ?? 0;
    const coded = coder.code(bit, chanceOf(counter));
    counters[place] = learn(counter, coded, LIMIT);
    return coded;
  };
  return {
    // One more than the value is written: how many bits it has, and then these below the highest.
    code(value, kind = 0) {
      const size = Math.floor(Math.log2(value + 1));
      let place = 1;
      for (let bit = 5; bit >= 0; bit--)
        place = (place << 1) | learned(sizes, kind * 64 + place, (size >>> bit) & 1);
      const coded = Math.min(place & 63, MAX_BITS - 1);
      let result = 1;
      let upper = 1;
      for (let bit = coded - 1; bit >= 0; bit--) {
        const wanted = Math.floor((value + 1) / 2 ** bit) % 2;
        let got: number;
        if (coded - bit <= LEARNED_BITS) {
          got = learned(uppers, ((kind * 64 + coded) << LEARNED_BITS) | upper, wanted);
          upper = (upper << 1) | got;
        } else got = coder.code(wanted, EVEN);
        result = result * 2 + got;
      }
      return result - 1;
    },
  };
}

/** Whole numbers of both signs as numbers from 0 on: 0, -1, 1, -2, … */
export function foldSign(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

export function unfoldSign(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
