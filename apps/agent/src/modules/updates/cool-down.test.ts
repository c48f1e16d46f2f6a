import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCoolingDown, planCoolDown } from './cool-down.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

test('what fails again and again is left alone for longer and longer, at most a day', () => {
  let coolDown = planCoolDown(undefined, { release: 3, nowMs: 0, random: 0 });
  const minutes = [coolDown.notBefore / MINUTE_MS];
  for (let times = 1; times < 40; times++) {
    coolDown = planCoolDown(coolDown, { release: 3, nowMs: 0, random: 0 });
    minutes.push(coolDown.notBefore / MINUTE_MS);
  }
  assert.deepEqual(minutes.slice(0, 5), [15, 30, 60, 120, 240]);
  assert.equal(Math.max(...minutes), 1_440);
});

test('those that failed together do not come back together', () => {
  const waits = [0, 0.5, 0.999].map(
    (random) => planCoolDown(undefined, { release: 1, nowMs: 0, random }).notBefore,
  );
  assert.deepEqual(
    waits.map((ms) => Math.round(ms / MINUTE_MS)),
    [15, 13, 11],
  );
});

test('a newer release is tried at once, and its failures count anew', () => {
  const failed = planCoolDown(planCoolDown(undefined, { release: 3, nowMs: 0, random: 0 }), {
    release: 3,
    nowMs: 0,
    random: 0,
  });
  assert.ok(isCoolingDown(failed, 3, 1));
  assert.ok(!isCoolingDown(failed, 4, 1));
  assert.equal(planCoolDown(failed, { release: 4, nowMs: 0, random: 0 }).failures, 1);
});

test('a clock that is set back makes nobody wait for longer than a day', () => {
  const failed = planCoolDown(undefined, { release: 3, nowMs: 400 * DAY_MS, random: 0 });
  assert.ok(isCoolingDown(failed, 3, 400 * DAY_MS));
  assert.ok(!isCoolingDown(failed, 3, 399 * DAY_MS - MINUTE_MS));
  assert.ok(!isCoolingDown(failed, 3, 400 * DAY_MS + 15 * MINUTE_MS));
  assert.ok(!isCoolingDown(undefined, 3, 0));
});
