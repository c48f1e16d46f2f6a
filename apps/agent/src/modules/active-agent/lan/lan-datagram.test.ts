import assert from 'node:assert/strict';
import { createHmac, createSecretKey, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { createSeededChance } from '../election/lan-simulation.testing.ts';
import {
  type LanDatagram,
  LanDatagramType,
  lanDatagramBytes,
  noIpv4,
  noIpv6,
  noLanNonce,
  openLanDatagram,
  sealLanDatagram,
} from './lan-datagram.ts';
import { deriveLanKey, type LanKey } from './lan-key.ts';

interface Vectors {
  readonly secret: string;
  readonly keyId: string;
  readonly datagrams: readonly {
    readonly name: string;
    readonly fields: readonly { readonly field: string; readonly hex: string }[];
    readonly decoded?: LanDatagram;
    readonly refusal?: string;
  }[];
}

// The file is ours, and its form is fixed by this test.
const vectors = JSON.parse(
  readFileSync(new URL('./vectors/lan-datagrams.json', import.meta.url), 'utf8'),
) as Vectors;
const keyOf = (byte: number): LanKey => deriveLanKey(createSecretKey(Buffer.alloc(32, byte)));
const key = deriveLanKey(createSecretKey(Buffer.from(vectors.secret, 'hex')));

const sample: LanDatagram = {
  type: 'beacon',
  productNumber: 42,
  instance: '0123456789abcdef',
  sequence: 1_000,
  term: 7,
  fitness: 581,
  port: 10_324,
  other: 43,
  otherFitness: 401,
  nonce: noLanNonce,
  revision: 12,
  urgentRevision: 9,
  ipv4: 'c0a80117',
  ipv6: 'fe80000000000000021122fffe334455',
};

/** A right code over bytes that were changed. */
function resign(bytes: Uint8Array): Uint8Array {
  const changed = Buffer.from(bytes);
  changed.set(
    createHmac('sha256', key.datagramKey).update(changed.subarray(0, 100)).digest().subarray(0, 16),
    100,
  );
  return changed;
}

test('there are vectors of each type, and of each refusal', () => {
  const types = new Set(vectors.datagrams.map(({ decoded }) => decoded?.type));
  for (const type of Object.values(LanDatagramType)) assert.ok(types.has(type), type);
  assert.equal(new Set(vectors.datagrams.flatMap(({ refusal }) => refusal ?? [])).size, 6);
  assert.equal(Buffer.from(key.id).toString('hex'), vectors.keyId);
});

for (const { name, fields, decoded, refusal } of vectors.datagrams) {
  const bytes = Buffer.from(fields.map(({ hex }) => hex).join(''), 'hex');

  test(decoded === undefined ? `is refused with ${refusal}: ${name}` : `is read: ${name}`, () => {
    const opened = openLanDatagram(bytes, [key]);
    assert.deepEqual(opened, decoded === undefined ? refusal : { ...decoded, verified: true });
  });

  if (decoded !== undefined && !name.startsWith('newer'))
    test(`is written to the same bytes: ${name}`, () =>
      assert.deepEqual(Buffer.from(sealLanDatagram(decoded, key)), bytes));
}

test('every field survives the way, at both of its ends', () => {
  const most = {
    productNumber: Number.MAX_SAFE_INTEGER,
    sequence: Number.MAX_SAFE_INTEGER,
    term: 0xffff_ffff,
    fitness: 65_535,
    port: 65_535,
    other: Number.MAX_SAFE_INTEGER,
    otherFitness: 65_535,
    nonce: 'f'.repeat(16),
    revision: Number.MAX_SAFE_INTEGER,
    urgentRevision: Number.MAX_SAFE_INTEGER,
    ipv4: 'f'.repeat(8),
    ipv6: 'f'.repeat(32),
  };
  for (const datagram of [sample, { ...sample, ...most }, { ...sample, ipv4: noIpv4, ipv6: noIpv6 }]) {
    const bytes = sealLanDatagram(datagram, key);
    assert.equal(bytes.length, lanDatagramBytes);
    assert.deepEqual(openLanDatagram(bytes, [key]), { ...datagram, verified: true });
  }
});

test('a field that does not fit is a fault of the caller, and nothing is sent', () => {
  const wrong: Partial<LanDatagram>[] = [
    { productNumber: 0 },
    { productNumber: 2 ** 53 },
    { sequence: 0 },
    { sequence: 1.5 },
    { term: 2 ** 32 },
    { fitness: -1 },
    { fitness: 65_536 },
    { port: 65_536 },
    { other: Number.NaN },
    { revision: -1 },
    { nonce: 'F'.repeat(16) },
    { instance: '00' },
    { ipv4: 'zz'.repeat(4) },
  ];
  for (const change of wrong)
    assert.throws(() => sealLanDatagram({ ...sample, ...change }, key), RangeError, JSON.stringify(change));
});

test('a datagram cut at any length, or longer by any, is refused', () => {
  const bytes = sealLanDatagram(sample, key);
  for (let length = 0; length < 600; length++) {
    if (length === lanDatagramBytes) continue;
    const other = Buffer.alloc(length);
    other.set(bytes.subarray(0, length));
    assert.equal(openLanDatagram(other, [key]), 'LAN_DATAGRAM_LENGTH', `${length}`);
  }
});

test('every single bit is under the code', () => {
  const bytes = sealLanDatagram(sample, key);
  for (let bit = 0; bit < 8 * lanDatagramBytes; bit++) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(typeof openLanDatagram(changed, [key]), 'string', `bit ${bit}`);
  }
});

