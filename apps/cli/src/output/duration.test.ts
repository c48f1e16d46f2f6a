import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, parseDuration } from './duration.ts';

test('a duration is a number with a unit, or a sum of them', () => {
  assert.equal(parseDuration('90s'), 90_000);
  assert.equal(parseDuration('1h30m'), 5_400_000);
  assert.equal(parseDuration('7d'), 604_800_000);
  assert.equal(parseDuration('250ms'), 250);
});

test('anything else is no duration', () => {
  for (const text of ['', '10', 's', '-5s', '1.5h', '5 m', '1y', '9999999999d', '1h,30m']) {
    assert.equal(parseDuration(text), undefined, text);
  }
});

test('a duration is shown in two units at most', () => {
  assert.equal(formatDuration(0), '0 s');
  assert.equal(formatDuration(-5), '0 s');
  assert.equal(formatDuration(400), '400 ms');
  assert.equal(formatDuration(0.2), '1 ms');
  assert.equal(formatDuration(12_300), '12 s');
  assert.equal(formatDuration(3_600_000), '1 h');
  assert.equal(formatDuration(((3 * 24 + 4) * 60 + 5) * 60_000), '3 d 4 h');
});
