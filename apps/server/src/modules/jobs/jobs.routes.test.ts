import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelJob,
  createEnrolmentToken,
  getJob,
  type Job,
  type JobSchedule,
  listAuditEntries,
  listEnrolmentTokens,
  listJobSchedules,
  listJobs,
  removeJob,
  retryJob,
  revokeEnrolmentToken,
  runJobSchedule,
  setJobScheduleState,
} from '@holdfast/api';
import { sql } from 'kysely';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { inTransaction } from '../../platform/database/index.ts';
import { type JobContext, type JobQueue, type NoPayload, parseNoPayload } from '../../platform/jobs/jobs.ts';
import { callApi } from '../../testing/test-api.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { storeJob } from '../../testing/test-jobs.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { NEW_DEVICES_GROUP_ID } from '../directory/index.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

let server: TestServer;
let everyone: CallerHeaders;
let queue: JobQueue<NoPayload>;
let run: (context: JobContext<NoPayload>) => Promise<void>;
before(async () => {
  server = await startTestServer({
    prepare: ({ platform }) => {
      queue = platform.jobs.register({
        kind: 'test.work',
        title: 'Test work',
        description: 'Of a test.',
        schedule: { cron: '0 3 * * *' },
        parsePayload: parseNoPayload,
        run: async (context) => await run(context),
      });
    },
  });
});
beforeEach(async () => {
  await sql`delete from job`.execute(server.database.db);
  everyone = server.actAs();
  run = async () => {};
});
after(() => server.close());

async function enqueue(): Promise<string> {
  const id = await inTransaction(
    server.database.db,
    async (transaction) => await queue.enqueue(transaction, {}),
  );
  assert.ok(id !== undefined);
  return id;
}

async function read(jobId: string): Promise<Job> {
  return await callApi(server, getJob, { params: { jobId } });
}

async function scheduleOf(kind: string): Promise<JobSchedule | undefined> {
  const { schedules } = await callApi(server, listJobSchedules);
  return schedules.find((schedule) => schedule.kind === kind);
}

async function auditOf(objectId: string): Promise<string[]> {
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId } });
  return entries.map(({ action }) => action);
}

/** Begins work that ends when it is told to. */
async function beginHeldWork(): Promise<{ readonly id: string; readonly end: (error?: Error) => void }> {
  let end: (error?: Error) => void = () => {};
  run = async ({ signal }) =>
    await new Promise<void>((resolve, reject) => {
      end = (error) => (error === undefined ? resolve() : reject(error));
      signal.addEventListener('abort', () => reject(signal.reason as Error));
    });
  const id = await enqueue();
  await server.ticks.run('jobs.turn');
  return { id, end };
}

test('jobs are listed newest first, page by page, by state and by kind', async () => {
  const ids: string[] = [];
  for (const state of ['waiting', 'dead', 'succeeded', 'dead', 'waiting'] as const) {
    server.clock.advance(10);
    ids.unshift(await storeJob(server, { state, kind: state === 'dead' ? 'test.work' : 'audit.verify' }));
  }
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await callApi(server, listJobs, { query: { limit: 2, ...(cursor && { cursor }) } });
    seen.push(...page.jobs.map(({ id }) => id));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(seen, ids);
  const dead = await callApi(server, listJobs, { query: { state: 'dead', kind: 'test.work' } });
  assert.deepEqual(
    dead.jobs.map(({ id, title }) => [id, title]),
    [ids[1], ids[3]].map((id) => [id, 'Test work']),
  );
  assert.deepEqual((await callApi(server, listJobs, { query: { state: 'running' } })).jobs, []);
  const query = { cursor: 'Zm9yZ2Vk' };
  assertRefused(await send(server, listJobs, { query }, everyone), 400, 'CURSOR_INVALID');
});

test('what a job was told is shown to nobody', async () => {
  const id = await storeJob(server, { state: 'waiting', payload: '{"to":"mallory@example.org"}' });
  for (const answer of [
    await send(server, getJob, { params: { jobId: id } }, everyone),
    await send(server, listJobs, {}, everyone),
  ]) {
    assert.equal(answer.statusCode, 200);
    assert.doesNotMatch(answer.body, /mallory/);
  }
});

test('a job that waits is cancelled at once, and the audit log knows who did it', async () => {
  const id = await enqueue();
  const job = await callApi(server, cancelJob, { params: { jobId: id } });
  assert.equal(job.state, 'cancelled');
  assert.notEqual(job.finishedAt, null);
  await server.ticks.run('jobs.turn');
  assert.equal((await read(id)).state, 'cancelled');
  assert.deepEqual(await auditOf(id), ['job.cancelled']);
  assertRefused(await send(server, cancelJob, { params: { jobId: id } }, everyone), 409, 'JOB_OVER');
});

