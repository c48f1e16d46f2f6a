import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pino } from 'pino';
import { DatabaseError } from '../database/index.ts';
import { createPeriodicJobs } from './periodic-jobs.ts';

const log = pino({ level: 'silent' });

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'the condition did not come true in time');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

test('a job runs again and again, also after it failed, and never twice at once', async () => {
  const jobs = createPeriodicJobs({ log, waitForDatabase: async () => {} });
  let turns = 0;
  let running = 0;
  jobs.every('test', 1, async () => {
    running += 1;
    assert.equal(running, 1);
    await new Promise((resolve) => setImmediate(resolve));
    running -= 1;
    turns += 1;
    if (turns % 2 === 0) throw new Error('a failure of the work');
  });
  await until(() => turns >= 5);
  await jobs.stop();
});

test('a job pauses while the database is away and goes on when it is back', async () => {
  let comeBack = (): void => {};
  const isBack = new Promise<void>((resolve) => {
    comeBack = resolve;
  });
  let waits = 0;
  const jobs = createPeriodicJobs({
    log,
    waitForDatabase: async () => {
      waits += 1;
      await isBack;
    },
  });
  let turns = 0;
  jobs.every('test', 1, async () => {
    turns += 1;
    if (turns === 1) throw new DatabaseError('DATABASE_UNAVAILABLE', 'away', { retry: 'safe' });
  });
  await until(() => waits === 1);
  assert.equal(turns, 1);
  comeBack();
  await until(() => turns >= 2);
  assert.equal(waits, 1);
  await jobs.stop();
});

test('stopping waits for the work under way and starts no more', async () => {
  const jobs = createPeriodicJobs({ log, waitForDatabase: async () => {} });
  let finish = (): void => {};
  let hasBegun = false;
  let hasEnded = false;
  jobs.every('slow', 1, async () => {
    hasBegun = true;
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    hasEnded = true;
  });
  await until(() => hasBegun);
  const stopped = jobs.stop();
  let late = 0;
  jobs.every('late', 1, async () => {
    late += 1;
  });
  assert.equal(hasEnded, false);
  finish();
  await stopped;
  assert.equal(hasEnded, true);
  assert.equal(late, 0);
});
