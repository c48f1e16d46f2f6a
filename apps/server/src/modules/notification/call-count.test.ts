import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../../platform/clock/test-clock.ts';
import { CallCount, RESERVED_AHEAD } from './call-count.ts';

function setUp() {
  let stored: number | undefined;
  const clock = createTestClock();
  const memory = {
    find: () => Promise.resolve(stored),
    save: (upTo: number) => {
      stored = Math.max(stored ?? 0, upTo);
      return Promise.resolve();
    },
  };
  return {
    clock,
    start: async () => {
      const count = new CallCount(clock, memory);
      await count.resume();
      return count;
    },
  };
}

test('numbers grow when the clock is set back, in one process and over a restart', async () => {
  const { clock, start } = setUp();
  const count = await start();
  const first = count.next();
  clock.jump(-86_400_000);
  const second = count.next();
  assert.ok(second > first);
  assert.ok((await start()).next() > second);
});

test('numbers grow over a restart when more were used than time has passed', async () => {
  const { clock, start } = setUp();
  const count = await start();
  let last = 0;
  for (let round = 0; round < 4; round += 1) {
    for (let calls = 0; calls < RESERVED_AHEAD / 4; calls += 1) last = count.next();
    await count.reserve();
  }
  clock.advance(1_000);
  assert.ok((await start()).next() > last);
});

test('a clock that leaps ahead and back uses up nothing that is not reserved', async () => {
  const { clock, start } = setUp();
  const count = await start();
  clock.jump(10 * RESERVED_AHEAD);
  const ahead = count.next();
  clock.jump(-10 * RESERVED_AHEAD);
  assert.ok((await start()).next() > ahead);
});

test('numbers follow the clock, so that a database from an old backup does not repeat them', async () => {
  const { clock, start } = setUp();
  const count = await start();
  clock.advance(RESERVED_AHEAD);
  await count.reserve();
  assert.equal(count.next(), clock.now());
});
