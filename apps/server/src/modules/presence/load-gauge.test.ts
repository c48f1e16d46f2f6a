import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planReturnSpreadMs, planStretch } from './load-gauge.ts';

const calm = { utilisation: 0.2, delayMs: 5 };
const busy = { utilisation: 0.95, delayMs: 40 };

test('a server with little to do asks for the interval of the settings', () => {
  assert.equal(planStretch(1, calm), 1);
});

test('a busy loop or a late one stretches the interval, at most eightfold', () => {
  assert.ok(planStretch(1, busy) > 1.2);
  assert.ok(planStretch(1, { utilisation: 0.1, delayMs: 900 }) > 1.2);
  let stretch = 1;
  for (let second = 0; second < 60; second += 1) stretch = planStretch(stretch, busy);
  assert.equal(stretch, 8);
});

test('it takes minutes to come back from the longest interval, and nothing happens in between', () => {
  assert.equal(planStretch(3, { utilisation: 0.8, delayMs: 30 }), 3);
  let stretch = 8;
  let seconds = 0;
  for (; stretch > 1; seconds += 1) stretch = planStretch(stretch, calm);
  assert.ok(seconds > 60 && seconds < 300, `${seconds} s`);
});

test('the time to come back grows with the fleet and stays within an hour', () => {
  assert.equal(planReturnSpreadMs(0), 5_000);
  assert.equal(planReturnSpreadMs(100_000), 100_000);
  assert.equal(planReturnSpreadMs(1_000_000_000), 3_600_000);
});
