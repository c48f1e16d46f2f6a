import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseByteRange, parseContentRange } from './byte-range.ts';

test('a range is read as RFC 9110 means it', () => {
  const whole = 'whole';
  const none = 'unsatisfiable';
  for (const [header, expected] of [
    ['bytes=0-0', { start: 0, end: 0 }],
    ['bytes=5-', { start: 5, end: 9 }],
    ['bytes=5-99', { start: 5, end: 9 }],
    ['bytes=5-99999999999999999999999999', { start: 5, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-30', { start: 0, end: 9 }],
    ['BYTES=0-1', { start: 0, end: 1 }],
    ['bytes= ,0-1 ,', { start: 0, end: 1 }],
    ['bytes=10-', none],
    ['bytes=99999999999999999999999999-', none],
    ['bytes=-0', none],
    [undefined, whole],
    ['', whole],
    ['bytes=-', whole],
    ['bytes=5-4', whole],
    ['bytes=0-1,3-4', whole],
    ['bits=0-1', whole],
    ['bytes=0x1-', whole],
    ['bytes=1.5-', whole],
    ['bytes=+1-', whole],
    ['bytes=0-1\n', whole],
    [`bytes=${'0'.repeat(200)}-`, whole],
  ] as const)
    assert.deepEqual(parseByteRange(header, 10), expected, String(header));
});

test('an empty file has no part', () => {
  for (const header of ['bytes=0-', 'bytes=-1', 'bytes=0-0'])
    assert.equal(parseByteRange(header, 0), 'unsatisfiable', header);
  assert.equal(parseByteRange(undefined, 0), 'whole');
});

test('whatever is asked for, what comes lies within the file', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^bytes=[ ,]*\d{0,20}-\d{0,20}[ ,]*$/)),
      fc.nat(1_000),
      (header, sizeBytes) => {
        const range = parseByteRange(header, sizeBytes);
        if (typeof range === 'string') return;
        assert.ok(range.start >= 0 && range.start <= range.end && range.end < sizeBytes);
        assert.ok(Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end));
      },
    ),
  );
});

test('what an answer says of its part is believed only in one form, and only where it is possible', () => {
  assert.deepEqual(parseContentRange('bytes 5-9/10'), { range: { start: 5, end: 9 }, sizeBytes: 10 });
  assert.deepEqual(parseContentRange('bytes */10'), { range: undefined, sizeBytes: 10 });
  for (const header of [
    undefined,
    '',
    'bytes 5-9/*',
    'bytes 5-10/10',
    'bytes 9-5/10',
    'bytes 5-9/9999999999999999',
    'bytes -9/10',
    'items 5-9/10',
    'bytes=5-9/10',
  ])
    assert.equal(parseContentRange(header), undefined, String(header));
});
