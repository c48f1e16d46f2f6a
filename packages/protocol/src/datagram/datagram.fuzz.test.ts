import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { limits } from '../limits.ts';
import { decodeDatagram } from './datagram.ts';
import { keyOf, masterKey, refusalOf, sampleDatagrams } from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';
import { HeartbeatKeyDerivation } from './heartbeat-key.ts';
import { HmacSha256, macBytes } from './hmac-sha256.ts';

const SEED = Number(process.env['HOLDFAST_FUZZ_SEED'] ?? '20261122');

/** Mulberry32: small, quick, and the same on every machine. */
function createRandom(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const interesting = [0x00, 0x01, 0x02, 0x04, 0x05, 0x10, 0x1f, 0x20, 0x7f, 0x80, 0xff];

/** Changes a copy of `source` in 1 to 4 ways; the room behind the copy allows for growth. */
function mutate(
  source: Uint8Array,
  other: Uint8Array,
  room: Uint8Array,
  random: (below: number) => number,
): Uint8Array {
  room.set(source);
  let { length } = source;
  for (let times = 1 + random(4); times > 0; times--) {
    const place = random(Math.max(1, length));
    switch (random(7)) {
      case 0:
        room[place] = (room[place] ?? 0) ^ (1 << random(8));
        break;
      case 1:
        room[place] = random(256);
        break;
      case 2:
        room[place] = interesting[random(interesting.length)] ?? 0;
        break;
      case 3:
        length = random(length + 1);
        break;
      case 4:
        // Up to two bytes beyond the limit.
        for (let more = random(limits.maxDatagramBytes + 3 - length); more > 0; more--)
          room[length++] = random(256);
        break;
      case 5:
        room.set(other.subarray(0, Math.min(other.length, place)));
        break;
      default:
        room.copyWithin(place, random(Math.max(1, length)), length);
    }
  }
  return room.subarray(0, length);
}

const key = keyOf(42, 3);
const sealed = sampleDatagrams.map((datagram) => key.seal(datagram));
const pick = (random: (below: number) => number): Uint8Array =>
  sealed[random(sealed.length)] ?? new Uint8Array(0);

test('of 800,000 mutated datagrams none crashes the verifier and none is accepted unless it is an original', () => {
  const random = createRandom(SEED);
  const verifier = new DatagramVerifier(masterKey);
  const originals = new Set(sealed.map((bytes) => Buffer.from(bytes).toString('latin1')));
  const room = new Uint8Array(limits.maxDatagramBytes + 8);
  const seen = new Map<string, number>();
  for (let n = 0; n < 800_000; n++) {
    const bytes = mutate(pick(random), pick(random), room, random);
    const outcome = verifier.verify(bytes);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    if (outcome === 'heartbeat' || outcome === 'probe') {
      assert(
        originals.has(Buffer.from(bytes).toString('latin1')),
        `accepted a forgery, seed ${SEED}, number ${n}`,
      );
    }
  }
  // The run is worth something only when it reached every check.
  for (const outcome of ['LENGTH', 'VERSION_UNKNOWN', 'TYPE_UNKNOWN', 'OUT_OF_RANGE', 'MAC_INVALID']) {
    assert(
      (seen.get(`DATAGRAM_${outcome}`) ?? 0) > 1_000,
      `${outcome} was hardly reached: ${seen.get(outcome)}`,
    );
  }
});

test('of 200,000 mutated datagrams with a right code each is refused by its form or read within all bounds', () => {
  const random = createRandom(SEED + 1);
  const verifier = new DatagramVerifier(masterKey);
  const derivation = new HeartbeatKeyDerivation(masterKey);
  const mac = new HmacSha256();
  const room = new Uint8Array(limits.maxDatagramBytes + 8);
  const view = Buffer.from(room.buffer);
  const seen = new Map<string, number>();
  for (let n = 0; n < 200_000; n++) {
    const bytes = mutate(pick(random), pick(random), room, random);
    if (bytes.length >= limits.minDatagramBytes) {
      // Any u64 must have a key here, also one that no server gives out.
      const productNumber = view.readUInt32BE(4) * 2 ** 32 + view.readUInt32BE(8);
      derivation.deriveInto(mac, productNumber, view.readUInt32BE(12));
      mac.compute(bytes, bytes.length - macBytes);
      mac.writeTag(bytes, bytes.length - macBytes);
    }
    const outcome = verifier.verify(bytes);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
    assert.notEqual(outcome, 'DATAGRAM_MAC_INVALID', `seed ${SEED + 1}, number ${n}`);
    const refusal = refusalOf(() => decodeDatagram(bytes));
    const isAcknowledgement = refusal === undefined && (bytes[1] === 2 || bytes[1] === 4);
    assert.equal(outcome, isAcknowledgement ? 'DATAGRAM_TYPE_UNKNOWN' : (refusal ?? outcome));
    if (outcome !== 'heartbeat') continue;
    const items = verifier.listItems();
    assert(items.length <= limits.maxActivityItems);
    assert(
      Number.isSafeInteger(verifier.productNumber) &&
        Number.isSafeInteger(verifier.sequence) &&
        verifier.epoch > 0,
    );
  }
  for (const outcome of ['heartbeat', 'probe', 'DATAGRAM_ITEMS_MALFORMED', 'DATAGRAM_OUT_OF_RANGE']) {
    assert((seen.get(outcome) ?? 0) > 1_000, `${outcome} was hardly reached: ${seen.get(outcome)}`);
  }
});

test('a product is not fooled by 50,000 mutated answers', () => {
  const random = createRandom(SEED + 2);
  const room = new Uint8Array(limits.maxDatagramBytes + 8);
  const originals = new Set(sealed.map((bytes) => Buffer.from(bytes).toString('latin1')));
  const foreign = createSecretKey(Buffer.alloc(32, 8));
  const foreignSealed = sampleDatagrams.map((datagram) => keyOf(42, 3, foreign).seal(datagram));
  for (let n = 0; n < 50_000; n++) {
    const bytes = mutate(pick(random), foreignSealed[random(foreignSealed.length)] ?? room, room, random);
    const isAccepted = refusalOf(() => key.verify(bytes)) === undefined;
    assert(
      !isAccepted || originals.has(Buffer.from(bytes).toString('latin1')),
      `seed ${SEED + 2}, number ${n}`,
    );
  }
});
