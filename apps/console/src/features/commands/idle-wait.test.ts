import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeWaits } from './idle-wait.ts';

const hour = 3_600_000;
const at = (hours: number): string => new Date(hours * hour).toISOString();

test('an order to nobody in idle hours waits for nothing', () => {
  assert.deepEqual(judgeWaits([], hour), {
    waitingCount: 0,
    lastBeginMs: undefined,
    lateCount: 0,
    lastLateBeginMs: undefined,
  });
});

test('who begins before the order expires waits, and is not late', () => {
  const waits = [
    { hoursBeginAt: at(1), devices: 2 },
    { hoursBeginAt: at(3), devices: 4 },
  ];
  const { waitingCount, lastBeginMs, lateCount } = judgeWaits(waits, 4 * hour);
  assert.deepEqual([waitingCount, lastBeginMs, lateCount], [6, 3 * hour, 0]);
});

test('who begins at the moment of its expiry, later or never is late', () => {
  const waits = [
    { hoursBeginAt: at(1), devices: 2 },
    { hoursBeginAt: at(3), devices: 4 },
    { hoursBeginAt: null, devices: 8 },
  ];
  assert.equal(judgeWaits(waits, 3 * hour).lateCount, 12);
  assert.equal(judgeWaits(waits, 3 * hour).lastLateBeginMs, 3 * hour);
  assert.equal(judgeWaits(waits, 4 * hour).lateCount, 8);
  assert.equal(judgeWaits(waits, 4 * hour).lastLateBeginMs, undefined);
});
