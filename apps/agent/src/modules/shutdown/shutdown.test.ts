import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Command, CommandReport } from '@holdfast/protocol';
import { createFakeComputer, type FakeComputer } from '../../testing/fake-computer.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import type { StateDatabase } from '../../platform/state-database.ts';
import { createCommands } from '../commands/index.ts';
import { createOutbox } from '../outbox/index.ts';
import { createSystemPowerSwitch } from './index.ts';
import { createShutdownHandlers } from './shutdown.handlers.ts';

const STARTED_AT = 1_795_000_000_000;
const ID = '01a20141-c5a5-7000-8000-000000000001';

/** A computer, its state on disk, and time that the test moves. Each `start` is another process of the agent. */
class Bench {
  readonly computer: FakeComputer = createFakeComputer();
  readonly database: StateDatabase;
  nowMs = STARTED_AT;
  /** Waits under way: when each is over. */
  readonly #waits = new Set<{ readonly atMs: number; readonly resolve: () => void }>();
  #process = this.#open();

  constructor(t: TestContext) {
    this.database = createTestDatabase(t);
    this.#process = this.#open();
  }

  #open() {
    const database = this.database;
    if (database === undefined) return undefined as never;
    const clock = { now: () => this.nowMs, monotonic: () => this.nowMs - STARTED_AT };
    const outbox = createOutbox({ database, clock, log: createSilentLog(), isProgressWanted: () => true });
    const commands = createCommands({
      database,
      outbox,
      handlers: createShutdownHandlers({
        power: this.computer.power,
        messenger: this.computer.messenger,
        clock,
        wait: (delayMs, signal) =>
          new Promise((resolve, reject) => {
            const abort = (): void => reject(Object.assign(new Error('aborted'), { name: 'AbortError' }));
            if (signal.aborted) return abort();
            const entry = { atMs: this.nowMs + delayMs, resolve };
            this.#waits.add(entry);
            signal.addEventListener('abort', () => {
              this.#waits.delete(entry);
              abort();
            });
          }),
      }),
      clock,
      log: createSilentLog(),
      events: { record: () => undefined },
      findServerNow: () => this.nowMs,
      isConnected: () => true,
      onReport: () => undefined,
    });
    commands.recover();
    return { commands, outbox };
  }

  /** As after a kill, or the start of the system. */
  async start(): Promise<void> {
    this.#waits.clear();
    this.#process = this.#open();
    await this.#run();
  }

  async stop(): Promise<void> {
    await this.#process.commands.stop();
  }

  async order(type: string, parameters: Command['parameters'] = {}): Promise<void> {
    const { commands } = this.#process;
    const order = { id: ID, type, parameters, issuedAt: this.nowMs, expiresAt: this.nowMs + 3_600_000 };
    commands.take({ commands: [order], cancel: [] });
    const report = { commandId: ID, state: 'accepted' as const, at: 1 };
    this.database.transaction(() => commands.settle([{ report, outcome: 'recorded' }]));
    await this.#run();
  }

  async cancel(): Promise<void> {
    this.#process.commands.take({ commands: [], cancel: [ID] });
    await settle();
  }

  async pass(ms: number): Promise<void> {
    const end = this.nowMs + ms;
    for (;;) {
      const next = [...this.#waits].toSorted((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined || next.atMs > end) break;
      this.nowMs = next.atMs;
      this.#waits.delete(next);
      next.resolve();
      await settle();
    }
    this.nowMs = end;
    await settle();
  }

  findEnd(): CommandReport | undefined {
    const reports = this.#process.outbox.nextBatch().map(({ report }) => report);
    return reports.findLast(({ state }) => state !== 'accepted' && state !== 'running');
  }

  get progress(): string | undefined {
    return this.#process.outbox.nextBatch().at(-1)?.report.progress?.text;
  }

  get titles(): string[] {
    return this.computer.messages.map(({ title }) => title);
  }

  async #run(): Promise<void> {
    void this.#process.commands.runWaiting('system');
    await settle();
  }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
}

test('a restart is announced at once, waited out, ordered once, and reported by the process after it', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 240, message: 'New kernel.' });
  assert.deepEqual(bench.computer.messages, [
    { title: 'Restart', text: 'This computer restarts in 4 min. Save your work.\nNew kernel.' },
  ]);
  assert.equal(bench.progress, 'The computer restarts in 4 min');
  await bench.pass(61_000);
  assert.equal(bench.progress, 'The computer restarts in 3 min');
  await bench.pass(178_999);
  assert.deepEqual(bench.computer.orders, [], 'not before its time');
  await bench.pass(1);
  assert.deepEqual(bench.computer.orders, ['restart']);
  assert.equal(bench.findEnd(), undefined, 'only the next process knows');
  await bench.stop();
  bench.computer.bootId = 'boot-2';
  bench.nowMs += 40_000;
  await bench.start();
  assert.equal(bench.findEnd()?.state, 'succeeded');
  assert.deepEqual(bench.findEnd()?.result, { goesDownAt: STARTED_AT + 240_000 });
  assert.deepEqual(bench.computer.orders, ['restart']);
});

