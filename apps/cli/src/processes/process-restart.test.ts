import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstRestartDelayMs, planRestartDelay } from './process-restart.ts';

test('an agent that falls again and again is started at growing intervals', () => {
  const waits: number[] = [];
  let delayMs = firstRestartDelayMs;
  for (let round = 0; round < 8; round++) {
    delayMs = planRestartDelay({ code: 1, ranForMs: 500 }, delayMs);
    waits.push(delayMs);
  }
  assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  assert.equal(planRestartDelay({ code: null, ranForMs: 61_000 }, 60_000), 1_000);
});

test('an agent that ended because a command asked for it is started at once', () => {
  assert.equal(planRestartDelay({ code: 75, ranForMs: 500 }, 60_000), 0);
  assert.equal(planRestartDelay({ code: 1, ranForMs: 500 }, 0), 1_000);
});