test('a job that runs is told to end, and is cancelled when it has', async () => {
  const { id } = await beginHeldWork();
  assert.equal((await callApi(server, cancelJob, { params: { jobId: id } })).state, 'cancelling');
  await server.app.jobs.settled();
  assert.deepEqual([(await read(id)).state, (await read(id)).error], ['cancelled', null]);
});

test('cancelling twice is one act', async () => {
  run = async () => await new Promise(() => {});
  const id = await storeJob(server, { state: 'running', kind: 'of.another.process' });
  for (let time = 0; time < 2; time += 1) {
    assert.equal((await callApi(server, cancelJob, { params: { jobId: id } })).state, 'cancelling');
  }
  assert.deepEqual(await auditOf(id), ['job.cancelled']);
});

test('work that does not listen and succeeds has succeeded; one that fails is cancelled, not tried again', async () => {
  for (const [error, state] of [
    [undefined, 'succeeded'],
    [new Error('broken'), 'cancelled'],
  ] as const) {
    let end: () => void = () => {};
    run = async () =>
      await new Promise<void>((resolve, reject) => {
        end = () => (error === undefined ? resolve() : reject(error));
      });
    const id = await enqueue();
    await server.ticks.run('jobs.turn');
    await callApi(server, cancelJob, { params: { jobId: id } });
    end();
    await server.app.jobs.settled();
    assert.equal((await read(id)).state, state);
  }
});

test('a cancel that meets the end leaves one of both, and the answer says which', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id, end } = await beginHeldWork();
    end();
    const answer = await send(server, cancelJob, { params: { jobId: id } }, everyone);
    await server.app.jobs.settled();
    const { state } = await read(id);
    if (answer.statusCode === 409) assert.equal(state, 'succeeded');
    else assert.ok(state === 'succeeded' || state === 'cancelled', state);
  }
});

test('what was cancelled by another process is noticed with the next renewal', async () => {
  const { id } = await beginHeldWork();
  await server.database.db.updateTable('job').set({ state: 'cancelling' }).where('id', '=', id).execute();
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  assert.equal((await read(id)).state, 'cancelled');
});

test('a dead job is tried again with all its attempts, or removed, by who may', async () => {
  const failure = { error_code: 'TEST', error_message: 'broken' };
  const id = await storeJob(server, { state: 'dead', kind: 'test.work', attempts: 5, ...failure });
  assert.deepEqual((await read(id)).error, { code: 'TEST', message: 'broken' });
  const retried = await callApi(server, retryJob, { params: { jobId: id } });
  const { state, attempts, startedAt, finishedAt, error } = retried;
  assert.deepEqual([state, attempts, startedAt, finishedAt, error], ['waiting', 0, null, null, null]);
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  const done = await read(id);
  assert.deepEqual([done.state, done.attempts, done.error], ['succeeded', 1, null]);
  assertRefused(await send(server, retryJob, { params: { jobId: id } }, everyone), 409, 'JOB_NOT_STOPPED');
  assertRefused(await send(server, removeJob, { params: { jobId: id } }, everyone), 409, 'JOB_NOT_DEAD');
  const other = await storeJob(server, { state: 'dead' });
  await callApi(server, removeJob, { params: { jobId: other } });
  assertRefused(await send(server, getJob, { params: { jobId: other } }, everyone), 404, 'JOB_NOT_FOUND');
  assert.deepEqual([await auditOf(id), await auditOf(other)], [['job.retried'], ['job.removed']]);
});

test('a dead job is not tried again beside another one for the same thing, nor one of an unknown kind', async () => {
  const dead = await storeJob(server, { state: 'dead', kind: 'test.work', unique_key: 'group 7' });
  await storeJob(server, { state: 'waiting', kind: 'test.work', unique_key: 'group 7' });
  const refused = await send(server, retryJob, { params: { jobId: dead } }, everyone);
  assertRefused(refused, 409, 'JOB_ALREADY_WAITING');
  const unknown = await storeJob(server, { state: 'dead', kind: 'of.yesterday' });
  assert.equal((await read(unknown)).title, 'of.yesterday');
  const params = { jobId: unknown };
  assertRefused(await send(server, retryJob, { params }, everyone), 409, 'JOB_KIND_UNKNOWN');
  assert.deepEqual([await auditOf(dead), await auditOf(unknown)], [[], []]);
});

