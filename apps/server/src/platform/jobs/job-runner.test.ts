import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { AppError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createTestClock, type TestClock } from '../../testing/test-clock.ts';
import { createTestTicks, type TestTicks } from '../../testing/test-ticks.ts';
import type { LiveMessage } from '../live/live-views.ts';
import { createLocalLiveViews } from '../live/local-live-views.ts';
import { inTransaction, type Transaction } from '../database/index.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { JobRunner } from './job-runner.ts';
import { type JobContext, type JobKind, type NoPayload, parseNoPayload } from './jobs.ts';

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const log = pino({ level: 'silent' });

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await sql`create table effect (id uuid primary key, job_id uuid not null, attempt integer not null)`.execute(
    database.db,
  );
});
beforeEach(async () => {
  await sql`truncate job, job_schedule, effect`.execute(database.db);
});
after(() => database.close());

/** One server process, as far as jobs are concerned. */
interface Process {
  readonly runner: JobRunner;
  readonly clock: TestClock;
  readonly ticks: TestTicks;
  readonly events: LiveMessage[];
  readonly metrics: Registry;
}

function createProcess(options: { readonly clock?: TestClock; readonly stopLimitMs?: number } = {}): Process {
  const clock = options.clock ?? createTestClock();
  const live = createLocalLiveViews(log);
  const events: LiveMessage[] = [];
  live.listen((event) => events.push(event));
  const ticks = createTestTicks();
  const metrics = new Registry();
  const runner = new JobRunner({
    database: database.db,
    clock,
    log,
    live,
    ticks,
    metrics,
    createId: randomUUID,
    timeZone: 'UTC',
    random: () => 0.5,
    ...(options.stopLimitMs === undefined ? {} : { stopLimitMs: options.stopLimitMs }),
  });
  return { runner, clock, ticks, events, metrics };
}

/** Work that goes on until the test ends it, or is told to end. */
class HeldWork {
  readonly begun: JobContext<NoPayload>[] = [];
  readonly #ends: { resolve: () => void; reject: (error: Error) => void }[] = [];

  readonly run = async (context: JobContext<NoPayload>): Promise<void> => {
    this.begun.push(context);
    await new Promise<void>((resolve, reject) => {
      this.#ends.push({ resolve, reject });
      context.signal.addEventListener('abort', () => reject(context.signal.reason as Error));
    });
  };

  end(index = 0): void {
    this.#ends[index]?.resolve();
  }

  fail(error: Error, index = 0): void {
    this.#ends[index]?.reject(error);
  }
}

const plain = { title: 'Test', description: 'Of a test.', parsePayload: parseNoPayload } as const;

function kindOf(run: JobKind<NoPayload>['run'], more: Partial<JobKind<NoPayload>> = {}): JobKind<NoPayload> {
  return { kind: 'test', ...plain, run, ...more };
}

async function transact<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> {
  return await inTransaction(database.db, work);
}

async function rowOf(id: string | undefined) {
  return await database.db
    .selectFrom('job')
    .selectAll()
    .where('id', '=', id ?? '')
    .executeTakeFirstOrThrow();
}

async function stateOf(id: string | undefined): Promise<string> {
  return (await rowOf(id)).state;
}

async function finish({ runner }: Process): Promise<void> {
  await runner.turn();
  await runner.settled();
}

/** Time passes, and the process looks every second. */
async function pass(process: Process, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    process.clock.advance(SECOND_MS);
    await process.runner.turn();
  }
}

test('a job is done once, with what it was told, and says what it did', async () => {
  const process = createProcess();
  const told: string[] = [];
  const queue = process.runner.register<{ name: string }>({
    ...plain,
    kind: 'test',
    parsePayload: (stored) => ({ name: String((stored as { name: unknown }).name) }),
    run: async ({ payload }) => {
      told.push(payload.name);
      return { greeted: payload.name };
    },
  });
  const id = await transact((transaction) => queue.enqueue(transaction, { name: 'Ada' }));
  await finish(process);
  await finish(process);
  assert.deepEqual(told, ['Ada']);
  const row = await rowOf(id);
  assert.deepEqual([row.state, row.attempts, row.result], ['succeeded', 1, { greeted: 'Ada' }]);
});

