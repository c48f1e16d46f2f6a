/** A small generator (mulberry32): the same seed, the same fleet. */
export interface Random {
  /** Uniform in [0, 1). */
  readonly next: () => number;
  /** A whole number from 0 up to `below`, exclusive. */
  readonly integer: (below: number) => number;
  readonly pick: <Value>(values: readonly Value[]) => Value;
  /** So many hexadecimal digits. */
  readonly hex: (length: number) => string;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  return {
    next,
    integer,
    pick: (values) => {
      const value = values[integer(values.length)];
      if (value === undefined) throw new RangeError('"values" expected at least one value, got none');
      return value;
    },
    hex: (length) => Array.from({ length }, () => integer(16).toString(16)).join(''),
  };
}
