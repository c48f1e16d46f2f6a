import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { AppError, systemClock } from '@holdfast/kernel';
import { commandCatalogue, type Command, type CommandReport } from '@holdfast/protocol';
import { createSilentLog } from '../../testing/silent-log.ts';
import { defineTestCommand } from '../../testing/test-command.ts';
import { fillDisk, freeDisk } from '../../platform/test-full-disk.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createOutbox } from '../outbox/index.ts';
import { type CommandHandler, OnRestart } from './command-handler.ts';
import { type Commands, createCommands } from './commands.service.ts';

class Away extends AppError<'SERVER_UNREACHABLE'> {}

const HOUR_MS = 3_600_000;
const idOf = (n: number) => `01a20141-c5a5-7000-8000-${n.toString(16).padStart(12, '0')}`;
const order = (n: number, change: Partial<Command> = {}): Command => ({
  id: idOf(n),
  type: 'work',
  parameters: {},
  issuedAt: systemClock.now(),
  expiresAt: systemClock.now() + HOUR_MS,
  ...change,
});

interface Bench {
  readonly commands: Commands;
  /** Receives commands whose acceptance the server knows at once. */
  readonly take: (commands: readonly Command[]) => void;
  readonly reports: () => readonly CommandReport[];
  readonly codes: readonly string[];
}

function open(
  database: StateDatabase,
  handler: Partial<CommandHandler>,
  findServerNow: () => number | undefined = () => systemClock.now(),
): Bench {
  const log = createSilentLog();
  const outbox = createOutbox({ database, clock: systemClock, log, isProgressWanted: () => true });
  const commands = createCommands({
    database,
    outbox,
    handlers: [
      {
        definition: defineTestCommand('work'),
        onRestart: OnRestart.repeat,
        run: async () => ({ detail: 'Done.' }),
        ...handler,
      },
    ],
    clock: systemClock,
    log,
    events: { record: () => undefined },
    findServerNow,
    isConnected: () => true,
    onReport: () => undefined,
  });
  const take = (orders: readonly Command[]) => {
    commands.take({ commands: [...orders], cancel: [] });
    const settled = orders.map(({ id }) => ({
      report: { commandId: id, state: 'accepted' as const, at: 1 },
      outcome: 'recorded' as const,
    }));
    database.transaction(() => commands.settle(settled));
  };
  return { commands, take, reports: () => outbox.nextBatch().map(({ report }) => report), codes: log.codes };
}

const setUp = (t: TestContext, handler: Partial<CommandHandler> = {}) => open(createTestDatabase(t), handler);
const briefly = (reports: readonly CommandReport[]) =>
  reports.map(({ state, code }) => (code === undefined ? state : `${state} ${code}`));

test('a command is recorded as begun, on disk, before its handler is called', async (t) => {
  const database = createTestDatabase(t);
  const seen: unknown[] = [];
  const { take, commands } = open(database, {
    run: async () => {
      seen.push(
        database.connection.isTransaction,
        database.connection.prepare('SELECT state FROM command').get(),
      );
      return { detail: '' };
    },
  });
  take([order(1)]);
  await commands.runWaiting('quick');
  assert.deepEqual(
    seen.map((value) => JSON.stringify(value)),
    ['false', '{"state":"begun"}'],
  );
});

test('parameters reach the handler, and its result the outbox', async (t) => {
  const given: unknown[] = [];
  const { take, commands, reports } = setUp(t, {
    definition: { ...commandCatalogue.showMessage, type: 'work' },
    run: async ({ commandId, parameters }) => {
      given.push({ commandId, parameters });
      return { detail: 'Found.', result: { count: 3 } };
    },
  });
  take([order(7, { parameters: { title: 'A', text: 'B' } })]);
  await commands.runWaiting('quick');
  assert.deepEqual(given, [{ commandId: idOf(7), parameters: { title: 'A', text: 'B' } }]);
  const end = reports().at(-1);
  assert.equal(end?.state, 'succeeded');
  assert.deepEqual(end?.result, { count: 3 });
});