test('without a delay it goes down at once, and with none given after a minute', async (t) => {
  const at = async (parameters: Command['parameters'], passedMs: number) => {
    const bench = new Bench(t);
    await bench.order('restart-computer', parameters);
    await bench.pass(passedMs);
    return bench.computer.orders.length;
  };
  assert.equal(await at({ delaySeconds: 0 }, 0), 1);
  assert.equal(await at({}, 59_999), 0);
  assert.equal(await at({}, 60_000), 1);
});

test('a shutdown reports its end before the computer is off', async (t) => {
  const bench = new Bench(t);
  await bench.order('shut-down-computer', { delaySeconds: 10 });
  await bench.pass(10_000);
  assert.deepEqual(bench.computer.orders, ['shut-down']);
  assert.equal(bench.findEnd()?.state, 'succeeded');
  assert.equal(bench.findEnd()?.detail, 'The computer shuts down now.');
});

for (const leftMs of [240_000, 60_000, 1]) {
  test(`called off ${leftMs} ms before its time, it does not happen, and whoever was told is told`, async (t) => {
    const bench = new Bench(t);
    await bench.order('restart-computer', { delaySeconds: 240 });
    await bench.pass(240_000 - leftMs);
    await bench.cancel();
    assert.equal(bench.findEnd()?.state, 'cancelled');
    assert.match(bench.findEnd()?.detail ?? '', /called off, .+ before its time/u);
    assert.deepEqual(bench.titles, ['Restart', 'Restart called off']);
    await bench.pass(3_600_000);
    assert.deepEqual(bench.computer.orders, []);
  });
}

test('once the system has the order nobody calls it off, and what really happened is reported', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 0 });
  await bench.cancel();
  assert.equal(bench.findEnd(), undefined);
  assert.deepEqual(bench.titles, ['Restart']);
  bench.computer.bootId = 'boot-2';
  await bench.start();
  assert.equal(bench.findEnd()?.state, 'succeeded');
});

test('a system that takes the order and stays up is reported, by this process or the next one, and told once', async (t) => {
  for (const isKilled of [false, true]) {
    const bench = new Bench(t);
    await bench.order('restart-computer', { delaySeconds: 0 });
    if (isKilled) await bench.start();
    await bench.pass(179_999);
    assert.equal(bench.findEnd(), undefined, 'programs are ended one by one');
    await bench.pass(1);
    assert.equal(bench.findEnd()?.code, 'SHUTDOWN_DID_NOT_HAPPEN');
    assert.deepEqual(bench.computer.orders, ['restart']);
  }
});

test('an agent that is restarted in the delay goes on with it, and tells nobody twice', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 600 });
  await bench.pass(120_000);
  await bench.stop();
  await bench.start();
  await bench.pass(100_000);
  await bench.start();
  await bench.pass(379_999);
  assert.deepEqual(bench.computer.orders, []);
  await bench.pass(1);
  assert.deepEqual(bench.computer.orders, ['restart']);
  assert.deepEqual(bench.titles, ['Restart']);
});

test('an agent that comes back after the time has passed announces it anew', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 600 });
  bench.nowMs += 3_600_000;
  await bench.start();
  assert.deepEqual(bench.computer.orders, []);
  assert.equal(bench.computer.messages.at(-1)?.text, 'This computer restarts in 1 min. Save your work.');
  await bench.pass(60_000);
  assert.deepEqual(bench.computer.orders, ['restart']);
});

test('a computer that restarted for another reason in the delay has restarted', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 600 });
  bench.computer.bootId = 'boot-2';
  await bench.start();
  assert.equal(bench.findEnd()?.state, 'succeeded');
  assert.deepEqual(bench.computer.orders, []);
});

test('a person at whom nothing can be shown does not keep the computer from going down, nor from being called off', async (t) => {
  const bench = new Bench(t);
  bench.computer.hangs = true;
  await bench.order('restart-computer', { delaySeconds: 0 });
  await bench.pass(60_000);
  assert.deepEqual(bench.computer.orders, ['restart']);
  const other = new Bench(t);
  other.computer.hangs = true;
  await other.order('restart-computer', { delaySeconds: 600 });
  await other.pass(100_000);
  await other.cancel();
  await other.pass(60_000);
  assert.equal(other.findEnd()?.state, 'cancelled');
});