test('a job of a transaction that is rolled back was never asked for', async () => {
  const process = createProcess();
  const queue = process.runner.register(kindOf(async () => {}));
  const refused = transact(async (transaction) => {
    await queue.enqueue(transaction, {});
    throw new Error('the rest of the change failed');
  });
  await assert.rejects(refused, /the rest/);
  assert.deepEqual(await database.db.selectFrom('job').select('id').execute(), []);
});

test('of a kind and key there is one unfinished job, however many ask at once', async () => {
  const process = createProcess();
  const queue = process.runner.register(kindOf(async () => {}, { concurrency: 2 }));
  const ask = async () =>
    await transact(async (transaction) => await queue.enqueue(transaction, {}, { uniqueKey: 'group 7' }));
  const ids = (await Promise.all([ask(), ask(), ask(), ask()])).filter((id) => id !== undefined);
  assert.equal(ids.length, 1);
  await transact((transaction) => queue.enqueue(transaction, {}, { uniqueKey: 'group 8' }));
  await finish(process);
  assert.notEqual(await ask(), undefined, 'it is over, so that the key is free');
});

test('a job is not begun before its time', async () => {
  const process = createProcess();
  const queue = process.runner.register(kindOf(async () => {}));
  const runAt = new Date(process.clock.now() + HOUR_MS);
  const id = await transact((transaction) => queue.enqueue(transaction, {}, { runAt }));
  await finish(process);
  assert.equal(await stateOf(id), 'waiting');
  process.clock.advance(HOUR_MS);
  await finish(process);
  assert.equal(await stateOf(id), 'succeeded');
});

