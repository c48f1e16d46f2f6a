import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, test } from 'node:test';
import type { ApiTransportRequest, ApiTransportResponse, Job, JobSchedule } from '@holdfast/api';
import { ExitCode } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import type { ProgramOutcome } from '../command-tools.ts';
import { createProgram } from '../program.ts';

const ID = '019aa000-0000-7000-8000-000000000001';
const AT = '2026-11-22T08:00:00.000Z';

function job(more: Partial<Job> = {}): Job {
  return {
    id: ID,
    kind: 'prune',
    title: 'Remove what is old',
    state: 'waiting',
    createdAt: AT,
    requestedBy: null,
    runAt: AT,
    startedAt: null,
    finishedAt: null,
    attempts: 0,
    maxAttempts: 5,
    progress: null,
    result: null,
    error: null,
    ...more,
  };
}

const over = { startedAt: AT, finishedAt: '2026-11-22T08:00:42.000Z', attempts: 1 } as const;
const succeeded = job({ state: 'succeeded', ...over, result: { 'ended sessions': 3 } });
const dead = job({ state: 'dead', ...over, error: { code: 'HOUSE_ON_FIRE', message: 'Leave it.' } });

const schedule: JobSchedule = {
  kind: 'prune',
  title: 'Remove what is old',
  description: 'Removes it.',
  cron: '7 * * * *',
  timeZone: 'Europe/Berlin',
  nextRunAt: '2026-11-22T09:07:00.000Z',
  pausedAt: null,
  pausedBy: null,
  lastJob: succeeded,
};

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-cli-jobs-'));
  await writeFile(join(folder, 'authority.pem'), 'none');
});
after(() => rm(folder, { recursive: true }));

interface Told {
  readonly calls: string[];
  readonly text: string;
  readonly said: string;
  readonly exitCode: ExitCode;
}

/** Runs a command against a server that gives these answers, one after the other. */
async function run(answers: readonly unknown[], ...args: string[]): Promise<Told> {
  const calls: string[] = [];
  const left = [...answers];
  const answer = async ({ method, target, body }: ApiTransportRequest): Promise<ApiTransportResponse> => {
    calls.push(`${method} ${target}${body === undefined ? '' : ` ${body}`}`);
    return { status: 200, contentType: 'application/json', text: JSON.stringify(left.shift()) };
  };
  const [stdout, stderr] = [new PassThrough(), Object.assign(new PassThrough(), { isTTY: true })];
  const texts = ['', ''];
  for (const [index, stream] of [stdout, stderr].entries()) {
    stream.setEncoding('utf8').on('data', (chunk: string) => void (texts[index] += chunk));
  }
  const context: CliContext = {
    environment: {
      XDG_CONFIG_HOME: folder,
      HOLDFAST_SERVER: 'https://localhost:1',
      HOLDFAST_API_KEY: 'hfk_none',
      HOLDFAST_AUTHORITY_FILE: join(folder, 'authority.pem'),
    },
    stdin: new PassThrough(),
    stdout,
    stderr,
    now: () => 0,
    openTransport: () => Object.assign(answer, { close: () => undefined }),
    wait: async () => {},
  };
  const outcome: ProgramOutcome = { exitCode: ExitCode.done };
  await createProgram(context, '1.2.3', outcome).parseAsync(['node', 'holdfast', 'jobs', ...args]);
  stdout.end();
  stderr.end();
  await Promise.all([once(stdout, 'end'), once(stderr, 'end')]);
  return { calls, text: texts[0] ?? '', said: texts[1] ?? '', exitCode: outcome.exitCode };
}

test('whoever waits for a job sees a bar, gets what it did, and a status that a script can go by', async () => {
  const running = job({ state: 'running', progress: { done: 3, total: 9, text: 'ended sessions' } });
  const good = await run([job(), running, running, succeeded], 'run', 'prune', '--wait');
  assert.deepEqual(good.calls.slice(0, 2), [
    'POST /api/v1/job-schedules/prune/run',
    `GET /api/v1/jobs/${ID}`,
  ]);
  assert.equal(good.calls.length, 4);
  assert.match(good.said, /\[████████·+\] 3 of 9, ended sessions/u);
  assert.match(good.text, /^ended sessions +3$/m);
  assert.match(good.text, /^Took +42 s$/m);
  assert.equal(good.exitCode, ExitCode.done);
  const bad = await run([job(), dead], 'run', 'prune', '--wait');
  assert.match(bad.text, /^Error +HOUSE_ON_FIRE: Leave it\.$/m);
  assert.equal(bad.exitCode, ExitCode.refused);
});

test('a first failure ends the wait: the next attempt may be an hour away', async () => {
  const failed = job({ state: 'failed', startedAt: AT, runAt: '2026-11-22T09:00:00.000Z', attempts: 1 });
  const told = await run([job(), failed], 'run', 'prune', '--wait');
  assert.match(told.text, /^Tried again +2026-11-22T09:00:00\.000Z$/m);
  assert.equal(told.exitCode, ExitCode.refused);
});

test('the list takes state and kind, and refuses a state that is none', async () => {
  const told = await run(
    [{ jobs: [dead, succeeded], nextCursor: null }],
    'list',
    '--state',
    'dead',
    '--kind',
    'prune',
  );
  assert.deepEqual(told.calls, ['GET /api/v1/jobs?limit=50&state=dead&kind=prune']);
  assert.match(told.text, /dead +2026-11-22T08:00:00\.000Z +42 s +1\/5 +Leave it\./);
  await assert.rejects(run([], 'list', '--state', 'asleep'), { code: 'ARGUMENT_INVALID' });
});

test('schedules say what runs when, and are paused and resumed by their kind', async () => {
  const listed = await run([{ schedules: [schedule] }], 'schedules');
  assert.match(
    listed.text,
    /prune +Remove what is old +2026-11-22T09:07:00\.000Z .* every hour, at 07 minutes past \(Europe\/Berlin\)/,
  );
  const paused = await run([{ ...schedule, nextRunAt: null, pausedAt: AT }], 'pause', 'prune');
  assert.deepEqual(paused.calls, ['PUT /api/v1/job-schedules/prune/state {"state":"paused"}']);
  assert.equal(paused.text, 'Remove what is old is paused.\n');
  const resumed = await run([schedule], 'resume', 'prune');
  assert.match(resumed.text, /runs next at 2026-11-22T09:07/);
});

test('acts on one job go to that job; JSON is the answer and nothing else', async () => {
  const cancelling = job({ state: 'cancelling' });
  const cancelled = await run([cancelling], 'cancel', ID, '--json');
  assert.deepEqual(
    [cancelled.calls, JSON.parse(cancelled.text)],
    [[`POST /api/v1/jobs/${ID}/cancel`], cancelling],
  );
  assert.deepEqual((await run([job()], 'retry', ID)).calls, [`POST /api/v1/jobs/${ID}/retry`]);
  assert.deepEqual((await run([null], 'remove', ID)).calls, [`DELETE /api/v1/jobs/${ID}`]);
  assert.deepEqual(JSON.parse((await run([dead], 'show', ID, '--json')).text), dead);
});
