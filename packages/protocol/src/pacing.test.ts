import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  planAfterUnansweredMs,
  planFirstHeartbeatMs,
  planHeartbeatRepeatMs,
  planNextHeartbeatMs,
} from './pacing.ts';

const interval = fc.integer({ min: 1_000, max: 28_800_000 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test('each wait is the interval, 10 % more or less', () => {
  fc.assert(
    fc.property(interval, random, (intervalMs, chance) => {
      const waitMs = planNextHeartbeatMs(intervalMs, chance);
      assert(waitMs >= intervalMs * 0.9 - 1 && waitMs <= intervalMs * 1.1 + 1);
    }),
  );
  assert.equal(planNextHeartbeatMs(60_000, 0), 54_000);
  assert.equal(planNextHeartbeatMs(60_000, 0.5), 60_000);
});

test('the first wait is anywhere within one interval', () => {
  fc.assert(
    fc.property(interval, random, (intervalMs, chance) => {
      const waitMs = planFirstHeartbeatMs(intervalMs, chance);
      assert(waitMs >= 0 && waitMs < intervalMs);
    }),
  );
});

test('a heartbeat is repeated after one second at least, and a third of the interval or 30 seconds at most', () => {
  fc.assert(
    fc.property(interval, random, (intervalMs, chance) => {
      const waitMs = planHeartbeatRepeatMs(intervalMs, chance);
      assert(waitMs >= 1_000 && waitMs <= Math.min(30_000, Math.max(1_000, intervalMs / 3)) + 1);
    }),
  );
  assert.equal(planHeartbeatRepeatMs(60_000, 0), 1_000);
  assert.equal(planHeartbeatRepeatMs(60_000, 0.999_999), 20_000);
  assert.equal(planHeartbeatRepeatMs(2_000, 0.5), 1_000);
  assert.equal(planHeartbeatRepeatMs(28_800_000, 0.999_999), 30_000);
});

test('the heartbeat after a lost one is sent within 2.1 intervals of the last answer, and after that one is given up', () => {
  fc.assert(
    fc.property(interval, random, random, random, (intervalMs, one, other, third) => {
      const sinceAnswerMs = planNextHeartbeatMs(intervalMs, one);
      const afterMs = planAfterUnansweredMs(intervalMs, other, sinceAnswerMs);
      assert(sinceAnswerMs + afterMs <= intervalMs * 2.1 + 1);
      assert(afterMs >= Math.min(intervalMs * 0.9, 270_000) - 2);
      assert(afterMs <= Math.min(planNextHeartbeatMs(intervalMs, other), 300_000));
      if (intervalMs >= 4_000) assert(planHeartbeatRepeatMs(intervalMs, third) + 2_000 < afterMs);
    }),
  );
  assert.equal(planAfterUnansweredMs(60_000, 0.999_999, 66_000), 60_000);
  assert.equal(planAfterUnansweredMs(60_000, 0.5, 54_000), 60_000);
});

test('heartbeats after more than one that was lost, or before the first answer, follow the interval with its jitter', () => {
  for (const sinceAnswerMs of [120_000, 600_000, Number.POSITIVE_INFINITY]) {
    assert.equal(planAfterUnansweredMs(60_000, 0, sinceAnswerMs), 54_000);
    assert.equal(planAfterUnansweredMs(60_000, 0.75, sinceAnswerMs), 63_000);
  }
});
