import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { LogLevel } from '../../platform/log.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { fillDisk, freeDisk } from '../../platform/test-full-disk.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createAgreementWatch } from './agreement-watch.ts';
import { createLogWriter, type LogWriter } from './log-writer.ts';
import { createJournalId } from './journal-id.ts';
import { createJournals, type Journals } from './journals.service.ts';
import { createLogLevelSetting } from './log-level.ts';
import { createRunRecord } from './run-record.ts';
import { createServerWatch } from './server-watch.ts';

/** A clock that the test moves. */
function createClock() {
  let nowMs = 1_800_000_000_000;
  return {
    now: () => nowMs,
    monotonic: () => nowMs - 1_700_000_000_000,
    advance: (ms: number) => {
      nowMs += ms;
    },
  };
}

interface Bench {
  readonly database: StateDatabase;
  readonly clock: ReturnType<typeof createClock>;
  readonly events: LogWriter;
  readonly journals: Journals;
  readonly urgencies: string[];
  level: LogLevel;
  readonly codes: readonly string[];
  readonly list: () => readonly (readonly [string, string, unknown])[];
}

function open(t: TestContext): Bench {
  const database = createTestDatabase(t);
  const clock = createClock();
  const journals = createJournals({ database, clock, createId: () => createJournalId(clock) });
  const urgencies: string[] = [];
  const log = createSilentLog();
  const bench: Bench = {
    database,
    clock,
    journals,
    urgencies,
    level: 'info',
    codes: log.codes,
    events: createLogWriter({
      database,
      journals,
      clock,
      log,
      findLevel: () => bench.level,
      onEntry: (urgency) => urgencies.push(urgency),
    }),
    list: () =>
      (['security', 'general'] as const).flatMap((name) =>
        (journals.nextBatch(name)?.entries ?? []).map(
          ({ type, severity, facts }) => [type, severity, facts] as const,
        ),
      ),
  };
  return bench;
}

test('what is urgent or about security goes at once, all else with the next heartbeat', async (t) => {
  const bench = open(t);
  bench.events.record('agent-started');
  bench.events.record('command-ended', {}, { severity: 'error' });
  bench.events.record('another-instance-refused');
  assert.deepEqual(bench.urgencies, [], 'not inside the transaction in which it happened');
  await Promise.resolve();
  assert.deepEqual(bench.urgencies, ['soon', 'at-once', 'at-once']);
});

test('the log level leaves out what matters less, and never what is about security', (t) => {
  const bench = open(t);
  bench.level = 'error';
  bench.events.record('server-lost');
  bench.events.record('agent-enrolled');
  bench.level = 'debug';
  bench.events.record('handshake-made', {}, { severity: 'debug' });
  assert.deepEqual(
    bench.list().map(([type]) => type),
    ['agent-enrolled', 'handshake-made'],
  );
});

test('facts beyond the bound of the protocol are left out, and the entry stays', (t) => {
  const bench = open(t);
  bench.events.record('agent-started', { reason: 'x'.repeat(9_000) });
  assert.deepEqual(bench.list(), [['agent-started', 'info', undefined]]);
});

test('a full disk loses the entry and not the agent, and is said once', (t) => {
  const bench = open(t);
  bench.events.record('agent-started');
  fillDisk(bench.database);
  for (let count = 0; count < 300; count++)
    bench.events.record('address-changed', { filler: 'x'.repeat(500) });
  assert.deepEqual(bench.codes, ['STATE_DISK_FULL']);
  assert.throws(() =>
    bench.database.transaction(() => {
      for (let count = 0; count < 300; count++)
        bench.events.record('address-changed', { filler: 'x'.repeat(500) });
    }),
  );
  freeDisk(bench.database);
  const before = bench.journals.countWaiting();
  bench.events.record('address-changed');
  assert.equal(bench.journals.countWaiting(), before + 1);
});

