import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSurroundingsWatch } from './surroundings-watch.ts';

const nothing = { isWorthALook: false, leapMs: 0, hasMoved: false };

test('another address is noticed once, and an answer that fails is none', () => {
  let addresses: string | undefined = 'a';
  const watch = createSurroundingsWatch({ now: () => 0, monotonic: () => 0 }, () => addresses);
  assert.deepEqual(watch.look(), nothing);
  addresses = undefined;
  assert.deepEqual(watch.look(), nothing);
  addresses = 'a';
  assert.deepEqual(watch.look(), nothing);
  addresses = 'b';
  assert.deepEqual(watch.look(), { isWorthALook: true, leapMs: 0, hasMoved: true });
  assert.deepEqual(watch.look(), nothing);
});

test('a sleep is noticed once; time that merely passes is none, and a clock that is set back is no reason to look for the server', () => {
  let wallMs = 1_000_000;
  let monotonicMs = 0;
  const clock = { now: () => wallMs, monotonic: () => monotonicMs };
  const watch = createSurroundingsWatch(clock, () => 'a');
  wallMs += 3_600_000;
  monotonicMs += 3_600_000;
  assert.deepEqual(watch.look(), nothing);
  wallMs += 8 * 3_600_000;
  monotonicMs += 15_000;
  assert.deepEqual(watch.look(), { isWorthALook: true, leapMs: 8 * 3_600_000 - 15_000, hasMoved: false });
  assert.deepEqual(watch.look(), nothing);
  wallMs -= 86_400_000;
  assert.deepEqual(watch.look(), { isWorthALook: false, leapMs: -86_400_000, hasMoved: false });
});
