import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { DatabaseError } from '../database/index.ts';
import { createTimedTicks } from './timed-ticks.ts';

const log = pino({ level: 'silent' });

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'the condition did not come true in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a tick runs again and again, also after it failed, and never twice at once', async () => {
  const ticks = createTimedTicks({ log, waitForDatabase: async () => {} });
  let turns = 0;
  let running = 0;
  ticks.every('test', 1, async () => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    turns += 1;
    if (turns % 2 === 0) throw new Error('a failure of the work');
  });
  await until(() => turns >= 5);
  await ticks.stop();
});

test('a turn that found nothing is followed by a long rest, until it is woken', async () => {
  const ticks = createTimedTicks({ log, waitForDatabase: async () => {}, random: () => 0.5 });
  let turns = 0;
  let hasWork = true;
  const tick = ticks.every(
    'test',
    1,
    async () => {
      turns += 1;
      return hasWork ? undefined : 'rest';
    },
    { restMs: 3_600_000 },
  );
  await until(() => turns >= 3);
  let neighbour = 0;
  ticks.every('neighbour', 1, async () => void (neighbour += 1));
  hasWork = false;
  const before = turns;
  await until(() => turns > before);
  const rested = turns;
  const then = neighbour;
  await until(() => neighbour >= then + 20);
  assert.equal(turns, rested);
  hasWork = true;
  tick.wake();
  await until(() => turns >= rested + 3);
  await ticks.stop();
});

test('a tick pauses while the database is away and goes on when it is back', async () => {
  let comeBack = (): void => {};
  const isBack = new Promise<void>((resolve) => {
    comeBack = resolve;
  });
  let waits = 0;
  const ticks = createTimedTicks({
    log,
    waitForDatabase: async () => {
      waits += 1;
      await isBack;
    },
  });
  let turns = 0;
  ticks.every('test', 1, async () => {
    turns += 1;
    if (turns === 1) throw new DatabaseError('DATABASE_UNAVAILABLE', 'away', { retry: 'safe' });
  });
  await until(() => waits === 1);
  assert.equal(turns, 1);
  comeBack();
  await until(() => turns >= 2);
  assert.equal(waits, 1);
  await ticks.stop();
});

test('stopping waits for the work under way and starts no more', async () => {
  const ticks = createTimedTicks({ log, waitForDatabase: async () => {} });
  let finish = (): void => {};
  let hasBegun = false;
  let hasEnded = false;
  ticks.every('slow', 1, async () => {
    hasBegun = true;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    hasEnded = true;
  });
  await until(() => hasBegun);
  const stopped = ticks.stop();
  let late = 0;
  ticks.every('late', 1, async () => {
    late += 1;
  });
  assert.equal(hasEnded, false);
  finish();
  await stopped;
  assert.equal(hasEnded, true);
  assert.equal(late, 0);
});

test('whoever wakes a tick does not wait for its interval, and a wake during a turn brings one more', async () => {
  const ticks = createTimedTicks({ log, waitForDatabase: async () => {}, random: () => 0 });
  let turns = 0;
  const tick = ticks.every('rare', 3_600_000, async () => {
    turns += 1;
    if (turns === 2) tick.wake();
  });
  await until(() => turns === 1);
  tick.wake();
  await until(() => turns === 3);
  await ticks.stop();
  assert.equal(turns, 3);
});
