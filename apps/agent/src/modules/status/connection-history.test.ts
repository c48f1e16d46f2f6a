import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSilentLog } from '../../testing/silent-log.ts';
import { fillDisk } from '../../platform/test-full-disk.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import { findConnection } from './connection.store.ts';
import { createConnectionHistory } from './connection-history.ts';

function createClock() {
  let nowMs = 1_000_000_000_000;
  return { now: () => nowMs, monotonic: () => nowMs, wait: (ms: number) => (nowMs += ms) };
}

test('changes are written at once, and the time of the contact with them', (t) => {
  const database = createTestDatabase(t);
  const clock = createClock();
  const journal = createConnectionHistory({ database, clock, log: createSilentLog() });
  journal.update({ phase: 'connected' });
  assert.equal(findConnection(database)?.phase, 'connected');
  clock.wait(3_600_000);
  journal.recordContact();
  assert.equal(journal.current.lastContactAt, clock.now());
  assert.equal(findConnection(database)?.lastContactAt, undefined);
  const last = clock.now();
  clock.wait(20_000);
  journal.update({ phase: 'stopped' });
  assert.equal(findConnection(database)?.lastContactAt, last);
});

test('a failure that repeats itself is written once', (t) => {
  const database = createTestDatabase(t);
  const clock = createClock();
  const journal = createConnectionHistory({ database, clock, log: createSilentLog() });
  journal.recordFailure('SERVER_UNREACHABLE');
  const first = clock.now();
  clock.wait(60_000);
  journal.recordFailure('SERVER_UNREACHABLE');
  assert.equal(findConnection(database)?.lastFailureAt, first);
  assert.equal(journal.current.lastFailureAt, clock.now());
});

test("the server's time is known after a restart, too", (t) => {
  const database = createTestDatabase(t);
  const clock = createClock();
  const log = createSilentLog();
  createConnectionHistory({ database, clock, log }).recordServerTime(clock.now() - 86_400_000);
  const again = createConnectionHistory({ database, clock, log });
  assert.equal(again.findServerNow(), clock.now() - 86_400_000);
});

test('a full disk does not end the conversation, and is told once', (t) => {
  const database = createTestDatabase(t);
  const log = createSilentLog();
  const journal = createConnectionHistory({ database, clock: createClock(), log });
  fillDisk(database);
  journal.update({ transportReason: 'x'.repeat(100_000) });
  journal.update({ transportReason: 'y'.repeat(100_000) });
  assert.deepEqual(log.codes, ['STATE_DISK_FULL']);
  assert.equal(journal.current.transportReason[0], 'y');
});

test('after a leap of the clock the time of the server is unknown until the server tells it', (t) => {
  const database = createTestDatabase(t);
  let wallMs = 1_000_000_000_000;
  let monotonicMs = 0;
  const clock = { now: () => wallMs, monotonic: () => monotonicMs };
  const journal = createConnectionHistory({ database, clock, log: createSilentLog() });
  journal.recordServerTime(wallMs + 60_000);
  wallMs += 3_600_000;
  monotonicMs += 3_600_000;
  assert.equal(journal.findServerNow(), wallMs + 60_000);
  for (const leapMs of [86_400_000, -86_400_000 * 2]) {
    wallMs += leapMs;
    assert.equal(journal.findServerNow(), undefined);
    journal.recordServerTime(5_000_000_000_000);
    assert.equal(journal.findServerNow(), 5_000_000_000_000);
  }
});