test('a shutdown that somebody forestalled by a restart was none, and is not made up for', async (t) => {
  const bench = new Bench(t);
  await bench.order('shut-down-computer', { delaySeconds: 600 });
  bench.computer.bootId = 'boot-2';
  await bench.start();
  assert.equal(bench.findEnd()?.code, 'SHUTDOWN_OVERTAKEN');
  await bench.pass(3_600_000);
  assert.deepEqual(bench.computer.orders, []);
});

test('a system that does not say when it was started is no proof that it went down', async (t) => {
  for (const passedMs of [0, 600_000]) {
    const bench = new Bench(t);
    await bench.order('restart-computer', { delaySeconds: 600 });
    await bench.pass(passedMs);
    bench.computer.bootId = undefined;
    await bench.start();
    assert.equal(bench.findEnd()?.code, 'SHUTDOWN_OUTCOME_UNKNOWN');
  }
});

test('a plan that was made while the clock was a day ahead waits no longer than was ordered', async (t) => {
  const bench = new Bench(t);
  bench.nowMs += 86_400_000;
  await bench.order('restart-computer', { delaySeconds: 600 });
  bench.nowMs = STARTED_AT + 10_000;
  await bench.start();
  await bench.pass(599_999);
  assert.deepEqual(bench.computer.orders, []);
  await bench.pass(1);
  assert.deepEqual(bench.computer.orders, ['restart']);
});

test('an agent that ends after a vain attempt to call it off leaves the report to the next one', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 0 });
  await bench.cancel();
  await bench.stop();
  assert.equal(bench.findEnd(), undefined, 'nothing was called off');
  bench.computer.bootId = 'boot-2';
  await bench.start();
  assert.equal(bench.findEnd()?.state, 'succeeded');
});

test('called off and killed before it could be said, it is called off by the next process', async (t) => {
  const bench = new Bench(t);
  await bench.order('restart-computer', { delaySeconds: 600 });
  // The wish is on disk; the process that was told dies before it does anything.
  bench.database.connection.exec('UPDATE command_run SET cancel_asked_at = 1');
  await bench.start();
  assert.equal(bench.findEnd()?.state, 'cancelled');
  assert.deepEqual(bench.titles, ['Restart', 'Restart called off']);
  assert.deepEqual(bench.computer.orders, []);
});

test('where it may not or cannot be done nobody is told, and the failure says what to do', async (t) => {
  for (const [obstacle, code] of [
    ['no-right', 'SHUTDOWN_NOT_ALLOWED'],
    ['in-container', 'SHUTDOWN_UNSUPPORTED'],
    ['unknown-system', 'SHUTDOWN_UNSUPPORTED'],
  ] as const) {
    const bench = new Bench(t);
    bench.computer.obstacle = obstacle;
    await bench.order('restart-computer', { delaySeconds: 0 });
    assert.equal(bench.findEnd()?.code, code);
    assert.deepEqual([bench.titles, bench.computer.orders], [[], []]);
  }
  const refusing = new Bench(t);
  refusing.computer.takesOrders = false;
  await refusing.order('shut-down-computer', { delaySeconds: 0 });
  assert.equal(refusing.findEnd()?.code, 'SHUTDOWN_REFUSED');
});

test('a delay that is no time is refused before anything is done', async (t) => {
  for (const delaySeconds of [-1, 86_401, 1.5, '60', null]) {
    const bench = new Bench(t);
    await bench.order('restart-computer', { delaySeconds });
    assert.equal(bench.findEnd()?.code, 'COMMAND_PARAMETERS_INVALID');
    assert.match(bench.findEnd()?.detail ?? '', /^delaySeconds is a whole number from 0 to 86,400\.$/u);
    assert.deepEqual([bench.titles, bench.computer.orders], [[], []]);
  }
});

test('each system is told by its own programs, the next one where one does not take it', async () => {
  const expected = {
    linux: {
      restart: ['systemctl reboot', 'shutdown -r now'],
      'shut-down': ['systemctl poweroff', 'shutdown -h now'],
    },
    darwin: { restart: ['/sbin/shutdown -r now'], 'shut-down': ['/sbin/shutdown -h now'] },
    win32: { restart: ['shutdown.exe /r /t 0'], 'shut-down': ['shutdown.exe /s /t 0'] },
    freebsd: { restart: [], 'shut-down': [] },
  } as const;
  for (const [platform, orders] of Object.entries(expected)) {
    for (const [action, programs] of Object.entries(orders)) {
      const asked: string[] = [];
      // Records, and never runs.
      const power = createSystemPowerSwitch(platform as NodeJS.Platform, async (file, args) => {
        asked.push([file, ...args].join(' '));
        return undefined;
      });
      assert.equal(await power.goDown(action as 'restart' | 'shut-down'), false);
      assert.deepEqual(asked, programs);
    }
  }
});
