import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import type { LogEntry } from '@holdfast/protocol';
import { type FakeMcpServer, quickStart, startFakeMcpServer } from '@holdfast/testkit';
import { createOfflineLogWriter } from './modules/logs/index.ts';
import { openStateDatabase } from './platform/state-database.ts';
import { runProgram, startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';
import { stateVersion } from './state-version.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const KILLS = 10;
const ENTRIES_PER_ROUND = 300;

async function enrolled(t: TestContext): Promise<{ readonly server: FakeMcpServer; readonly home: string }> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const home = createTemporaryFolder(t);
  const result = await runInProcess(['enroll', server.token], { home });
  assert.equal(result.code, 0, result.stderr);
  return { server, home };
}

const entriesOf = (server: FakeMcpServer): LogEntry[] => [...server.state.journals.values()].flat();
const countCalls = (server: FakeMcpServer, path: string): number =>
  server.state.calls.filter((call) => call.endsWith(path)).length;

/** Keeps entries as the agent does, while none runs; more than one call carries. */
function keepEntries(home: string, round: number): void {
  const database = openStateDatabase(join(home, 'state.sqlite'), stateVersion);
  try {
    const events = createOfflineLogWriter(database, systemClock);
    database.transaction(() => {
      for (let n = 0; n < ENTRIES_PER_ROUND; n++) {
        events.record('address-changed', { mark: `${round}/${n}`, filler: 'x'.repeat(600) });
      }
    });
  } finally {
    database.close();
  }
}

test('killed at random moments of an upload, the agent loses no entry and brings none twice', async (t) => {
  const { server, home } = await enrolled(t);
  // A server that takes its time, so that kills fall before, between and after storing and answering.
  server.state.faults.answer = async (path) => {
    if (path.endsWith('/logs')) await pause(Math.random() * 60);
    return undefined;
  };
  for (let round = 0; round < KILLS; round++) {
    keepEntries(home, round);
    const agent = startAgentProcess(t, { home });
    // From here on its start is on disk. What the process before left under way may still come, and is not this one's.
    await eventually('its start', () => agent.log().includes('AGENT_STARTED'), 30_000);
    const uploads = countCalls(server, '/logs');
    await eventually('an upload', () => countCalls(server, '/logs') > uploads, 30_000);
    // The moment of the kill is what this test is about.
    await pause(Math.random() * 120);
    await agent.kill('SIGKILL');
  }
  const last = startAgentProcess(t, { home });
  const marks = () => entriesOf(server).flatMap(({ facts }) => facts?.['mark'] ?? []);
  const starts = () => entriesOf(server).filter(({ type }) => type === 'agent-started');
  await eventually('every entry', () => marks().length >= KILLS * ENTRIES_PER_ROUND, 60_000);
  await eventually('every start', () => starts().length > KILLS, 60_000);
  assert.equal(await last.kill('SIGTERM'), 0, last.log());

  assert.equal(marks().length, KILLS * ENTRIES_PER_ROUND);
  assert.equal(new Set(marks()).size, KILLS * ENTRIES_PER_ROUND);
  assert.ok(!entriesOf(server).some(({ type }) => type === 'log-entries-dropped'));
  assert.equal(starts().length, KILLS + 1, 'each start once');
  const reasons = starts().map(({ facts }) => facts?.['reason']);
  assert.deepEqual(reasons, ['first-start', ...Array.from({ length: KILLS }, () => 'ended-unexpectedly')]);
  const stops = entriesOf(server).filter(({ type }) => type === 'agent-stopped');
  assert.equal(stops.length, 1, 'the end is told in the farewell');
  assert.equal(server.state.journals.size, 2);
});

/** As `holdfast up` starts it: with a channel, whose other end starts it again. */
function startSupervised(t: TestContext, home: string): ChildProcess {
  const child = spawn(process.execPath, [MAIN, 'run'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      ...quickStart(),
      HOLDFAST_AGENT_HOME: home,
    },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  child.stderr?.resume();
  t.after(() => child.kill('SIGKILL'));
  return child;
}

function order(server: FakeMcpServer, type: string, parameters: Record<string, unknown> = {}): string {
  const id = createUuidV7(systemClock.now(), crypto.getRandomValues(new Uint8Array(10)));
  const issuedAt = systemClock.now();
  server.state.commands.push({ id, type, parameters, issuedAt, expiresAt: issuedAt + 3_600_000 });
  server.state.commandsWait = true;
  return id;
}

const stateOf = (server: FakeMcpServer, id: string): string | undefined =>
  server.state.reports.get(id)?.state;

test('"restart-agent" ends the process with the code for it, the next process reports the success, and a log level outlives it', async (t) => {
  const { server, home } = await enrolled(t);
  const first = startSupervised(t, home);
  const level = order(server, 'set-log-level', { level: 'warn', forMinutes: 60 });
  await eventually('the log level', () => stateOf(server, level) === 'succeeded');
  const restart = order(server, 'restart-agent');
  const [code] = (await once(first, 'exit')) as [number | null];
  assert.equal(code, 75);
  assert.equal(stateOf(server, restart), 'running');
  const second = startSupervised(t, home);
  await eventually('the success', () => stateOf(server, restart) === 'succeeded');
  const next = order(server, 'set-log-level', { level: 'info' });
  await eventually('the log level', () => stateOf(server, next) === 'succeeded');
  assert.equal(server.state.reports.get(next)?.result?.['from'], 'warn');
  second.kill('SIGTERM');
  const [end] = (await once(second, 'exit')) as [number | null];
  assert.equal(end, 0);
});

test('an agent that nobody would start again refuses to restart, and goes on', async (t) => {
  const { server, home } = await enrolled(t);
  const agent = startAgentProcess(t, { home });
  const id = order(server, 'restart-agent');
  await eventually('the refusal', () => stateOf(server, id) === 'failed');
  assert.equal(server.state.reports.get(id)?.code, 'AGENT_NOT_SUPERVISED');
  assert.equal(agent.exitCode(), null);
});

test('a second agent that is refused is told to the server, once an hour', async (t) => {
  const { server, home } = await enrolled(t);
  startAgentProcess(t, { home });
  await eventually('a handshake', () => countCalls(server, '/handshakes') > 0);
  for (let count = 0; count < 3; count++) assert.equal((await runInProcess(['run'], { home })).code, 1);
  const upload = order(server, 'upload-logs');
  await eventually('the upload', () => stateOf(server, upload) === 'succeeded');
  const refused = entriesOf(server).filter(({ type }) => type === 'another-instance-refused');
  assert.equal(refused.length, 1);
});

test('`check` prints what the command finds, and fails without a connection', async (t) => {
  const { server, home } = await enrolled(t);
  const agent = startAgentProcess(t, { home });
  await eventually('the inventory', () => server.state.inventory !== undefined);
  const isConnected = async () => /transport +ok/u.test((await runInProcess(['check'], { home })).stdout);
  for (let count = 0; count < 100 && !(await isConnected()); count++) await pause(50);
  const running = await runProgram(['check', '--json'], { home });
  const { checks } = JSON.parse(running.stdout) as { checks: { name: string; state: string }[] };
  assert.equal(checks.length, 10);
  assert.equal(checks.find(({ name }) => name === 'transport')?.state, 'ok');
  await agent.kill('SIGTERM');
  const stopped = await runInProcess(['check'], { home });
  assert.equal(stopped.code, 1);
  assert.match(stopped.stdout, /transport +FAILED +The agent has no connection/u);
  const nowhere = await runInProcess(['check'], { home: createTemporaryFolder(t) });
  assert.match(nowhere.stderr, /NOT_ENROLLED/u);
});
