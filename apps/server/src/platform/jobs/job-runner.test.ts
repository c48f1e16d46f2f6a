import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { AppError } from '@holdfast/kernel';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createTestClock, type TestClock } from '../clock/test-clock.ts';
import { createTestTicks, type TestTicks } from '../ticks/test-ticks.ts';
import { ClockWitness } from '../clock/clock-witness.store.ts';
import { createTestEvents } from '../events/test-events.ts';
import type { LiveMessage } from '../live/live-views.ts';
import { createLocalLiveViews } from '../live/local-live-views.ts';
import { inTransaction, type Transaction } from '../database/index.ts';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';
import { JobRunner } from './job-runner.ts';
import { JobError } from './jobs.errors.ts';
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
    clockWitness: new ClockWitness({ database: database.db, clock, log }),
    log,
    events: createTestEvents(database.db, { clock }).events,
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

test('what failed by a clock that had leapt while it ran does not wait for that time', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(kindOf(held.run));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  process.clock.jump(365 * 24 * HOUR_MS);
  held.fail(new Error('broken'));
  await finish(process);
  assert.equal(await stateOf(id), 'failed');
  process.clock.jump(-365 * 24 * HOUR_MS);
  await process.runner.turn();
  assert.equal(held.begun.length, 2);
  held.end(1);
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
  // Its end is written beside the turns.
  while ((await stateOf(quick)) !== 'succeeded') await process.runner.turn();
  assert.equal(slow.begun.length, 2);
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

class FinalError extends AppError {}

test('an error that says never is the last attempt, and tells people why', async () => {
  const process = createProcess();
  const queue = process.runner.register(
    kindOf(async () => {
      throw new FinalError('TEST_FINAL', 'The house is on fire.', { remedy: 'Leave it.' });
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

test('a payload that is too long is refused, and one that no database stores is told readably', async () => {
  const process = createProcess();
  const told: unknown[] = [];
  const queue = process.runner.register<{ text: string }>({
    ...plain,
    kind: 'test',
    parsePayload: (stored) => stored as { text: string },
    run: async ({ payload }) => void told.push(payload),
  });
  const longest = 65_536 - '{"text": ""}'.length;
  const ask = async (text: string) => await transact((transaction) => queue.enqueue(transaction, { text }));
  await ask('x'.repeat(longest));
  await assert.rejects(ask('x'.repeat(longest + 1)), { code: 'JOB_PAYLOAD_INVALID' });
  await ask('nul \0');
  await finish(process);
  await finish(process);
  const texts = told.map((payload) => (payload as { text: string }).text);
  assert.deepEqual(new Set(texts), new Set(['x'.repeat(longest), 'nul \uFFFD']));
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

test('the lease goes on after an end that was rolled back, so that nobody else does the same', async () => {
  const process = createProcess();
  const other = createProcess();
  const held = new HeldWork();
  const queue = process.runner.register(
    kindOf(
      async (context) => {
        const isTakenBack = transact(async (transaction) => {
          await context.complete(transaction);
          throw new Error('before the commit');
        });
        await assert.rejects(isTakenBack, /before the commit/);
        await held.run(context);
      },
      { leaseMs: 3_000 },
    ),
  );
  other.runner.register(kindOf(async () => assert.fail('it was taken over'), { leaseMs: 3_000 }));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await process.runner.turn();
  while (held.begun.length === 0) await process.runner.turn();
  for (let second = 0; second < 10; second += 1) {
    await process.runner.turn();
    await pass(other, 1);
  }
  held.end();
  await process.runner.settled();
  assert.deepEqual([await stateOf(id), (await rowOf(id)).attempts], ['succeeded', 1]);
});

test('a run whose end was rolled back and whose job another process has by now is told', async () => {
  const slow = createProcess();
  const other = createProcess();
  const held = new HeldWork();
  const queue = slow.runner.register(
    kindOf(
      async (context) => {
        await assert.rejects(
          transact(async (transaction) => {
            await context.complete(transaction);
            throw new Error('before the commit');
          }),
        );
        await held.run(context);
      },
      { leaseMs: 3_000 },
    ),
  );
  other.runner.register(kindOf(new HeldWork().run, { leaseMs: 3_000 }));
  await transact((transaction) => queue.enqueue(transaction, {}));
  await slow.runner.turn();
  while (held.begun.length === 0) await sql`select 1`.execute(database.db);
  await pass(other, 20);
  await slow.runner.turn();
  const reason: unknown = held.begun[0]?.signal.reason;
  assert.ok(reason instanceof JobError && reason.code === 'JOB_LEASE_LOST', String(reason));
  await other.runner.stop();
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

/** Of a result with this one part the text is as long as the database may keep. */
const LONGEST_PART = 16_384 - '{"a": ""}'.length;

test('a result is as long as it may be, or the attempt has failed; whatever it is, other jobs are done', async () => {
  const process = createProcess();
  let result: Record<string, string | number> = { a: 'x'.repeat(LONGEST_PART) };
  const queue = process.runner.register(kindOf(async () => result));
  const whole = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  assert.deepEqual([await stateOf(whole), (await rowOf(whole)).result], ['succeeded', result]);
  // The text that JavaScript would write is just short enough; that of the database has a blank more.
  for (const longer of ['x'.repeat(LONGEST_PART + 1), `${'x'.repeat(LONGEST_PART - 1)}"`]) {
    result = { a: longer };
    const id = await transact((transaction) => queue.enqueue(transaction, {}));
    await finish(process);
    assert.deepEqual([await stateOf(id), (await rowOf(id)).error_code], ['failed', 'INTERNAL_ERROR']);
    result = { a: 1e300 };
    const next = await transact((transaction) => queue.enqueue(transaction, {}));
    await finish(process);
    assert.equal(await stateOf(next), 'succeeded');
  }
});

test('what no database stores is written readably, and other jobs are done', async () => {
  const process = createProcess();
  const held = new HeldWork();
  const kinds = {
    result: kindOf(async () => ({ 'na\0me': 'nul \0 half \ud800' }), { kind: 'result' }),
    message: kindOf(
      async () => {
        throw new FinalError('TEST_FINAL', 'nul \0 half \ud800');
      },
      { kind: 'message' },
    ),
    progress: kindOf(held.run, { kind: 'progress' }),
  };
  const ids: Record<string, string | undefined> = {};
  for (const [name, kind] of Object.entries(kinds)) {
    const queue = process.runner.register(kind);
    ids[name] = await transact((transaction) => queue.enqueue(transaction, {}));
  }
  await process.runner.turn();
  held.begun[0]?.reportProgress({ done: 1, text: 'nul \0 half \ud800' });
  await process.runner.turn();
  held.end();
  await finish(process);
  const clean = 'nul \uFFFD half \uFFFD';
  assert.deepEqual((await rowOf(ids['result'])).result, { 'na\uFFFDme': clean });
  assert.deepEqual((await rowOf(ids['message'])).error_message, clean);
  const { progress_text: text, state } = await rowOf(ids['progress']);
  assert.deepEqual([text, state], [clean, 'succeeded']);
});

test('a job whose end the database refuses is given up, and holds nobody else up', async () => {
  const process = createProcess();
  const queue = process.runner.register(kindOf(async ({ jobId }) => ({ 'done by': jobId })));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await sql`alter table job add constraint refused check (not (result ? 'done by'))`.execute(database.db);
  try {
    await finish(process);
    await finish(process);
  } finally {
    await sql`alter table job drop constraint refused`.execute(database.db);
  }
  const row = await rowOf(id);
  assert.deepEqual([row.state, row.error_code, row.result], ['dead', 'JOB_END_REFUSED', null]);
  const next = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  assert.equal(await stateOf(next), 'succeeded');
});

test('an end that cannot be written keeps no other job from being begun', async () => {
  const process = createProcess();
  const queue = process.runner.register(kindOf(async () => {}, { kind: 'stuck' }));
  const other = process.runner.register(kindOf(async () => {}));
  const stuck = await transact((transaction) => queue.enqueue(transaction, {}));
  // Nothing about the value: this write fails whatever is written.
  await sql`
    create function fail_end() returns trigger language plpgsql as $$ begin raise exception 'no end'; end $$`.execute(
    database.db,
  );
  await sql`
    create trigger no_end before update on job for each row
    when (old.kind = 'stuck' and new.finished_at is not null) execute function fail_end()`.execute(
    database.db,
  );
  try {
    await finish(process);
    const id = await transact((transaction) => other.enqueue(transaction, {}));
    await finish(process);
    assert.deepEqual([await stateOf(stuck), await stateOf(id)], ['running', 'succeeded']);
  } finally {
    await sql`drop trigger no_end on job; drop function fail_end`.execute(database.db);
  }
  await finish(process);
  assert.equal(await stateOf(stuck), 'succeeded');
});

async function eventsAbout(id: string | undefined): Promise<unknown[]> {
  const { rows } = await sql<{ type: string; data: unknown }>`
    select type, data from domain_event where object_kind = 'job' and object_id = ${id} order by seq`.execute(
    database.db,
  );
  return rows;
}

test('that a job was given up is an event, and a failure before that is none', async () => {
  const process = createProcess();
  const queue = process.runner.register(
    kindOf(
      async () => {
        throw new Error('a secret that nobody should read');
      },
      { maxAttempts: 2 },
    ),
  );
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await finish(process);
  assert.deepEqual(await eventsAbout(id), []);
  process.clock.advance(HOUR_MS);
  await finish(process);
  assert.deepEqual(await eventsAbout(id), [
    {
      type: 'job.given-up',
      data: {
        kind: 'test',
        title: 'Test',
        attempts: 2,
        code: 'INTERNAL_ERROR',
        message: 'It failed unexpectedly; the log of the server says more.',
      },
    },
  ]);
});

test('that a job was given up because its process died each time is an event of whoever finds it', async () => {
  const clock = createTestClock();
  const dead = createProcess({ clock });
  const queue = dead.runner.register(kindOf(new HeldWork().run, { leaseMs: 2_000, maxAttempts: 1 }));
  const id = await transact((transaction) => queue.enqueue(transaction, {}));
  await dead.runner.turn();
  const alive = createProcess({ clock });
  alive.runner.register(kindOf(async () => {}, { leaseMs: 2_000, maxAttempts: 1 }));
  await pass(alive, 4);
  assert.equal(await stateOf(id), 'dead');
  assert.equal((await eventsAbout(id)).length, 1);
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
