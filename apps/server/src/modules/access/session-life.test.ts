import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultSessionLimits as limits, isSessionAlive, sessionExpiresAtMs } from './session-life.ts';

const start = Date.parse('2026-11-22T08:00:00Z');
const hour = 3_600_000;

for (const [why, createdAgo, usedAgo, isAlive] of [
  ['just begun', 0, 0, true],
  ['used within the idle limit', 20 * hour, 7.9 * hour, true],
  ['not used for the idle limit', 20 * hour, 8 * hour, false],
  ['used a moment ago, but older than the absolute limit', 7 * 24 * hour, 0, false],
  ['a moment younger than the absolute limit', 7 * 24 * hour - 1, 0, true],
] as const) {
  test(`a session is ${isAlive ? 'alive' : 'over'}: ${why}`, () => {
    const times = { createdAtMs: start - createdAgo, lastUsedAtMs: start - usedAgo };
    assert.equal(isSessionAlive(times, limits, start), isAlive);
    assert.equal(sessionExpiresAtMs(times, limits) > start, isAlive);
  });
}

test('a time that is no number has expired', () => {
  assert.equal(isSessionAlive({ createdAtMs: Number.NaN, lastUsedAtMs: start }, limits, start), false);
  assert.equal(isSessionAlive({ createdAtMs: start, lastUsedAtMs: start }, limits, Number.NaN), false);
});