test('what is to run as soon as possible does not wait for a clock that has gone back, nor does a retry', async () => {
  const process = createProcess();
  let isBroken = true;
  const queue = process.runner.register(
    kindOf(async () => {
      if (isBroken) throw new Error('broken');
    }),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  process.clock.jump(-365 * 24 * HOUR_MS);
  await finish(process);
  assert.equal(await stateOf(id), 'failed');
  isBroken = false;
  process.clock.jump(-365 * 24 * HOUR_MS);
  await finish(process);
  assert.equal(await stateOf(id), 'succeeded');
});

test('two processes never do the same job', async () => {
  const done: string[] = [];
  const processes = [createProcess(), createProcess()] as const;
  const [queue] = processes.map(({ runner }) =>
    runner.register(kindOf(async ({ jobId }) => void done.push(jobId), { concurrency: 5 })),
  );
  for (let count = 0; count < 40; count += 1)
    await transact(async (transaction) => await queue?.enqueue(transaction, {}));
  while (done.length < 40) await Promise.all(processes.map(finish));
  assert.equal(new Set(done).size, 40);
});

test('of one kind so many run at once and no more, and no kind waits for another', async () => {
  const process = createProcess();
  const slow = new HeldWork();
  const slowQueue = process.runner.register(kindOf(slow.run, { kind: 'slow', concurrency: 2 }));
  const quickQueue = process.runner.register(kindOf(async () => {}, { kind: 'quick' }));
  for (let count = 0; count < 5; count += 1) await transact((trx) => slowQueue.enqueue(trx, {}));
  const quick = await transact((transaction) => quickQueue.enqueue(transaction, {}));
  await process.runner.turn();
  await process.runner.turn();
  assert.equal(slow.begun.length, 2);
  assert.equal(await stateOf(quick), 'succeeded');
  await process.runner.stop();
});

test('a job that always fails waits longer each time and ends in the dead letter, while others go on', async () => {
  const process = createProcess();
  const starts: number[] = [];
  const failing = process.runner.register(
    kindOf(
      async () => {
        starts.push(process.clock.now());
        throw new Error('a secret that nobody should read');
      },
      { kind: 'failing', maxAttempts: 4, backOff: { firstMs: 10_000, longestMs: 30_000 } },
    ),
  );
  const good = process.runner.register(kindOf(async () => {}, { kind: 'good' }));
  const id = await transact((transaction) => failing.enqueue(transaction, {}));
  for (let second = 0; second < 100; second += 1) {
    const other = await transact((transaction) => good.enqueue(transaction, {}));
    await finish(process);
    assert.equal(await stateOf(other), 'succeeded');
    process.clock.advance(SECOND_MS);
  }
  const first = starts[0] ?? 0;
  assert.deepEqual(
    starts.map((atMs) => (atMs - first) / SECOND_MS),
    [0, 10, 30, 60],
  );
  const row = await rowOf(id);
  assert.deepEqual([row.state, row.attempts, row.error_code], ['dead', 4, 'INTERNAL_ERROR']);
  assert.doesNotMatch(row.error_message ?? '', /secret/);
});

class FinalError extends AppError {
  readonly code = 'TEST_FINAL';
}

test('an error that says never is the last attempt, and tells people why', async () => {
  const process = createProcess();
  const queue = process.runner.register(
    kindOf(async () => {
      throw new FinalError('The house is on fire.', { remedy: 'Leave it.' });
    }),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  const row = await rowOf(id);
  assert.deepEqual(
    [row.state, row.attempts, row.error_code, row.error_message],
    ['dead', 1, 'TEST_FINAL', 'The house is on fire. Leave it.'],
  );
});

for (const payload of ['{"left": "over"}', '{"payload": {}}']) {
  test(`a stored payload that cannot be read ends in the dead letter at once: ${payload}`, async () => {
    const process = createProcess();
    process.runner.register(kindOf(async () => assert.fail('it ran')));
    const id = randomUUID();
    await sql`
      insert into job (id, kind, payload, state, created_at, run_at, max_attempts)
      values (${id}, 'test', ${payload}, 'waiting', now(), '2026-01-01', 5)`.execute(database.db);
    await finish(process);
    const row = await rowOf(id);
    assert.deepEqual([row.state, row.attempts, row.error_code], ['dead', 1, 'JOB_PAYLOAD_INVALID']);
  });
}

test('a payload that would not be read back is refused when it is asked for', async () => {
  const { runner } = createProcess();
  const queue = runner.register<{ at: Date }>({
    ...plain,
    kind: 'test',
    parsePayload: (stored) => {
      const { at } = stored as { at: unknown };
      if (!(at instanceof Date)) throw new TypeError('no date');
      return { at };
    },
    run: async () => {},
  });
  await assert.rejects(
    transact((transaction) => queue.enqueue(transaction, { at: new Date(0) })),
    { code: 'JOB_PAYLOAD_INVALID' },
  );
});

test('a kind that this version does not know is left alone', async () => {
  const process = createProcess();
  const id = randomUUID();
  await sql`
    insert into job (id, kind, payload, state, created_at, run_at, max_attempts)
    values (${id}, 'of.tomorrow', '{}', 'waiting', now(), '2026-01-01', 5)`.execute(database.db);
  await finish(process);
  assert.equal(await stateOf(id), 'waiting');
});

test('a process that dies leaves its job to another one, which counts the attempt; what comes late changes nothing', async () => {
  const dead = createProcess();
  const alive = createProcess();
  const held = new HeldWork();
  const queue = dead.runner.register(kindOf(held.run, { leaseMs: 5_000 }));
  const second: number[] = [];
  alive.runner.register(kindOf(async ({ attempt }) => void second.push(attempt), { leaseMs: 5_000 }));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await dead.runner.turn();
  await pass(alive, 5);
  assert.equal(await stateOf(id), 'running');
  await pass(alive, 1);
  assert.deepEqual([await stateOf(id), (await rowOf(id)).error_code], ['failed', 'JOB_WORKER_LOST']);
  await pass(alive, 10);
  await alive.runner.settled();
  assert.deepEqual([second, await stateOf(id)], [[2], 'succeeded']);
  const before = await rowOf(id);
  held.end();
  await dead.runner.settled();
  await dead.runner.turn();
  assert.deepEqual(await rowOf(id), before);
});

test('a process that has lost its job is told, and can write neither effect nor end', async () => {
  const slow = createProcess();
  const other = createProcess();
  const held = new HeldWork();
  const queue = slow.runner.register(kindOf(held.run, { leaseMs: 3_000 }));
  other.runner.register(kindOf(new HeldWork().run, { leaseMs: 3_000 }));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await slow.runner.turn();
  const [context] = held.begun;
  assert.ok(context !== undefined);
  await pass(other, 20);
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['running', 2]);
  for (const write of [
    async (transaction: Transaction) => await context.holdLease(transaction),
    async (transaction: Transaction) => await context.complete(transaction),
  ]) {
    await assert.rejects(transact(write), { code: 'JOB_LEASE_LOST' });
  }
  await other.runner.stop();
});

test('a lease that is renewed is nobody else’s, however long the work takes and however wall clocks leap', async () => {
  const worker = createProcess();
  const other = createProcess();
  const held = new HeldWork();
  const queue = worker.runner.register(kindOf(held.run, { leaseMs: 3_000 }));
  other.runner.register(kindOf(async () => assert.fail('it was taken over'), { leaseMs: 3_000 }));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await worker.runner.turn();
  for (let second = 0; second < 30; second += 1) {
    if (second % 10 === 5) other.clock.jump(365 * 24 * HOUR_MS);
    await worker.runner.turn();
    await pass(other, 1);
  }
  held.end();
  await worker.runner.settled();
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['succeeded', 1]);
});

