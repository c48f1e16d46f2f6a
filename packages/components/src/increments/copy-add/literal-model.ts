import type { BitCoder } from './bit-coder.ts';
import { createCounters, createMixer, FRESH_CHANCE, learn, weightOfChance } from './probability.ts';

/** From how many bytes before each prediction is made; the order-1 counters have a table of their own. */
const ORDERS = [2, 3, 4, 6] as const;
const LIMIT = 250;
const MATCH_BYTES = 6;
const MAX_MATCH = 400;

/**
 * Bytes that are not in the old file. Predicted from what came before them: the last bytes (contexts of 1 to 6), where the last
 * five came before (match), and the byte that stands in the old file at this place.
 */
export interface LiteralModel {
  /** @param expected the byte of the old file at this place, or 0 */
  code(byte: number, expected: number): number;
  /** Learns nothing but where these bytes lie, so that a later match finds them. */
  remember(bytes: Uint8Array): void;
}

export interface LiteralSettings {
  /** How many counters each context has: 2 to this power. */
  readonly tableBits: number;
  /** How many of the last bytes are searched for a match: 2 to this power. */
  readonly historyBits: number;
}

export function createLiteralModel(
  coder: BitCoder,
  { tableBits, historyBits }: LiteralSettings,
): LiteralModel {
  const tableMask = 2 ** tableBits - 1;
  const tables = ORDERS.map(() => createCounters(2 ** tableBits));
  const [table2, table3, table4, table6] = tables as [Int32Array, Int32Array, Int32Array, Int32Array];
  const order0 = createCounters(2 ** 8);
  const order1 = createCounters(2 ** 16);
  const fromOld = createCounters(2 ** 16);
  const fromMatch = createCounters(2 ** 16);
  const mixer = createMixer(8, 2 ** 8 * 3, 10);
  const { inputs } = mixer;

  const historyMask = 2 ** historyBits - 1;
  const history = new Uint8Array(2 ** historyBits);
  const places = new Int32Array(2 ** Math.min(21, historyBits));
  const placeMask = places.length - 1;
  let length = 0;
  let match = 0;
  let matched = 0;
  // The last eight bytes, the latest in the lowest bits.
  let recent = 0;
  let before = 0;

  const push = (byte: number): void => {
    history[length & historyMask] = byte;
    length++;
    before = (before << 8) | (recent >>> 24);
    recent = (recent << 8) | byte;
    const hash = hashOf(recent, before & 0xffff, 17) & placeMask;
    if (matched > 0 && history[match & historyMask] === byte) {
      match++;
      if (matched < MAX_MATCH) matched++;
    } else {
      matched = 0;
      match = places[hash] ?? 0;
      if (match > 0) {
        while (
          matched < 32 &&
          matched < match &&
          history[(match - 1 - matched) & historyMask] === history[(length - 1 - matched) & historyMask]
        )
          matched++;
        if (matched < MATCH_BYTES) matched = 0;
      }
    }
    places[hash] = length;
  };
  const say = (place: number, counter: number): void => {
    inputs[place] = (counter & 1023) === 0 ? 0 : (weightOfChance[counter >> 19] ?? 0);
  };

  return {
    remember(bytes) {
      matched = 0;
      for (const byte of bytes) {
        history[length & historyMask] = byte;
        length++;
        before = (before << 8) | (recent >>> 24);
        recent = (recent << 8) | byte;
        places[hashOf(recent, before & 0xffff, 17) & placeMask] = length;
      }
    },
    code(byte, expected) {
      const ofMatch = matched > 0 ? (history[match & historyMask] ?? 0) : 0;
      const matchKind = matched < 16 ? 1 : 2;
      const lengthKind =
        matched < 16
          ? matched
          : matched < 32
            ? 16 + ((matched - 16) >> 2)
            : Math.min(31, 20 + ((matched - 32) >> 5));
      let node = 1;
      let base2 = 0;
      let base3 = 0;
      let base4 = 0;
      let base6 = 0;
      const last = recent & 0xff;
      for (let bit = 7; bit >= 0; bit--) {
        if (bit === 7 || bit === 3) {
          base2 = hashOf(recent & 0xffff, node, 2) & tableMask & ~15;
          base3 = hashOf(recent & 0xffffff, node, 3) & tableMask & ~15;
          base4 = hashOf(recent, node, 4) & tableMask & ~15;
          base6 = hashOf(recent, (before & 0xffff) | (node << 16), 6) & tableMask & ~15;
        }
        const small = bit > 3 ? node : (node & ((1 << (3 - bit)) - 1)) | (1 << (3 - bit));
        const at1 = (last << 8) | node;
        const at2 = base2 | small;
        const at3 = base3 | small;
        const at4 = base4 | small;
        const at6 = base6 | small;
        const atOld = (expected << 8) | node;
        // What a match predicts counts only while the bits so far agree with it.
        const agrees = matched > 0 && (ofMatch | 0x100) >> (bit + 1) === node;
        const atMatch = agrees ? (lengthKind << 9) | (((ofMatch >> bit) & 1) << 8) | 1 : 0;
        say(0, order0[node] ?? 0);
        say(1, order1[at1] ?? 0);
        say(2, table2[at2] ?? 0);
        say(3, table3[at3] ?? 0);
        say(4, table4[at4] ?? 0);
        say(5, table6[at6] ?? 0);
        say(6, fromOld[atOld] ?? 0);
        say(7, agrees ? (fromMatch[atMatch] ?? 0) : FRESH_CHANCE);
        const chance = mixer.mix(((agrees ? matchKind : 0) << 8) | node);
        const got = coder.code((byte >> bit) & 1, chance < 1 ? 1 : chance);
        mixer.learn(got);
        order0[node] = learn(order0[node] ?? 0, got, LIMIT);
        order1[at1] = learn(order1[at1] ?? 0, got, LIMIT);
        table2[at2] = learn(table2[at2] ?? 0, got, LIMIT);
        table3[at3] = learn(table3[at3] ?? 0, got, LIMIT);
        table4[at4] = learn(table4[at4] ?? 0, got, LIMIT);
        table6[at6] = learn(table6[at6] ?? 0, got, LIMIT);
        fromOld[atOld] = learn(fromOld[atOld] ?? 0, got, LIMIT);
        if (agrees) fromMatch[atMatch] = learn(fromMatch[atMatch] ?? 0, got, LIMIT);
        node = (node << 1) | got;
      }
      const coded = node & 0xff;
      push(coded);
      return coded;
    },
  };
}

/** Spreads contexts over a table. */
function hashOf(context: number, more: number, order: number): number {
  let hash = Math.imul(context, 0x2c1b3c6d) ^ Math.imul(more + order * 0x10001, 0x297a2d39);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x5851f42d);
  return hash ^ (hash >>> 13);
}
