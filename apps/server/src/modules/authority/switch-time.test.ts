import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlarmDue, isSwitchDue } from './switch-time.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.parse('2035-01-01');

test('the next authority takes over when every product knows it, or when the present one is about to end', () => {
  for (const [phase, unknownTo, ageDays, isDue] of [
    ['renewal-due', 0, 3, true],
    ['renewal-due', 0, 2.9, false],
    ['renewal-due', 1, 600, false],
    ['ends-soon', 1, 600, false],
    ['ends-soon', 0, 600, true],
    ['ends-very-soon', 1, 0, true],
    ['ended', 1, 0, true],
    ['good', 0, 3, true],
    ['good', 1, 3, false],
  ] as const) {
    const facts = { phase, unknownTo, nextBeginsAtMs: nowMs - ageDays * DAY_MS, nowMs };
    assert.equal(isSwitchDue(facts), isDue, JSON.stringify(facts));
  }
});

test('people are told each month in the last year, and each day in the last ninety days', () => {
  const told = Array.from({ length: 366 }, (_, days) => days).filter((days) =>
    isAlarmDue(days > 90 ? 'ends-soon' : 'ends-very-soon', days),
  );
  assert.equal(told.filter((days) => days > 90).length, 9);
  assert.equal(told.filter((days) => days <= 90).length, 91);
  assert.equal(isAlarmDue('good', 300), false);
  assert.equal(isAlarmDue('renewal-due', 660), false);
  assert.equal(isAlarmDue('ended', -1), true);
});
