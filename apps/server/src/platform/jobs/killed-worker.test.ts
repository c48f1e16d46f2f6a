import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { sql } from 'kysely';
import { createTestDatabase, type TestDatabase } from '../database/test-database.ts';

const PROGRAM = fileURLToPath(new URL('killed-worker.test-process.ts', import.meta.url));
const STEPS = [
  'claimed',
  'begun',
  'in its transaction',
  'with its effect written',
  'completed and not committed',
  'committed',
];
const JOBS = 20;

let database: TestDatabase;
const children: ChildProcess[] = [];
before(async () => {
  database = await createTestDatabase();
  await sql`create table effect (id uuid primary key, job_id uuid not null)`.execute(database.db);
});
after(async () => {
  for (const child of children) child.kill('SIGKILL');
  await database.close();
});

async function insert(kind: string, maxAttempts: number, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await sql`
      insert into job (id, kind, payload, state, created_at, run_at, max_attempts)
      values (${randomUUID()}, ${kind}, '{}', 'waiting', now(), now(), ${maxAttempts})`.execute(database.db);
  }
}

/** A process that does jobs; resolves when it is ready or dead. */
async function startWorker(deadlyStep: string): Promise<ChildProcess> {
  const child = spawn(process.execPath, [PROGRAM, database.url, deadlyStep], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return child;
}

async function hasDied(child: ChildProcess): Promise<boolean> {
  return child.exitCode !== null || child.signalCode !== null;
}

async function countUnfinished(kind: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from job where kind = ${kind} and finished_at is null`.execute(database.db);
  return rows[0]?.count ?? 0;
}

/** Looks until it is so; the database is what paces it. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `${what} did not come about in time`);
    await sql`select pg_sleep(0.02)`.execute(database.db);
  }
}

test('a worker that is killed at any step loses no job and does none twice, and poison is given up', async () => {
  await insert('effect', 60, JOBS);
  for (const step of STEPS) {
    const child = await startWorker(step);
    await until(`the death of the worker once it has ${step}`, async () => await hasDied(child));
    assert.ok((await countUnfinished('effect')) > 0, 'there is something left for the next one');
  }
  await insert('poison', 3, 1);
  // Poison takes along whoever is doing the rest.
  await until('the end of the poison', async () => {
    const child = await startWorker('');
    await until('the death of the worker, or the end of all', async () => {
      return (await hasDied(child)) || (await countUnfinished('poison')) === 0;
    });
    return (await countUnfinished('poison')) === 0;
  });
  // Killed from outside, wherever it is at that moment.
  for (let round = 0; round < 2; round += 1) {
    await insert('effect', 60, JOBS);
    const child = await startWorker('');
    await sql`select pg_sleep(${round * 0.05})`.execute(database.db);
    child.kill('SIGKILL');
    await until('its death', async () => await hasDied(child));
  }
  await startWorker('');
  await until('the end of every job', async () => (await countUnfinished('effect')) === 0);

  const { rows: jobs } = await sql<{ state: string; attempts: number; effects: number; result: unknown }>`
    select job.state, job.attempts, job.result, count(effect.id) as effects
    from job left join effect on effect.job_id = job.id where kind = 'effect' group by job.id`.execute(
    database.db,
  );
  assert.equal(jobs.length, 3 * JOBS);
  for (const job of jobs) {
    assert.deepEqual([job.state, job.effects, job.result], ['succeeded', 1, { done: true }]);
    assert.ok(job.attempts >= 1 && job.attempts <= 60, String(job.attempts));
  }
  assert.ok(
    jobs.some(({ attempts }) => attempts > 1),
    'some were begun again',
  );
  const { rows: poison } = await sql`
    select state, attempts, error_code from job where kind = 'poison'`.execute(database.db);
  assert.deepEqual(poison, [{ state: 'dead', attempts: 3, error_code: 'JOB_WORKER_LOST' }]);
});

test('a schedule whose process is killed at any step asks for its job once', async () => {
  await startWorker('');
  for (const child of children) {
    child.kill('SIGKILL');
    await until('its death', async () => await hasDied(child));
  }
  await sql`
    update job_schedule set next_run_at = now() - interval '1 minute', settled_until = now() - interval '1 hour'
    where kind = 'yearly'`.execute(database.db);
  const asked = async (): Promise<number> => {
    const { rows } = await sql`select 1 from job where kind = 'yearly'`.execute(database.db);
    return rows.length;
  };
  for (const step of ['asked, and its schedule not moved on', 'its schedule moved on and not committed']) {
    const child = await startWorker(step);
    await until(`the death of the worker once it has ${step}`, async () => await hasDied(child));
    assert.equal(await asked(), 0, step);
  }
  await startWorker('');
  await until(
    'the end of its job',
    async () => (await asked()) > 0 && (await countUnfinished('yearly')) === 0,
  );
  assert.equal(await asked(), 1);
  const { rows } = await sql<{ isAhead: boolean }>`
    select next_run_at > now() as "isAhead" from job_schedule where kind = 'yearly'`.execute(database.db);
  assert.deepEqual(rows, [{ isAhead: true }]);
});
