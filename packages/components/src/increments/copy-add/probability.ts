/**
 * Probabilities that learn, in whole numbers only, so that every machine comes to the same ones. A chance is that of a 1 in 65536;
 * its weight is ln(p / (1 - p)) in steps of 1/256, from -2047 to 2047.
 */
const HALF_CURVE = [
  22, 28, 36, 47, 60, 77, 98, 126, 162, 208, 267, 342, 439, 562, 720, 922, 1179, 1506, 1921, 2446, 3108, 3938,
  4971, 6249, 7812, 9702, 11955, 14595, 17625, 21025, 24743, 28693, 32768,
] as const;
const STEP = 64;
const MAX_WEIGHT = 2047;

function curve(place: number): number {
  return place <= 32 ? (HALF_CURVE[place] ?? 0) : 65536 - (HALF_CURVE[64 - place] ?? 0);
}

/** The chance of each weight, which counts from -2048. */
export const chanceOfWeight: Int32Array = Int32Array.from({ length: 4096 }, (_, place) => {
  const part = place % STEP;
  const from = curve((place - part) / STEP);
  const to = curve((place - part) / STEP + 1);
  return from + Math.floor(((to - from) * part) / STEP);
});

/** The weight of each chance, in steps of 16 of 65536: the least one whose chance is not below. */
export const weightOfChance: Int32Array = (() => {
  const weights = new Int32Array(4096);
  let place = 1;
  for (let chance = 0; chance < 4096; chance++) {
    while (place < 4095 && (chanceOfWeight[place] ?? 0) < chance * 16 + 8) place++;
    weights[chance] = place - 2048;
  }
  return weights;
})();

/** A counter has its chance in the upper 21 bits (of 31) and, below, in how many bits it has learned from: 10 bits. */
export const FRESH_CHANCE: number = 2 ** 30;

/** How fast a counter learns that has learned from so many bits already. */
const rateOfCount = Int32Array.from({ length: 1024 }, (_, count) => Math.floor(131072 / (2 * count + 3)));

export function createCounters(count: number): Int32Array {
  return new Int32Array(count).fill(FRESH_CHANCE);
}

/** What a counter is after it has met `bit`; `limit` is how many bits it remembers. */
export function learn(counter: number, bit: number, limit: number): number {
  const count = counter & 1023;
  const chance = counter >> 10;
  const moved = chance + (Math.imul(((bit << 21) - chance) >> 6, rateOfCount[count] ?? 0) >> 10);
  return (moved << 10) | (count < limit ? count + 1 : count);
}

/** Of a counter, as a coder takes it. */
export function chanceOf(counter: number): number {
  const chance = counter >> 15;
  return chance < 1 ? 1 : chance > 65535 ? 65535 : chance;
}

/** Weighs what several counters say, and learns which of them to believe. One set of beliefs is chosen for each bit. */
export interface Mixer {
  /** What each counter says, as a weight; 0 for one that says nothing. */
  readonly inputs: Int32Array;
  mix(set: number): number;
  learn(bit: number): void;
}

export function createMixer(inputCount: number, setCount: number, rate: number): Mixer {
  const inputs = new Int32Array(inputCount);
  const beliefs = new Int32Array(inputCount * setCount).fill(Math.floor((65536 * 1.2) / inputCount));
  let from = 0;
  let chance = 32768;
  return {
    inputs,
    mix(set) {
      from = set * inputCount;
      let sum = 0;
      for (let place = 0; place < inputCount; place++)
        sum += (inputs[place] ?? 0) * (beliefs[from + place] ?? 0);
      let weight = Math.floor(sum / 65536);
      if (weight > MAX_WEIGHT) weight = MAX_WEIGHT;
      else if (weight < -MAX_WEIGHT) weight = -MAX_WEIGHT;
      chance = chanceOfWeight[weight + 2048] ?? 0;
      return chance;
    },
    learn(bit) {
      const error = (bit << 16) - chance;
      for (let place = 0; place < inputCount; place++) {
        const change = (Math.imul(inputs[place] ?? 0, error) >> 10) * rate;
        beliefs[from + place] = (beliefs[from + place] ?? 0) + ((change + 512) >> 10);
      }
    },
  };
}
