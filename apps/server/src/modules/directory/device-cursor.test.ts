import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import fc from 'fast-check';
import { decodeDeviceCursor, encodeDeviceCursor } from './device-cursor.ts';

const ID = '01a20244-e800-76a1-b85e-b7470fd22fa8';
const isRefused = (error: unknown): boolean => hasCode(error, 'CURSOR_INVALID');

test('a cursor leads back to its place', () => {
  const name = { key: 'berlin-17', id: ID };
  assert.deepEqual(
    decodeDeviceCursor(encodeDeviceCursor('name', 'ascending', name), 'name', 'ascending'),
    name,
  );
  const seen = { key: 1_795_000_000_123, id: 42 };
  const cursor = encodeDeviceCursor('last-seen', 'descending', seen);
  assert.deepEqual(decodeDeviceCursor(cursor, 'last-seen', 'descending'), seen);
});

test('a cursor of another order is refused', () => {
  const cursor = encodeDeviceCursor('name', 'ascending', { key: 'a', id: ID });
  assert.throws(() => decodeDeviceCursor(cursor, 'name', 'descending'), isRefused);
  assert.throws(() => decodeDeviceCursor(cursor, 'system', 'ascending'), isRefused);
  assert.throws(() => decodeDeviceCursor(cursor, 'last-seen', 'ascending'), isRefused);
});

test('whatever a caller makes up is refused or is a cursor, and never anything else', () => {
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const made = [
    '',
    'x',
    '****',
    encode(null),
    encode([]),
    encode({ s: 'name', o: 'ascending', k: 'a', i: 'not a uuid' }),
    encode({ s: 'name', o: 'ascending', k: 1, i: ID }),
    encode({ s: 'name', o: 'ascending', k: 'a\0', i: ID }),
    encode({ s: 'name', o: 'ascending', k: 'a', i: ID, extra: 1 }),
    encode({ s: 'registered', o: 'ascending', k: 1.5, i: ID }),
  ];
  for (const cursor of made) {
    assert.throws(() => decodeDeviceCursor(cursor, 'name', 'ascending'), isRefused, cursor);
    assert.throws(() => decodeDeviceCursor(cursor, 'registered', 'ascending'), isRefused, cursor);
  }
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.throws(() => decodeDeviceCursor(text, 'name', 'ascending'), isRefused);
    }),
  );
});
