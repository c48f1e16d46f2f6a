import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countRecent } from './recent.ts';

test('what was ordered within a day counts, and nothing older', () => {
  const nowMs = Date.UTC(2026, 10, 22, 8);
  const agoHours = [0, 1, 23.9, 24, 48];
  const commands = agoHours.map((hours) => ({ issuedAt: new Date(nowMs - hours * 3_600_000).toISOString() }));
  assert.equal(countRecent(commands, nowMs), 3);
  assert.equal(countRecent([], nowMs), 0);
});
