/** Lanes, cancellation, progress, and what becomes of each over a restart. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Clock, systemClock } from '@holdfast/kernel';
import type { Command, CommandReport, Lane } from '@holdfast/protocol';
import fc from 'fast-check';
import { createSilentLog } from '../../testing/silent-log.ts';
import { defineTestCommand } from '../../testing/test-command.ts';
import { fillDisk, freeDisk } from '../../platform/test-full-disk.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createOutbox } from '../outbox/index.ts';
import type { CommandContext, CommandHandler } from './command-handler.ts';
import { stopped } from './command.errors.ts';
import { readRunningCommands } from './command.store.ts';
import { createCommands } from './commands.service.ts';

const idOf = (n: number) => `01a20141-c5a5-7000-8000-${n.toString(16).padStart(12, '0')}`;
const order = (n: number, type = 'work'): Command => ({
  id: idOf(n),
  type,
  parameters: {},
  issuedAt: systemClock.now(),
  expiresAt: systemClock.now() + 3_600_000,
});

/** A handler that the test moves. */
interface Hand {
  readonly handler: CommandHandler;
  /** Contexts of its calls, newest last. */
  readonly calls: CommandContext[];
  /** Ends the newest call. */
  end(detail?: string): void;
  fail(error: Error): void;
}

function createHand(
  options: {
    readonly type?: string;
    readonly lane?: Lane;
    readonly onRestart?: CommandHandler['onRestart'];
    /** What it says when its signal aborts; undefined: it does not listen. */
    readonly onAbort?: string | undefined;
  } = {},
): Hand {
  const calls: CommandContext[] = [];
  const ends: PromiseWithResolvers<{ detail: string }>[] = [];
  const { type = 'work', lane = 'disk', onRestart = 'repeat' } = options;
  return {
    calls,
    end: (detail = 'Done.') => ends.at(-1)?.resolve({ detail }),
    fail: (error) => ends.at(-1)?.reject(error),
    handler: {
      definition: defineTestCommand(type, lane),
      onRestart,
      run: (context) => {
        const end = Promise.withResolvers<{ detail: string }>();
        calls.push(context);
        ends.push(end);
        const { signal } = context;
        const listen = (): void => {
          if (options.onAbort !== undefined) end.reject(stopped(signal, options.onAbort));
        };
        if (signal.aborted) listen();
        else signal.addEventListener('abort', listen);
        return end.promise;
      },
    },
  };
}

function open(
  database: StateDatabase,
  handlers: readonly CommandHandler[],
  options: {
    readonly clock?: Clock;
    readonly isProgressWanted?: boolean;
    readonly isConnected?: boolean;
  } = {},
) {
  const { clock = systemClock, isProgressWanted = true, isConnected = true } = options;
  const outbox = createOutbox({
    database,
    clock,
    log: createSilentLog(),
    isProgressWanted: () => isProgressWanted,
  });
  const announced: string[] = [];
  const commands = createCommands({
    database,
    outbox,
    handlers,
    clock,
    log: createSilentLog(),
    events: { record: () => undefined },
    findServerNow: () => systemClock.now(),
    isConnected: () => isConnected,
    onReport: (urgency) => announced.push(urgency),
  });
  commands.recover();
  return {
    commands,
    outbox,
    announced,
    /** Receives commands whose acceptance the server knows at once. */
    take: (...orders: readonly Command[]) => {
      commands.take({ commands: [...orders], cancel: [] });
      const settled = orders.map(({ id }) => ({
        report: { commandId: id, state: 'accepted' as const, at: 1 },
        outcome: 'recorded' as const,
      }));
      database.transaction(() => commands.settle(settled));
    },
    cancel: (...ids: string[]) => commands.take({ commands: [], cancel: ids }),
    states: (id: string) =>
      outbox
        .nextBatch()
        .filter(({ report }) => report.commandId === id)
        .map(({ report: { state, code } }) => (code === undefined ? state : `${state} ${code}`)),
    endOf: (id: string): CommandReport | undefined =>
      outbox.nextBatch().findLast(({ report }) => report.commandId === id)?.report,
  };
}

const setUp = (t: TestContext, ...hands: readonly Hand[]) =>
  open(
    createTestDatabase(t),
    hands.map(({ handler }) => handler),
  );