test('a loss of the server is reported when it lasts, with its duration when it ends', (t) => {
  const bench = open(t);
  const watch = createServerWatch(bench.events, bench.clock);
  watch.note('reached');
  watch.note('lost');
  bench.clock.advance(30_000);
  watch.note('lost');
  watch.note('reached');
  assert.deepEqual(bench.list(), [], 'a server that restarts');
  for (const waitMs of [0, 50_000, 50_000, 500_000]) {
    bench.clock.advance(waitMs);
    watch.note('lost');
  }
  watch.note('reached');
  watch.note('reached');
  assert.deepEqual(bench.list(), [
    ['server-lost', 'warning', { sinceMs: 100_000 }],
    ['server-found', 'notice', { durationMs: 600_000 }],
  ]);
});

test('another way to communicate is told, and a handshake that changes nothing only at the level debug', (t) => {
  const bench = open(t);
  const watch = createAgreementWatch(bench.events);
  const agreement = { server: 'https://s', mode: 'one-way', transport: 'udp', reason: 'r' } as const;
  watch.note(agreement);
  watch.note(agreement);
  watch.noteRefusedPort(7_000, 'forbidden');
  watch.noteRefusedPort(7_000, 'forbidden');
  watch.note({ ...agreement, mode: 'two-way-direct' });
  watch.note({ ...agreement, mode: 'two-way-direct' });
  assert.deepEqual(
    bench.list().map(([type]) => type),
    ['listener-opened', 'handshake-made', 'listener-refused', 'handshake-made'],
  );
});

test('each start says why it came: the first, an ordinary one, one that was ordered, one after a crash, another version', (t) => {
  const bench = open(t);
  const { database, events, clock } = bench;
  const run = (version = '1.0') => createRunRecord({ database, events, clock, version });
  run().recordStart();
  run().recordStop('asked');
  run().recordStart();
  run().recordStop('restart-command');
  run().recordStart();
  run('1.1').recordStart();
  const starts = bench.list().filter(([type]) => type === 'agent-started');
  assert.deepEqual(
    starts.map(([, severity, facts]) => [severity, facts]),
    [
      ['info', { version: '1.0', reason: 'first-start' }],
      ['info', { version: '1.0', reason: 'started' }],
      ['info', { version: '1.0', reason: 'restart-command' }],
      ['warning', { version: '1.1', reason: 'ended-unexpectedly', formerVersion: '1.0' }],
    ],
  );
});

test('a log that is configured to say little leaves the journal as it is; a command sets both', (t) => {
  const database = createTestDatabase(t);
  const levelsOf = (configured: LogLevel) => {
    const setting = createLogLevelSetting({ database, clock: createClock(), configured });
    return [setting.current(), setting.currentOfJournal()];
  };
  assert.deepEqual(levelsOf('warn'), ['warn', 'info']);
  assert.deepEqual(levelsOf('debug'), ['debug', 'debug']);
  createLogLevelSetting({ database, clock: createClock(), configured: 'info' }).set('error', undefined);
  assert.deepEqual(levelsOf('debug'), ['error', 'error']);
});

test('a log level for a time returns by itself, also after a restart and when the clock is set back', (t) => {
  const database = createTestDatabase(t);
  let wallMs = 1_800_000_000_000;
  let monotonicMs = 0;
  const clock = { now: () => wallMs, monotonic: () => monotonicMs };
  const pass = (ms: number) => {
    wallMs += ms;
    monotonicMs += ms;
  };
  const start = () => createLogLevelSetting({ database, clock, configured: 'info' });
  const setting = start();
  setting.set('debug', 10);
  pass(9 * 60_000);
  assert.equal(setting.current(), 'debug');
  assert.equal(start().current(), 'debug', 'a process that starts within the time');
  pass(60_000);
  assert.equal(setting.current(), 'info');
  assert.equal(start().current(), 'info', 'a process that starts after it');
  setting.set('debug', 10);
  wallMs -= 86_400_000;
  monotonicMs += 10 * 60_000;
  assert.equal(setting.current(), 'info');
  setting.set('error', undefined);
  pass(1_000 * 86_400_000);
  assert.equal(start().current(), 'error', 'without a time it stays');
});