test('a job that takes its process along each time is given up after as many attempts as it has', async () => {
  const clock = createTestClock();
  let starts = 0;
  const id = await (async () => {
    const { runner } = createProcess({ clock });
    const queue = runner.register(kindOf(async () => {}));
    return await transact((transaction) => queue.enqueue(transaction, {}));
  })();
  for (let restart = 0; restart < 12; restart += 1) {
    // Each process begins the job and is never heard of again.
    const process = createProcess({ clock });
    process.runner.register(
      kindOf(
        async () => {
          starts += 1;
          await new Promise(() => {});
        },
        { leaseMs: 2_000 },
      ),
    );
    await pass(process, 4);
    clock.advance(HOUR_MS);
    await process.runner.turn();
  }
  const row = await rowOf(id);
  assert.deepEqual([starts, row.state, row.error_code], [5, 'dead', 'JOB_WORKER_LOST']);
});

test('the effect and the end of a job are one: what fails after both does not bring either back', async () => {
  const process = createProcess();
  const queue = process.runner.register(
    kindOf(async ({ complete, jobId, attempt }) => {
      await transact(async (transaction) => {
        await sql`insert into effect values (${randomUUID()}, ${jobId}, ${attempt})`.execute(transaction);
        await complete(transaction, { written: 1 });
      });
      throw new Error('after the end');
    }),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  process.clock.advance(HOUR_MS);
  await finish(process);
  const { rows } = await sql`select 1 from effect where job_id = ${id}`.execute(database.db);
  const row = await rowOf(id);
  assert.deepEqual([rows.length, row.state, row.result], [1, 'succeeded', { written: 1 }]);
});

test('an end that was rolled back with its effect is none', async () => {
  const process = createProcess();
  const queue = process.runner.register(
    kindOf(async ({ complete, jobId, attempt }) => {
      await transact(async (transaction) => {
        await sql`insert into effect values (${randomUUID()}, ${jobId}, ${attempt})`.execute(transaction);
        await complete(transaction);
        if (attempt === 1) throw new Error('before the commit');
      });
    }),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  assert.equal(await stateOf(id), 'failed');
  process.clock.advance(HOUR_MS);
  await finish(process);
  const { rows } = await sql<{ attempt: number }>`select attempt from effect where job_id = ${id}`.execute(
    database.db,
  );
  assert.deepEqual([rows, await stateOf(id)], [[{ attempt: 2 }], 'succeeded']);
});

test('progress is written while the work goes on, never goes back, and may never come', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  const report = held.begun[0]?.reportProgress;
  assert.ok(report !== undefined);
  const written = async () => {
    await process.runner.turn();
    const row = await rowOf(id);
    return [row.progress_done, row.progress_total, row.progress_text];
  };
  assert.deepEqual(await written(), [null, null, null]);
  report({ done: 3.9, total: 10, text: 'x'.repeat(500) });
  assert.deepEqual(await written(), [3, 10, 'x'.repeat(200)]);
  report({ done: 2, total: 10, text: 'late news' });
  assert.deepEqual(await written(), [3, 10, 'x'.repeat(200)]);
  report({ done: 12, total: 10 });
  assert.deepEqual(await written(), [12, 12, null]);
  for (const done of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    assert.throws(() => report({ done }), RangeError);
  }
  held.end();
  await process.runner.settled();
  assert.equal(await stateOf(id), 'succeeded');
});

test('open views are told of what changes, once a turn, and of nothing when nothing does', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  await process.runner.turn();
  assert.deepEqual(process.events, []);
  await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  await process.runner.turn();
  assert.deepEqual(process.events, [{ event: { type: 'jobs' }, permission: 'system:read' }]);
  held.begun[0]?.reportProgress({ done: 1 });
  await process.runner.turn();
  await process.runner.turn();
  assert.equal(process.events.length, 2);
  held.end();
  await process.runner.settled();
  await process.runner.turn();
  assert.equal(process.events.length, 3);
});