test('lanes run side by side, and one command at a time in the order in which they came', async (t) => {
  const disk = createHand({ type: 'disk', lane: 'disk' });
  const quick = createHand({ type: 'quick', lane: 'quick' });
  const { commands, take, states } = setUp(t, disk, quick);
  take(order(1, 'disk'), order(2, 'quick'), order(3, 'disk'));
  const diskRun = commands.runWaiting('disk');
  const quickRun = commands.runWaiting('quick');
  assert.deepEqual([disk.calls.length, quick.calls.length], [1, 1]);
  quick.end();
  await quickRun;
  assert.deepEqual(states(idOf(2)), ['accepted', 'running', 'succeeded']);
  assert.deepEqual(states(idOf(3)), ['accepted'], 'the first of its lane still runs');
  disk.end();
  await new Promise(setImmediate);
  assert.deepEqual(
    disk.calls.map(({ commandId }) => commandId),
    [idOf(1), idOf(3)],
  );
  disk.end();
  await diskRun;
});

test('a type that nobody knows is refused while other lanes are busy', async (t) => {
  const disk = createHand();
  const { commands, take, states } = setUp(t, disk);
  take(order(1), order(2, 'of-a-later-version'));
  void commands.runWaiting('disk');
  await commands.runWaiting('quick');
  assert.deepEqual(states(idOf(2)), ['accepted', 'failed COMMAND_TYPE_UNKNOWN']);
});

test('what is to end and has not begun never begins, and is reported at once', async (t) => {
  const hand = createHand();
  const { commands, cancel, states, take, endOf, announced } = setUp(t, hand);
  commands.take({ commands: [order(1)], cancel: [] });
  take(order(2));
  announced.length = 0;
  cancel(idOf(1), idOf(2));
  assert.deepEqual(announced, ['at-once']);
  for (const n of [1, 2]) assert.deepEqual(states(idOf(n)), ['accepted', 'cancelled']);
  assert.equal(endOf(idOf(2))?.detail, 'It was ended before it began.');
  // The answer to its acceptance comes late.
  take(order(1));
  await commands.runWaiting('disk');
  assert.equal(hand.calls.length, 0);
});

test('what runs is told to end, and says what it had done', async (t) => {
  const hand = createHand({ onAbort: 'Three of seven files are written.' });
  const { commands, cancel, states, take, endOf } = setUp(t, hand);
  take(order(1));
  const run = commands.runWaiting('disk');
  cancel(idOf(1));
  cancel(idOf(1));
  await run;
  assert.deepEqual(states(idOf(1)), ['accepted', 'running', 'cancelled']);
  assert.equal(endOf(idOf(1))?.detail, 'Three of seven files are written.');
  assert.equal(commands.countUnfinished(), 0);
});

test('what was over by then, or went wrong for another reason, is reported as it was', async (t) => {
  const hand = createHand();
  const { commands, cancel, states, take } = setUp(t, hand);
  take(order(1), order(2));
  const run = commands.runWaiting('disk');
  cancel(idOf(1));
  hand.end();
  await new Promise(setImmediate);
  cancel(idOf(2));
  hand.fail(new TypeError('a fault'));
  await run;
  assert.deepEqual(states(idOf(1)).at(-1), 'succeeded');
  assert.deepEqual(states(idOf(2)).at(-1), 'failed COMMAND_FAULTY');
});

test('the end of what is over is told again, and of what nobody knows that nobody knows it', async (t) => {
  const hand = createHand();
  const { commands, cancel, outbox, take } = setUp(t, hand);
  take(order(1));
  const run = commands.runWaiting('disk');
  hand.end('Done well.');
  await run;
  outbox.settle(outbox.nextBatch(), () => undefined);
  cancel(idOf(1), idOf(99));
  cancel(idOf(1), idOf(99));
  const told = outbox.nextBatch().map(({ report: { commandId, state, detail, code } }) => ({
    commandId,
    state,
    what: code ?? detail,
  }));
  assert.deepEqual(told, [
    { commandId: idOf(1), state: 'succeeded', what: 'Done well.' },
    { commandId: idOf(99), state: 'failed', what: 'COMMAND_UNKNOWN' },
  ]);
});