test('a schedule runs now when somebody asks, also while it is paused', async () => {
  const params = { kind: 'test.work' };
  const asked = await callApi(server, runJobSchedule, { params });
  assert.deepEqual([asked.state, typeof asked.requestedBy], ['waiting', 'string']);
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  assert.equal((await scheduleOf('test.work'))?.lastJob?.state, 'succeeded');
  await callApi(server, setJobScheduleState, { params, body: { state: 'paused' } });
  assert.notEqual((await callApi(server, runJobSchedule, { params })).id, asked.id);
  await callApi(server, setJobScheduleState, { params, body: { state: 'active' } });
  const unknown = { params: { kind: 'of.yesterday' } };
  assertRefused(await send(server, runJobSchedule, unknown, everyone), 404, 'JOB_SCHEDULE_NOT_FOUND');
});

test('a paused schedule asks for nothing, and goes on from its next time without making up for it', async () => {
  const params = { kind: 'test.work' };
  const paused = await callApi(server, setJobScheduleState, { params, body: { state: 'paused' } });
  assert.deepEqual([paused.nextRunAt, paused.pausedAt !== null], [null, true]);
  server.clock.advance(3 * DAY_MS);
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  assert.deepEqual((await callApi(server, listJobs, { query: params })).jobs, []);
  for (let time = 0; time < 2; time += 1) {
    const resumed = await callApi(server, setJobScheduleState, { params, body: { state: 'active' } });
    assert.equal(resumed.pausedBy, null);
    assert.ok(Date.parse(resumed.nextRunAt ?? '') > server.clock.now());
  }
  await server.ticks.run('jobs.turn');
  assert.deepEqual((await callApi(server, listJobs, { query: params })).jobs, []);
  server.clock.advance(DAY_MS);
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  assert.equal((await callApi(server, listJobs, { query: params })).jobs.length, 1);
  const audited = (await auditOf('test.work')).slice(0, 2);
  assert.deepEqual(audited, ['job-schedule.resumed', 'job-schedule.paused']);
  const unknown = { params: { kind: 'of.yesterday' }, body: { state: 'paused' as const } };
  assertRefused(await send(server, setJobScheduleState, unknown, everyone), 404, 'JOB_SCHEDULE_NOT_FOUND');
});

test('an administrator who acts is seen by the others', async () => {
  await server.ticks.run('jobs.turn');
  const events: LiveMessage[] = [];
  const stop = server.app.platform.live.listen((event) => events.push(event));
  const id = await storeJob(server, { state: 'dead' });
  await callApi(server, removeJob, { params: { jobId: id } });
  await server.ticks.run('jobs.turn');
  stop();
  assert.deepEqual(events, [{ event: { type: 'jobs' }, permission: 'system:read' }]);
});

test('reading is not acting, and whoever is limited to a group sees nothing', async () => {
  const jobId = await storeJob(server, { state: 'dead' });
  const reader = server.actAs({ permissions: ['system:read'] });
  assert.equal((await send(server, listJobs, {}, reader)).statusCode, 200);
  assertRefused(await send(server, retryJob, { params: { jobId } }, reader), 403, 'PERMISSION_DENIED');
  assertRefused(await send(server, removeJob, { params: { jobId } }, reader), 403, 'PERMISSION_DENIED');
  const limited = server.actAs({ scope: new Set([NEW_DEVICES_GROUP_ID]) });
  assertRefused(await send(server, listJobs, {}, limited), 403, 'PERMISSION_DENIED');
  assertRefused(await send(server, listJobSchedules, {}, limited), 403, 'PERMISSION_DENIED');
  assertRefused(await send(server, cancelJob, { params: { jobId } }, limited), 403, 'PERMISSION_DENIED');
});

test('housekeeping runs by itself, and each kind of it ends well on a new server', async () => {
  const { schedules } = await callApi(server, listJobSchedules);
  const kinds = schedules.map(({ kind }) => kind);
  for (const kind of ['prune', 'audit.verify', 'logs.keep', 'commands.forget']) {
    assert.ok(kinds.includes(kind), `${kind} is among ${kinds.join(', ')}`);
    await server.jobs.run(kind);
    assert.equal((await scheduleOf(kind))?.lastJob?.state, 'succeeded');
  }
});

