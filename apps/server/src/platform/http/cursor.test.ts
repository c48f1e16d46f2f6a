import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor as CursorSchema } from '@holdfast/api';
import { hasCode } from '@holdfast/kernel';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import { defineCursor } from './cursor.ts';
import { HttpError } from './http.errors.ts';

const ID = '01a20244-e800-76a1-b85e-b7470fd22fa8';
const isRefused = (error: unknown): boolean => hasCode(error, 'CURSOR_INVALID');
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

const everything = defineCursor('everything', 'text', 'number', 'instant', 'uuid');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

const anyText = fc.string({ unit: 'grapheme', maxLength: 400 }).filter((text) => text.length <= 400);

test('a cursor leads back to its place, and fits into a query whatever the names are', () => {
  const place = fc.tuple(
    anyText.filter((text) => !text.includes('\0')),
    fc.maxSafeNat(),
    fc.integer({ min: 0, max: LAST_MS }),
    fc.constant(ID),
  );
  fc.assert(
    fc.property(place, (values) => {
      const cursor = everything.encode(...values);
      assert.ok(Check(CursorSchema, cursor));
      assert.deepEqual(everything.decode(cursor), values);
    }),
  );
  for (const unit of ['\x01', '界', '😀'.slice(0, 2), '"']) {
    const text = unit.repeat(400 / unit.length);
    const cursor = everything.encode(text, Number.MAX_SAFE_INTEGER, LAST_MS, ID);
    assert.ok(Check(CursorSchema, cursor), `${cursor.length} characters`);
    assert.equal(everything.decode(cursor)[0], text);
  }
});

test('a cursor of another list is refused, with what to do', () => {
  const [jobs, commands] = [defineCursor('jobs', 'uuid'), defineCursor('commands', 'uuid')];
  assert.throws(
    () => jobs.decode(commands.encode(ID)),
    (error: unknown) => {
      assert.ok(error instanceof HttpError && isRefused(error));
      assert.equal(error.remedy, 'Start again at the first page.');
      assert.deepEqual(error.fields, [
        { path: 'query.cursor', message: 'is not one that this list gave out' },
      ]);
      return true;
    },
  );
  assert.deepEqual(jobs.decode(jobs.encode(ID)), [ID]);
});

const good = ['everything', 'a', 1, 1, ID] as const;

test('whatever a caller makes up is refused', () => {
  const put = (index: number, value: unknown): string => encode(good.with(index, value as never));
  const packed = encode(good);
  assert.deepEqual(everything.decode(packed), good.slice(1));
  const made: readonly string[] = [
    '',
    'x',
    '****',
    `${packed}=`,
    ` ${packed}`,
    packed.slice(0, -1),
    encode(null),
    encode(good.slice(0, -1)),
    encode([...good, 1]),
    encode({ ...good }),
    encode(good.slice(1)),
    Buffer.from(JSON.stringify(good, undefined, 1)).toString('base64url'),
    Buffer.from('["everything","a",1e0,1,"' + ID + '"]').toString('base64url'),
    Buffer.from(JSON.stringify(good).replace('"a"', '"\\u0061"')).toString('base64url'),
    Buffer.from([0x5b, 0xff, 0x5d]).toString('base64url'),
    put(1, 1),
    put(1, 'a\0'),
    put(1, '\ud800'),
    put(1, 'a'.repeat(401)),
    ...[-1, 0.5, '1', null, Number.MAX_SAFE_INTEGER + 1].map((value) => put(2, value)),
    ...[-1, 0.5, '1', null, LAST_MS + 1].map((value) => put(3, value)),
    ...['', ID.toUpperCase(), `${ID}0`, 1, null].map((value) => put(4, value)),
  ];
  for (const cursor of made) assert.throws(() => everything.decode(cursor), isRefused, cursor);
});

test('no text at all leads anywhere but to its own place', () => {
  const tryOne = (cursor: string): void => {
    try {
      assert.equal(everything.encode(...everything.decode(cursor)), cursor);
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
  };
  fc.assert(fc.property(fc.string({ maxLength: 1_100 }), tryOne));
  fc.assert(fc.property(fc.json({ maxDepth: 3 }), (text) => tryOne(Buffer.from(text).toString('base64url'))));
  const bytes = Buffer.from(everything.encode('berlin', 17, 1_795_000_000_123, ID));
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 32, max: 126 }), (index, byte) => {
      const changed = Buffer.from(bytes);
      changed[index] = byte;
      tryOne(changed.toString('latin1'));
    }),
  );
  for (let length = 0; length < bytes.length; length += 1) tryOne(bytes.toString('latin1', 0, length));
});