test('a handler that does not listen holds up its lane alone: others are ended, other lanes go on, the agent stops', async (t) => {
  const deaf = createHand({ type: 'deaf', lane: 'disk' });
  const quick = createHand({ type: 'quick', lane: 'quick' });
  const { commands, cancel, states, take } = setUp(t, deaf, quick);
  take(order(1, 'deaf'), order(2, 'deaf'), order(3, 'quick'));
  void commands.runWaiting('disk');
  cancel(idOf(1), idOf(2));
  assert.deepEqual(states(idOf(1)), ['accepted', 'running']);
  assert.deepEqual(states(idOf(2)), ['accepted', 'cancelled']);
  const run = commands.runWaiting('quick');
  quick.end();
  await run;
  assert.deepEqual(states(idOf(3)).at(-1), 'succeeded');
  let hasStopped = false;
  void commands.stop().then(() => {
    hasStopped = true;
  });
  await new Promise(setImmediate);
  assert.equal(hasStopped, false, 'how long it is waited for is up to the agent');
});

test('a wish to end that cannot be written down is no wish yet', async (t) => {
  const database = createTestDatabase(t);
  const hand = createHand({ onAbort: 'Ended.' });
  const { commands, cancel, take, states } = open(database, [hand.handler]);
  take(order(1));
  const run = commands.runWaiting('disk');
  database.connection.exec(
    "CREATE TRIGGER full BEFORE UPDATE OF cancel_asked_at ON command_run BEGIN SELECT RAISE(ABORT, 'full'); END",
  );
  assert.throws(() => cancel(idOf(1)));
  assert.equal(hand.calls[0]?.signal.aborted, false);
  database.connection.exec('DROP TRIGGER full');
  cancel(idOf(1));
  await run;
  assert.deepEqual(states(idOf(1)).at(-1), 'cancelled');
});

for (const { onRestart, expected, calls } of [
  { onRestart: 'repeat', expected: 'cancelled', calls: 1 },
  { onRestart: 'fail', expected: 'failed COMMAND_INTERRUPTED', calls: 1 },
  { onRestart: 'resume', expected: 'cancelled', calls: 2 },
] as const) {
  test(`after a crash while it was being ended, a command that would ${onRestart} is not begun as if nothing had been said`, async (t) => {
    const database = createTestDatabase(t);
    const deaf = createHand({ onRestart });
    const before = open(database, [deaf.handler]);
    before.take(order(1));
    void before.commands.runWaiting('disk');
    before.cancel(idOf(1));
    const listening = createHand({ onRestart, onAbort: 'Called off.' });
    const { commands, states } = open(database, [listening.handler]);
    await commands.runWaiting('disk');
    assert.equal(states(idOf(1)).at(-1), expected);
    assert.equal(deaf.calls.length + listening.calls.length, calls);
    assert.ok(listening.calls.every(({ signal }) => signal.aborted));
    assert.equal(commands.countUnfinished(), 0);
  });
}

test('what resumes gets what it saved, over any number of restarts, and needs no connection for it', async (t) => {
  const database = createTestDatabase(t);
  const first = createHand({ onRestart: 'resume' });
  const before = open(database, [first.handler]);
  before.take(order(1), order(2));
  void before.commands.runWaiting('disk');
  assert.equal(first.calls[0]?.resumed, undefined);
  first.calls[0]?.save({ done: 1 });
  first.calls[0]?.save({ done: 2 });
  for (let restart = 0; restart < 8; restart++) {
    const hand = createHand({ onRestart: 'resume' });
    const { commands } = open(database, [hand.handler], { isConnected: false });
    void commands.runWaiting('disk');
    const [call] = hand.calls;
    assert.deepEqual(call?.resumed, { saved: { done: 2 + restart } });
    call?.save({ done: 3 + restart });
  }
  const last = createHand({ onRestart: 'resume' });
  const { commands, states } = open(database, [last.handler], { isConnected: false });
  const run = commands.runWaiting('disk');
  last.end();
  await run;
  assert.equal(states(idOf(1)).at(-1), 'succeeded');
  assert.equal(last.calls.length, 1, 'what has not begun waits for the connection');
});

test('what resumes without ever getting on is given up', async (t) => {
  const database = createTestDatabase(t);
  open(database, [createHand({ onRestart: 'resume' }).handler]).take(order(1));
  let calls = 0;
  for (let start = 0; start < 7; start++) {
    const hand = createHand({ onRestart: 'resume' });
    void open(database, [hand.handler]).commands.runWaiting('disk');
    calls += hand.calls.length;
  }
  assert.equal(calls, 5);
  assert.deepEqual(open(database, []).states(idOf(1)).at(-1), 'failed COMMAND_ABANDONED');
});

