import assert from 'node:assert/strict';
import { test } from 'node:test';
import { relativeTimeOf } from './relative-time.ts';

const now = Date.UTC(2026, 10, 22, 12, 0, 0);
const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const cases: readonly (readonly [number, string, number])[] = [
  [0, 'now', 0],
  [999, 'now', 0],
  [12 * second, 'second', 12],
  [59_999, 'second', 59],
  [minute, 'minute', 1],
  [hour - 1, 'minute', 59],
  [hour, 'hour', 1],
  [47 * hour, 'hour', 47],
  [48 * hour, 'day', 2],
  [59 * day, 'day', 59],
  [61 * day, 'month', 2],
  [731 * day, 'year', 2],
];

test('a moment in the past is told in the greatest unit that fits, rounded down', () => {
  for (const [agoMs, unit, value] of cases) {
    assert.deepEqual(relativeTimeOf(now, now - agoMs), { unit, value, isFuture: false }, `${agoMs} ms ago`);
  }
});

test('a moment a little ahead of the viewer is now, not the future', () => {
  assert.deepEqual(relativeTimeOf(now, now + 2_500), { unit: 'now', value: 0, isFuture: false });
});

test('a moment further ahead is the future', () => {
  assert.deepEqual(relativeTimeOf(now, now + 5 * minute), { unit: 'minute', value: 5, isFuture: true });
});

test('the future is rounded to the nearest', () => {
  assert.deepEqual(relativeTimeOf(now, now + 7 * day - 1), { unit: 'day', value: 7, isFuture: true });
  assert.deepEqual(relativeTimeOf(now, now + minute - 1), { unit: 'minute', value: 1, isFuture: true });
  assert.deepEqual(relativeTimeOf(now, now + hour - 1), { unit: 'hour', value: 1, isFuture: true });
});
