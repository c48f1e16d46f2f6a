import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Grace, ticks } from './grace.ts';
import { timeoutMsOf } from './silence.ts';

const MINUTE_MS = 60_000;

test('after a pause of half an interval everybody gets the time to report again, and after a shorter one nobody', () => {
  const grace = new Grace();
  grace.noteTurn(100, MINUTE_MS / 2);
  assert.equal(grace.endFor(MINUTE_MS), 100 + ticks(timeoutMsOf(MINUTE_MS)));
  assert.equal(grace.endFor(MINUTE_MS + 1), 0);
});

test('a hiccup after a long pause takes nobody the time that the pause gave', () => {
  const grace = new Grace();
  grace.noteTurn(100, 5 * MINUTE_MS);
  grace.noteTurn(102, 700);
  assert.equal(grace.endFor(MINUTE_MS), 100 + ticks(timeoutMsOf(MINUTE_MS)));
  assert.equal(grace.endFor(1_000), 102 + ticks(timeoutMsOf(1_000)));
});

test('of two pauses the later one counts, for those whose intervals both could swallow', () => {
  const grace = new Grace();
  grace.noteTurn(100, 5 * MINUTE_MS);
  grace.noteTurn(200, 2 * MINUTE_MS);
  assert.equal(grace.endFor(MINUTE_MS), 200 + ticks(timeoutMsOf(MINUTE_MS)));
  assert.equal(grace.endFor(10 * MINUTE_MS), 100 + ticks(timeoutMsOf(10 * MINUTE_MS)));
});

test('a pause is remembered for the longest interval of which it could swallow half, whatever comes meanwhile', () => {
  const grace = new Grace();
  grace.noteTurn(100, MINUTE_MS);
  const longestMs = 2 * MINUTE_MS;
  const endTick = 100 + ticks(timeoutMsOf(longestMs));
  // For shorter intervals its grace is over by now.
  for (const tick of [100 + ticks(timeoutMsOf(MINUTE_MS)), endTick - 1]) {
    grace.noteTurn(tick, 700);
    assert.equal(grace.endFor(longestMs), endTick);
    assert.equal(grace.endFor(longestMs + 1), 0);
  }
});

test('whatever pauses there were, the last one that is long enough decides for an interval', () => {
  const pause = fc.record({ afterTicks: fc.integer({ min: 1, max: 2_000 }), missedMs: fc.nat(600_000) });
  const interval = fc.integer({ min: 1_000, max: 300_000 });
  fc.assert(
    fc.property(fc.array(pause, { maxLength: 20 }), interval, (pauses, intervalMs) => {
      const grace = new Grace();
      let tick = 0;
      let expected = 0;
      for (const { afterTicks, missedMs } of pauses) {
        tick += afterTicks;
        grace.noteTurn(tick, missedMs);
        if (missedMs * 2 >= intervalMs) expected = tick + ticks(timeoutMsOf(intervalMs));
      }
      // What is over may be forgotten.
      const isOver = expected <= tick;
      assert.ok(grace.endFor(intervalMs) === expected || (isOver && grace.endFor(intervalMs) <= tick));
    }),
  );
});
