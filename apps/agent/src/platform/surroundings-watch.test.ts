import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSurroundingsWatch } from './surroundings-watch.ts';

test('another address is noticed once, and an answer that fails is none', () => {
  let addresses: string | undefined = 'a';
  const watch = createSurroundingsWatch({ now: () => 0, monotonic: () => 0 }, () => addresses);
  assert.equal(watch.look(), false);
  addresses = undefined;
  assert.equal(watch.look(), false);
  addresses = 'a';
  assert.equal(watch.look(), false);
  addresses = 'b';
  assert.equal(watch.look(), true);
  assert.equal(watch.look(), false);
});

test('a sleep is noticed once; time that merely passes and a clock that is set back are none', () => {
  let wallMs = 1_000_000;
  let monotonicMs = 0;
  const clock = { now: () => wallMs, monotonic: () => monotonicMs };
  const watch = createSurroundingsWatch(clock, () => 'a');
  wallMs += 3_600_000;
  monotonicMs += 3_600_000;
  assert.equal(watch.look(), false);
  wallMs += 8 * 3_600_000;
  monotonicMs += 15_000;
  assert.equal(watch.look(), true);
  assert.equal(watch.look(), false);
  wallMs -= 86_400_000;
  assert.equal(watch.look(), false);
});