test('a stop tells work to end, gives back what was not finished without counting it, and the next start goes on at once', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  await process.runner.stop();
  const row = await rowOf(id);
  assert.deepEqual([row.state, row.attempts, row.error_code], ['waiting', 0, null]);
  await process.runner.turn();
  assert.equal(await stateOf(id), 'waiting', 'a stopped process begins nothing');
  const next = createProcess();
  next.runner.register(kindOf(async () => {}));
  await finish(next);
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['succeeded', 1]);
});

test('work that does not listen keeps no stop waiting for ever, and its job is taken over', async () => {
  const process = createProcess({ stopLimitMs: 20 });
  const queue = process.runner.register(
    kindOf(async () => await new Promise<void>(() => {}), { leaseMs: 2_000 }),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  await process.runner.stop();
  assert.equal(await stateOf(id), 'running');
  const next = createProcess();
  next.runner.register(kindOf(async () => {}, { leaseMs: 2_000 }));
  await pass(next, 20);
  await next.runner.settled();
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['succeeded', 2]);
});

test('an end that could not be written is written as soon as it can be', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  await sql`alter table job rename to hidden`.execute(database.db);
  held.end();
  await process.runner.settled();
  await sql`alter table hidden rename to job`.execute(database.db);
  assert.equal(await stateOf(id), 'running');
  await process.runner.turn();
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['succeeded', 1]);
});

const hourly = { cron: '0 * * * *' } as const;

test('a schedule asks for its job at its time; of two processes one does', async () => {
  const clock = createTestClock(Date.parse('2026-11-22T08:00:00.000Z'));
  const runs: string[] = [];
  const processes = [createProcess({ clock }), createProcess({ clock })] as const;
  for (const { runner } of processes) {
    runner.register(kindOf(async ({ jobId }) => void runs.push(jobId), { schedule: hourly }));
    await runner.start();
  }
  await Promise.all(processes.map(finish));
  assert.deepEqual(runs, []);
  clock.advance(HOUR_MS);
  await Promise.all(processes.map(finish));
  await Promise.all(processes.map(finish));
  assert.equal(runs.length, 1);
});