test('at a stop what listens is in line again, or interrupted where it may not be repeated, with what it had done', async (t) => {
  for (const onRestart of ['repeat', 'fail', 'resume'] as const) {
    const database = createTestDatabase(t);
    const hand = createHand({ onRestart, onAbort: 'Half of it is done.' });
    const { commands, take, states, endOf } = open(database, [hand.handler]);
    take(order(1));
    void commands.runWaiting('disk');
    await commands.stop();
    if (onRestart === 'fail') {
      assert.equal(states(idOf(1)).at(-1), 'failed COMMAND_INTERRUPTED');
      assert.match(endOf(idOf(1))?.detail ?? '', /Half of it is done/u);
      continue;
    }
    for (let restart = 0; restart < 9; restart++) {
      const next = createHand({ onRestart, onAbort: '' });
      const later = open(database, [next.handler]);
      void later.commands.runWaiting('disk');
      assert.equal(next.calls.length, 1, 'an orderly stop is no attempt that felled the agent');
      await later.commands.stop();
    }
  }
});

test('a state that is too large is refused, and the one before stays', async (t) => {
  const database = createTestDatabase(t);
  const hand = createHand({ onRestart: 'resume' });
  const { commands, take } = open(database, [hand.handler]);
  take(order(1));
  void commands.runWaiting('disk');
  hand.calls[0]?.save({ done: 1 });
  assert.throws(() => hand.calls[0]?.save({ text: 'x'.repeat(70_000) }), RangeError);
  const next = createHand({ onRestart: 'resume' });
  void open(database, [next.handler]).commands.runWaiting('disk');
  assert.deepEqual(next.calls[0]?.resumed, { saved: { done: 1 } });
});

test('progress comes at most once a second, never goes back, and only the newest waits', async (t) => {
  let nowMs = 0;
  const clock: Clock = { now: () => systemClock.now(), monotonic: () => nowMs };
  const database = createTestDatabase(t);
  const hand = createHand();
  const { commands, take, outbox, announced } = open(database, [hand.handler], { clock });
  take(order(1));
  const run = commands.runWaiting('disk');
  outbox.settle(outbox.nextBatch(), () => undefined);
  announced.length = 0;
  const [call] = hand.calls;
  const newest = () => outbox.nextBatch().map(({ report: { state, progress } }) => ({ state, ...progress }));
  call?.reportProgress({ percent: 10, text: 'Reading' });
  call?.reportProgress({ percent: 40 });
  call?.reportProgress({ percent: 30, text: 'Writ\u001b[2Jing\nit' });
  assert.deepEqual(announced, ['at-once', 'soon', 'soon']);
  assert.deepEqual(newest(), [{ state: 'running', percent: 40, text: 'Writ\ufffd[2Jing\ufffdit' }]);
  call?.reportProgress({ percent: 40 });
  assert.equal(announced.length, 3, 'what says nothing new is not announced');
  // One that comes while the one before travels stays.
  const sent = outbox.nextBatch();
  nowMs += 1_000;
  call?.reportProgress({ percent: 1e9, text: 'x'.repeat(500) });
  call?.reportProgress({ percent: Number.NaN });
  outbox.settle(sent, () => undefined);
  assert.equal(announced.at(-1), 'at-once');
  assert.deepEqual(newest(), [{ state: 'running', percent: 100, text: 'x'.repeat(200) }]);
  assert.deepEqual(readRunningCommands(database), [
    { id: idOf(1), type: 'work', isCancelAsked: false, progress: { percent: 10, text: 'Reading' } },
  ]);
  hand.end();
  await run;
  assert.deepEqual(newest(), [{ state: 'succeeded' }], 'the end says it all');
  call?.reportProgress({ percent: 100, text: 'late' });
  assert.deepEqual(newest(), [{ state: 'succeeded' }]);
});

test('a server that does not know progress gets none, and people at the device do', async (t) => {
  const database = createTestDatabase(t);
  const hand = createHand();
  const { commands, take, outbox } = open(database, [hand.handler], { isProgressWanted: false });
  take(order(1));
  void commands.runWaiting('disk');
  hand.calls[0]?.reportProgress({ percent: 10 });
  assert.ok(outbox.nextBatch().every(({ report }) => report.progress === undefined));
  assert.deepEqual(readRunningCommands(database)[0]?.progress, { percent: 10 });
});