test('what is old is removed every hour, and the job says how much of what', async () => {
  const old = new Date(server.clock.now() - 31 * DAY_MS);
  const older = new Date(server.clock.now() - 91 * DAY_MS);
  await storeJob(server, { state: 'succeeded', finished_at: old });
  await storeJob(server, { state: 'cancelled', finished_at: old });
  await storeJob(server, { state: 'dead', finished_at: older });
  const kept = [
    await storeJob(server, { state: 'dead', finished_at: old }),
    await storeJob(server, {
      state: 'failed',
      created_at: older,
      run_at: new Date(server.clock.now() + DAY_MS),
    }),
  ];
  const tokenOf = async (name: string, expiresInMs: number) =>
    await callApi(server, createEnrolmentToken, {
      body: { name, groupId: NEW_DEVICES_GROUP_ID, maxUses: null, expiresInMs, isApprovalNeeded: false },
    });
  await tokenOf('expired', HOUR_MS);
  const revoked = await tokenOf('revoked', 365 * DAY_MS);
  await callApi(server, revokeEnrolmentToken, { params: { tokenId: revoked.token.id } });
  await tokenOf('in use', 365 * DAY_MS);
  await server.jobs.run('prune');
  const first = (await scheduleOf('prune'))?.lastJob;
  assert.deepEqual(
    [first?.result?.['finished jobs'], first?.result?.['enrolment tokens that ended long ago']],
    [3, 0],
  );
  for (const id of kept) await read(id);
  server.clock.advance(91 * DAY_MS);
  await server.jobs.run('prune');
  const second = (await scheduleOf('prune'))?.lastJob;
  assert.equal(second?.result?.['enrolment tokens that ended long ago'], 2);
  const { tokens } = await callApi(server, listEnrolmentTokens);
  assert.deepEqual(
    tokens.map(({ name }) => name),
    ['in use'],
  );
});

test('a clock that leaps removes nothing', async () => {
  const finished = await storeJob(server, { state: 'succeeded' });
  await server.jobs.run('prune');
  server.clock.jump(365 * DAY_MS);
  await server.jobs.run('prune');
  const last = (await scheduleOf('prune'))?.lastJob;
  assert.deepEqual(Object.keys(last?.result ?? {}), ['removed nothing']);
  await read(finished);
  server.clock.jump(-365 * DAY_MS);
});

test('one thing that cannot be removed does not keep the others, and the job says which', async () => {
  const { db } = server.database;
  const finished = await storeJob(server, { state: 'succeeded' });
  server.clock.advance(31 * DAY_MS);
  await sql`alter table session rename to hidden`.execute(db);
  try {
    await assert.rejects(server.jobs.run('prune'), /JOB_INCOMPLETE Could not remove: ended sessions\./);
  } finally {
    await sql`alter table hidden rename to session`.execute(db);
  }
  assertRefused(await send(server, getJob, { params: { jobId: finished } }, everyone), 404, 'JOB_NOT_FOUND');
  assert.equal((await scheduleOf('prune'))?.lastJob?.state, 'failed');
});

test('an audit log that was changed behind the server is a dead job that says where', async () => {
  const { db } = server.database;
  await callApi(server, runJobSchedule, { params: { kind: 'prune' } });
  await server.ticks.run('audit.chain');
  await sql`alter table audit_entry disable trigger audit_entry_append_only`.execute(db);
  await sql`update audit_entry set actor_name = 'mallory' where seq = 2`.execute(db);
  await assert.rejects(server.jobs.run('audit.verify'), /is dead: AUDIT_LOG_CHANGED .*entry 2 /);
});

test('what is over is shown for thirty days, and what was given up for ninety', async () => {
  const succeeded = await storeJob(server, { state: 'succeeded' });
  const cancelled = await storeJob(server, { state: 'cancelled' });
  const dead = await storeJob(server, { state: 'dead' });
  const waiting = await storeJob(server, {
    state: 'waiting',
    run_at: new Date(server.clock.now() + 365 * DAY_MS),
  });
  const kept = async (): Promise<string[]> => {
    await server.jobs.run('prune');
    const { jobs } = await callApi(server, listJobs, { query: { kind: 'audit.verify' } });
    return jobs
      .map(({ id }) => id)
      .filter((id) => all.includes(id))
      .toSorted();
  };
  const all = [succeeded, cancelled, dead, waiting].toSorted();
  server.clock.advance(29 * DAY_MS);
  assert.deepEqual(await kept(), all);
  server.clock.advance(2 * DAY_MS);
  assert.deepEqual(await kept(), [dead, waiting].toSorted());
  server.clock.advance(58 * DAY_MS);
  assert.deepEqual(await kept(), [dead, waiting].toSorted());
  server.clock.advance(2 * DAY_MS);
  assert.deepEqual(await kept(), [waiting]);
});