test('agents of another organisation are not heard, also when they claim the key', () => {
  const foreign = keyOf(9);
  const bytes = sealLanDatagram(sample, foreign);
  assert.equal(openLanDatagram(bytes, [key]), 'LAN_DATAGRAM_KEY_UNKNOWN');
  const claiming = sealLanDatagram(sample, { ...foreign, id: key.id });
  assert.equal(openLanDatagram(claiming, [key]), 'LAN_DATAGRAM_CODE_INVALID');
  assert.equal(openLanDatagram(bytes, []), 'LAN_DATAGRAM_KEY_UNKNOWN');
});

test('after a change of the key both are understood', () => {
  const former = keyOf(1);
  assert.equal(typeof openLanDatagram(sealLanDatagram(sample, former), [key, former]), 'object');
  assert.equal(typeof openLanDatagram(sealLanDatagram(sample, key), [key, former]), 'object');
});

test('keys of different purposes and secrets differ, and a secret of another length is refused', () => {
  const keys = [key, keyOf(1)].flatMap(({ datagramKey, transferKey, id }) => [
    datagramKey.export().toString('hex'),
    transferKey.export().toString('hex'),
    Buffer.from(id).toString('hex'),
  ]);
  assert.equal(new Set(keys).size, keys.length);
  assert.throws(() => deriveLanKey(createSecretKey(Buffer.alloc(31))), RangeError);
});

test('200,000 mutated datagrams: none is accepted unless it is an original, and behind a right code no field is out of range', () => {
  const chance = createSeededChance(20_261_201);
  const below = (count: number): number => Math.floor(chance() * count);
  const originals = Object.values(LanDatagramType).map((type) => sealLanDatagram({ ...sample, type }, key));
  const spellings = new Set(originals.map((bytes) => Buffer.from(bytes).toString('hex')));
  let accepted = 0;
  for (let n = 0; n < 200_000; n++) {
    const original = originals[below(originals.length)] ?? new Uint8Array();
    let bytes = Buffer.from(original);
    for (let times = 1 + below(4); times > 0; times--) {
      const kind = below(4);
      if (kind === 0) bytes[below(bytes.length)] = below(256);
      else if (kind === 1) bytes[below(bytes.length)] = [0, 1, 0x7f, 0x80, 0xff][below(5)] ?? 0;
      else if (kind === 2) bytes.copyWithin(below(bytes.length), below(bytes.length), bytes.length);
      else if (chance() < 0.1) bytes = bytes.subarray(0, below(bytes.length + 1));
      if (bytes.length === 0) break;
    }
    const isOriginal = spellings.has(bytes.toString('hex'));
    assert.equal(typeof openLanDatagram(bytes, [key]) === 'object', isOriginal, `number ${n}`);
    if (bytes.length !== lanDatagramBytes) continue;
    const opened = openLanDatagram(resign(bytes), [key]);
    if (typeof opened === 'string') continue;
    accepted++;
    for (const value of [opened.productNumber, opened.sequence, opened.other, opened.revision]) {
      assert.ok(Number.isSafeInteger(value), `number ${n}`);
    }
  }
  assert.ok(accepted > 20_000, `${accepted}`);
});

test('the keys are made as the document says', () => {
  const secret = Buffer.from(vectors.secret, 'hex');
  const datagramKey = Buffer.from(hkdfSync('sha256', secret, '', 'holdfast lan datagram v1', 32));
  assert.deepEqual(key.datagramKey.export(), datagramKey);
});
