/** A small seeded generator (mulberry32): the same world at every start. */
export interface Random {
  readonly next: () => number;
  readonly integer: (below: number) => number;
  readonly pick: <Value>(values: readonly Value[]) => Value;
  readonly uuid: (atMs: number) => string;
  readonly hex: (length: number) => string;
  readonly base64Url: (length: number) => string;
}

const base64UrlDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (below: number): number => Math.floor(next() * below);
  const hex = (length: number): string => Array.from({ length }, () => integer(16).toString(16)).join('');
  return {
    next,
    integer,
    pick: (values) => {
      const value = values[integer(values.length)];
      if (value === undefined) throw new RangeError('"values" expected at least one value, got none');
      return value;
    },
    hex,
    uuid: (atMs) => {
      const time = Math.floor(atMs).toString(16).padStart(12, '0');
      return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-${'89ab'[integer(4)]}${hex(3)}-${hex(12)}`;
    },
    base64Url: (length) => Array.from({ length }, () => base64UrlDigits[integer(64)]).join(''),
  };
}