test('an expected error is the code and the detail of the failure; a fault shows nothing of itself', async (t) => {
  class Refused extends AppError<'DISK_MISSING'> {}
  const errors = [
    new Refused('DISK_MISSING', 'There is no such disk.', { remedy: 'Name another one.' }),
    new TypeError('secret text'),
  ];
  for (const error of errors) {
    const { take, commands, reports, codes } = setUp(t, { run: () => Promise.reject(error) });
    take([order(1)]);
    await commands.runWaiting('quick');
    const end = reports().at(-1);
    if (error instanceof AppError) {
      assert.equal(end?.code, 'DISK_MISSING');
      assert.equal(end?.detail, 'There is no such disk. Name another one.');
    } else {
      assert.equal(end?.code, 'COMMAND_FAULTY');
      assert.ok(!end?.detail?.includes('secret'));
      assert.ok(codes.includes('COMMAND_FAULTY'));
    }
  }
});

test('a result that is too large is left out, and the detail says so', async (t) => {
  const { take, commands, reports } = setUp(t, {
    run: async () => ({ detail: 'Much.', result: { text: 'x'.repeat(70_000) } }),
  });
  take([order(1)]);
  await commands.runWaiting('quick');
  const end = reports().at(-1);
  assert.equal(end?.state, 'succeeded');
  assert.equal(end?.result, undefined);
  assert.match(end?.detail ?? '', /too large/u);
});

test('a command that may be run again waits for the server; another one fails', async (t) => {
  for (const onRestart of Object.values(OnRestart)) {
    const mayRunAgain = onRestart !== 'fail';
    let isAway = true;
    const { take, commands, reports } = setUp(t, {
      onRestart,
      run: async () => {
        if (isAway) throw new Away('SERVER_UNREACHABLE', 'away', { retry: 'safe' });
        return { detail: '' };
      },
    });
    take([order(1)]);
    const outcome = await commands.runWaiting('quick');
    assert.equal(outcome.state, mayRunAgain ? 'postponed' : 'done');
    isAway = false;
    await commands.runWaiting('quick');
    assert.deepEqual(briefly(reports()).slice(2), [mayRunAgain ? 'succeeded' : 'failed SERVER_UNREACHABLE']);
  }
});

test('waiting for the server does not count as an attempt', async (t) => {
  let count = 0;
  const { take, commands, reports } = setUp(t, {
    run: async () => {
      count++;
      if (count <= 20) throw new Away('SERVER_UNREACHABLE', 'away', { retry: 'safe' });
      return { detail: '' };
    },
  });
  take([order(1)]);
  for (let round = 0; round < 21; round++) await commands.runWaiting('quick');
  assert.equal(reports().at(-1)?.state, 'succeeded');
});

test('a command that fells the agent again and again is given up', async (t) => {
  const database = createTestDatabase(t);
  open(database, {}).take([order(1)]);
  let calls = 0;
  for (let start = 0; start < 7; start++) {
    // A handler that never ends, and a new start without an end of the old one: as after a crash.
    const { commands } = open(database, {
      run: () => {
        calls++;
        return new Promise(() => undefined);
      },
    });
    commands.recover();
    void commands.runWaiting('quick');
  }
  assert.equal(calls, 5);
  const { reports } = open(database, {});
  assert.equal(reports().at(-1)?.code, 'COMMAND_ABANDONED');
});

test('what was begun and is not safe to repeat is reported as interrupted, once', async (t) => {
  const database = createTestDatabase(t);
  const hanging = { onRestart: OnRestart.fail, run: () => new Promise<never>(() => undefined) };
  const first = open(database, hanging);
  first.take([order(1)]);
  void first.commands.runWaiting('quick');
  for (let start = 0; start < 3; start++) open(database, hanging).commands.recover();
  const { reports, commands } = open(database, hanging);
  assert.deepEqual(briefly(reports()), ['accepted', 'running', 'failed COMMAND_INTERRUPTED']);
  assert.deepEqual(await commands.runWaiting('quick'), { state: 'done' });
});

