import assert from 'node:assert/strict';
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { HmacSha256 } from './hmac-sha256.ts';

function compute(key: Uint8Array, message: Uint8Array): string {
  const mac = new HmacSha256();
  mac.setKey(key);
  mac.compute(message, message.length);
  return Buffer.from(mac.digest()).toString('hex');
}

const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const counted = Buffer.from(Array.from({ length: 25 }, (_, index) => index + 1));

// RFC 4231 sections 4.2 to 4.6; sections 4.7 and 4.8 use keys of 131 bytes, which this implementation refuses.
const rfc4231 = [
  {
    name: 'test case 1',
    key: Buffer.alloc(20, 0x0b),
    message: text('Hi There'),
    code: 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  },
  {
    name: 'test case 2',
    key: text('Jefe'),
    message: text('what do ya want for nothing?'),
    code: '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  },
  {
    name: 'test case 3',
    key: Buffer.alloc(20, 0xaa),
    message: Buffer.alloc(50, 0xdd),
    code: '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  },
  {
    name: 'test case 4',
    key: counted,
    message: Buffer.alloc(50, 0xcd),
    code: '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  },
  {
    name: 'test case 5',
    key: Buffer.alloc(20, 0x0c),
    message: text('Test With Truncation'),
    code: 'a3b6167473100ee06e0c796c2955552b',
  },
];

for (const { name, key, message, code } of rfc4231) {
  test(`RFC 4231 ${name} gives its code`, () => {
    assert.equal(compute(key, message).slice(0, code.length), code);
  });
}

test('every key length and message length agrees with the runtime', () => {
  for (let length = 0; length <= 260; length++) {
    const key = randomBytes(1 + (length % 64));
    const message = randomBytes(length);
    assert.equal(
      compute(key, message),
      createHmac('sha256', key).update(message).digest('hex'),
      `length ${length}`,
    );
  }
});

test('a long message agrees with the runtime', () => {
  const key = randomBytes(32);
  const message = randomBytes(1_000_003);
  assert.equal(compute(key, message), createHmac('sha256', key).update(message).digest('hex'));
});

test('only the bytes before the end are covered', () => {
  const message = randomBytes(100);
  const mac = new HmacSha256();
  mac.setKey(Buffer.alloc(32, 1));
  mac.compute(message, 40);
  const expected = createHmac('sha256', Buffer.alloc(32, 1)).update(message.subarray(0, 40)).digest();
  assert.deepEqual(Buffer.from(mac.digest()), expected);
});

test('a key that is the digest of another code agrees with the runtime', () => {
  const master = new HmacSha256();
  master.setKeyObject(createSecretKey(Buffer.alloc(32, 5)));
  master.compute(text('label'), 5);
  const derived = new HmacSha256();
  derived.setKeyFromDigestOf(master);
  derived.compute(text('message'), 7);
  const key = createHmac('sha256', Buffer.alloc(32, 5)).update('label').digest();
  assert.deepEqual(Buffer.from(derived.digest()), createHmac('sha256', key).update('message').digest());
});

test('a tag is right only when all of its 128 bits are', () => {
  const mac = new HmacSha256();
  mac.setKey(Buffer.alloc(32, 1));
  mac.compute(text('message'), 7);
  const bytes = new Uint8Array(20);
  mac.writeTag(bytes, 3);
  assert.equal(mac.isTagAt(bytes, 3), true);
  for (let bit = 0; bit < 128; bit++) {
    const changed = Uint8Array.from(bytes);
    const index = 3 + (bit >> 3);
    changed[index] = (changed[index] ?? 0) ^ (1 << (bit & 7));
    assert.equal(mac.isTagAt(changed, 3), false, `bit ${bit}`);
  }
});

test('an empty key and a key longer than a block are refused', () => {
  const mac = new HmacSha256();
  assert.throws(() => mac.setKey(new Uint8Array(0)), RangeError);
  assert.throws(() => mac.setKey(new Uint8Array(65)), RangeError);
  mac.setKey(new Uint8Array(64));
});