test('after an outage of days a schedule runs once; an unfinished run is not asked for again', async () => {
  const clock = createTestClock(Date.parse('2026-11-22T08:00:00.000Z'));
  const held = new HeldWork();
  const first = createProcess({ clock });
  first.runner.register(kindOf(async () => {}, { schedule: hourly }));
  await first.runner.start();
  await first.runner.stop();
  clock.advance(3 * 24 * HOUR_MS);
  const next = createProcess({ clock });
  next.runner.register(kindOf(held.run, { schedule: hourly }));
  await next.runner.start();
  for (let hour = 0; hour < 5; hour += 1) {
    await next.runner.turn();
    clock.advance(HOUR_MS);
  }
  assert.equal(held.begun.length, 1);
  held.end();
  await next.runner.settled();
  clock.advance(HOUR_MS);
  await next.runner.turn();
  assert.equal(held.begun.length, 2);
  await next.runner.stop();
});

test('run now brings forward what waits, and refuses what runs', async () => {
  const process = createProcess();
  const held = new HeldWork();
  process.runner.register(kindOf(held.run, { schedule: hourly }));
  process.runner.register(kindOf(async () => {}, { kind: 'unscheduled' }));
  await process.runner.start();
  const now = async (kind: string) =>
    await transact(async (transaction) => await process.runner.requestNow(transaction, kind, 'alice'));
  const id = await now('test');
  assert.equal(await now('test'), id);
  await process.runner.turn();
  await assert.rejects(now('test'), { code: 'JOB_RUNNING' });
  held.fail(new Error('broken'));
  await process.runner.settled();
  assert.equal(await stateOf(id), 'failed');
  assert.equal(await now('test'), id);
  assert.equal(await stateOf(id), 'waiting');
  await process.runner.turn();
  assert.equal(held.begun.length, 2, 'without waiting for the time of the next attempt');
  held.end(1);
  await process.runner.settled();
  assert.notEqual(await now('test'), id);
  for (const kind of ['unscheduled', 'unknown']) {
    await assert.rejects(now(kind), { code: 'JOB_SCHEDULE_NOT_FOUND' });
  }
  await process.runner.stop();
});

test('a declaration that would not work is refused while the server is put together', () => {
  const { runner } = createProcess();
  const run = async () => {};
  for (const more of [
    { kind: 'With Spaces' },
    { leaseMs: 0 },
    { maxAttempts: 1.5 },
    { concurrency: Number.NaN },
    { schedule: { cron: 'whenever' } },
    { schedule: { cron: '0 3 * * *', timeZone: 'Mars/Base' } },
  ]) {
    assert.throws(() => runner.register(kindOf(run, more)), JSON.stringify(more));
  }
  runner.register(kindOf(run));
  assert.throws(() => runner.register(kindOf(run)), /there already/);
});

test('metrics say how attempts ended, and since when what is due has waited', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  await transact((transaction) => queue.enqueue(transaction, {}));
  const late = await transact((transaction) => queue.enqueue(transaction, {}));
  assert.notEqual(late, undefined);
  await process.runner.turn();
  process.clock.advance(60 * SECOND_MS);
  await process.runner.turn();
  const text = await process.metrics.metrics();
  assert.match(text, /^holdfast_jobs_waiting 1$/m);
  assert.match(text, /^holdfast_jobs_oldest_waiting_seconds 60$/m);
  held.end();
  await process.runner.settled();
  assert.match(
    await process.metrics.metrics(),
    /^holdfast_jobs_total\{kind="test",outcome="succeeded"\} 1$/m,
  );
  await process.runner.stop();
});