test('after a stop the command under way ends and no other begins', async (t) => {
  const { take, commands, reports } = setUp(t, {
    run: async () => {
      void commands.stop();
      return { detail: '' };
    },
  });
  take([order(1), order(2)]);
  await commands.runWaiting('quick');
  assert.deepEqual(briefly(reports()), ['accepted', 'accepted', 'running', 'succeeded']);
});

test('with a full disk nothing is taken, and an end that could not be recorded is recorded later without doing it again', async (t) => {
  const database = createTestDatabase(t);
  let calls = 0;
  const { take, commands, reports } = open(database, {
    onRestart: OnRestart.fail,
    run: async () => {
      calls++;
      fillDisk(database);
      return { detail: 'x'.repeat(1_900), result: { text: 'x'.repeat(60_000) } };
    },
  });
  take([order(1)]);
  await assert.rejects(commands.runWaiting('quick'), { code: 'STATE_DISK_FULL' });
  assert.throws(
    () => commands.take({ commands: [order(2, { parameters: { text: 'x'.repeat(16_000) } })], cancel: [] }),
    {
      code: 'STATE_DISK_FULL',
    },
  );
  freeDisk(database);
  await commands.runWaiting('quick');
  assert.equal(calls, 1);
  assert.deepEqual(briefly(reports()), ['accepted', 'running', 'succeeded']);
});

test('finished commands are kept to recognise repetitions, and not for ever', async (t) => {
  const database = createTestDatabase(t);
  const { take, commands } = open(database, {});
  const longAgo = systemClock.now() - 31 * 24 * HOUR_MS;
  take([order(1, { expiresAt: longAgo }), order(2)]);
  await commands.runWaiting('quick');
  take([order(3)]);
  const ids = database.connection.prepare('SELECT id FROM command ORDER BY id').all();
  assert.deepEqual(
    ids.map((row) => row['id']),
    [idOf(2), idOf(3)],
  );
});

test('a command begins only when the server knows that it is accepted', async (t) => {
  const { commands, take, reports } = setUp(t);
  commands.take({ commands: [order(1)], cancel: [] });
  await commands.runWaiting('quick');
  assert.deepEqual(briefly(reports()), ['accepted']);
  take([order(1)]);
  await commands.runWaiting('quick');
  assert.deepEqual(briefly(reports()), ['accepted', 'running', 'succeeded']);
});

test('a command that was cancelled before the server knew of its acceptance never begins', async (t) => {
  const database = createTestDatabase(t);
  let calls = 0;
  const { commands } = open(database, {
    run: async () => {
      calls++;
      return { detail: '' };
    },
  });
  for (const [n, outcome] of (['closed', 'unknown-command'] as const).entries()) {
    commands.take({ commands: [order(n)], cancel: [] });
    const report = { commandId: idOf(n), state: 'accepted' as const, at: 1 };
    database.transaction(() => commands.settle([{ report, outcome }]));
  }
  await commands.runWaiting('quick');
  assert.equal(calls, 0);
  assert.equal(commands.countUnfinished(), 0);
});

test('while the time of the server is unknown no command begins and none is called expired', async (t) => {
  const server: { nowMs?: number } = {};
  let runCount = 0;
  const run = async () => {
    runCount++;
    return { detail: 'Done.' };
  };
  const { take, commands, reports } = open(createTestDatabase(t), { run }, () => server.nowMs);
  take([order(1), order(2, { expiresAt: systemClock.now() - 1 })]);
  const before = reports().length;
  const outcome = await commands.runWaiting('quick');
  assert.equal(outcome.state, 'postponed');
  assert.equal(runCount, 0);
  assert.equal(reports().length, before);
  server.nowMs = systemClock.now();
  assert.equal((await commands.runWaiting('quick')).state, 'done');
  assert.equal(runCount, 1);
  assert.ok(briefly(reports()).includes('failed COMMAND_EXPIRED'));
});
