import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { createUuidV7, isUuid } from './uuid.ts';

test('the example of RFC 9562 appendix A.6 comes out', () => {
  const random = Buffer.from('0cc318c4dc0c0c07398f', 'hex');
  assert.equal(createUuidV7(0x017f22e279b0, random), '017f22e2-79b0-7cc3-98c4-dc0c0c07398f');
});

test('every UUID is version 7, variant 10, and holds its time', () => {
  const parts = [
    fc.integer({ min: 0, max: 2 ** 48 - 1 }),
    fc.uint8Array({ minLength: 10, maxLength: 10 }),
  ] as const;
  fc.assert(
    fc.property(...parts, (nowMs, random) => {
      const id = createUuidV7(nowMs, random);
      assert(isUuid(id));
      assert.equal(id[14], '7');
      assert.match(id[19] ?? '', /[89ab]/);
      assert.equal(Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16), nowMs);
    }),
  );
});

test('later UUIDs sort later', () => {
  const ids = [1, 2, 300, 70_000, 1_795_312_800_000].map((nowMs) => createUuidV7(nowMs, randomBytes(10)));
  assert.deepEqual(ids.toSorted(), ids);
});

test('the random bytes given are not changed', () => {
  const random = new Uint8Array(10).fill(0xff);
  createUuidV7(1, random);
  assert.deepEqual(random, new Uint8Array(10).fill(0xff));
});

test('a time or random part out of range is refused', () => {
  for (const nowMs of [-1, 2 ** 48, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => createUuidV7(nowMs, new Uint8Array(10)), RangeError);
  }
  for (const length of [0, 9, 11]) assert.throws(() => createUuidV7(1, new Uint8Array(length)), RangeError);
});

const notUuids = [
  '',
  '017F22E2-79B0-7CC3-98C4-DC0C0C07398F',
  '017f22e279b07cc398c4dc0c0c07398f',
  '{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}',
  '017f22e2-79b0-0cc3-98c4-dc0c0c07398f',
  '017f22e2-79b0-9cc3-98c4-dc0c0c07398f',
  '017f22e2-79b0-7cc3-78c4-dc0c0c07398f',
  '017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n',
  ' 017f22e2-79b0-7cc3-98c4-dc0c0c07398f',
];

for (const text of notUuids) {
  test(`${JSON.stringify(text)} is not a UUID`, () => assert.equal(isUuid(text), false));
}