test('a disk that is full keeps no progress and fails no command', async (t) => {
  const database = createTestDatabase(t);
  const hand = createHand();
  const { commands, take, states } = open(database, [hand.handler]);
  take(order(1));
  const run = commands.runWaiting('disk');
  fillDisk(database);
  hand.calls[0]?.reportProgress({ percent: 10, text: 'x'.repeat(200) });
  freeDisk(database);
  hand.end();
  await run;
  assert.equal(states(idOf(1)).at(-1), 'succeeded');
});

/** What can happen to two commands of one lane, in any order. */
type Move = 'run' | 'end' | 'fail' | 'cancel-1' | 'cancel-2' | 'restart' | 'upload' | 'again';

test('whatever comes between a wish to end and the end, each command has one end, and none begins after it', async (t) => {
  const moves = fc.array(
    fc.constantFrom<Move>('run', 'run', 'end', 'fail', 'cancel-1', 'cancel-2', 'restart', 'upload', 'again'),
    { maxLength: 24 },
  );
  const policies = fc.constantFrom('repeat' as const, 'fail' as const, 'resume' as const);
  await fc.assert(
    fc.asyncProperty(moves, policies, fc.boolean(), async (script, onRestart, isListening) => {
      const database = createTestDatabase(t);
      const onAbort = isListening ? 'Ended.' : undefined;
      const ends = new Map<string, Set<string>>();
      const violations: string[] = [];
      const note = (reports: readonly CommandReport[]): void => {
        for (const { commandId, state, code = '' } of reports) {
          if (state === 'accepted' || state === 'running') continue;
          ends.set(commandId, (ends.get(commandId) ?? new Set()).add(`${state} ${code}`));
        }
      };
      const asked = new Set<string>();
      let hand = createHand({ onRestart, onAbort });
      const watch = (given: Hand): CommandHandler => ({
        ...given.handler,
        run: (context) => {
          if (ends.has(context.commandId)) violations.push('begun after its end');
          // Only what has to put something right is called once more, and then it knows.
          const mayBegin = onRestart === 'resume' && context.resumed !== undefined && context.signal.aborted;
          if (asked.has(context.commandId) && !mayBegin) violations.push('begun after the wish to end it');
          return given.handler.run(context);
        },
      });
      let bench = open(database, [watch(hand)]);
      const upload = (): void => {
        const batch = bench.outbox.nextBatch();
        note(batch.map(({ report }) => report));
        bench.outbox.settle(batch, () => undefined);
      };
      bench.take(order(1), order(2));
      let run: Promise<unknown> = Promise.resolve();
      let isRunning = false;
      const start = (): void => {
        if (isRunning) return;
        isRunning = true;
        const mine = bench;
        run = mine.commands.runWaiting('disk').finally(() => {
          if (mine === bench) isRunning = false;
        });
      };
      for (const move of script) {
        if (move === 'run') start();
        else if (move === 'end') hand.end();
        else if (move === 'fail') hand.fail(new TypeError('a fault'));
        else if (move === 'upload') upload();
        else if (move === 'again') bench.take(order(1), order(2));
        else if (move === 'restart') {
          hand = createHand({ onRestart, onAbort });
          bench = open(database, [watch(hand)]);
          isRunning = false;
        } else {
          const id = idOf(move === 'cancel-1' ? 1 : 2);
          bench.cancel(id);
          asked.add(id);
        }
        await new Promise(setImmediate);
      }
      // All that is left comes to its end.
      for (let round = 0; round < 8; round++) {
        start();
        await new Promise(setImmediate);
        hand.end();
        await new Promise(setImmediate);
      }
      await run;
      upload();
      for (const n of [1, 2])
        assert.equal(ends.get(idOf(n))?.size, 1, `${[...(ends.get(idOf(n)) ?? [])].join()}`);
      assert.deepEqual(violations, []);
      assert.equal(bench.commands.countUnfinished(), 0);
      assert.equal(database.connection.prepare('SELECT count(*) AS n FROM command_run').get()?.['n'], 0);
    }),
    { numRuns: 50 },
  );
});
