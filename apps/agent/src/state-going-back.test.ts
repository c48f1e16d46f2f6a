/** The agent of release 0.1.0 on what today's agent left, and the other way round: an update can be taken back. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@holdfast/kernel';
import type { AgentStatus } from './modules/status/index.ts';
import { type FakeMcpServer, openPreviousRelease, startFakeMcpServer } from '@holdfast/testkit';
import { type AgentProcess, runProgram, startAgentProcess } from './testing/agent-process.ts';
import { openStateDatabase } from './platform/state-database.ts';
import { eventually } from './testing/eventually.ts';
import { finalReports, orderCommand } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';

const TODAY = fileURLToPath(new URL('./testing/counting-agent.ts', import.meta.url));
const HOUR_MS = 3_600_000;

interface Computer {
  readonly server: FakeMcpServer;
  readonly home: string;
  readonly effects: string;
  /** Path of the program of 0.1.0. */
  readonly old: string;
  startOld(): Promise<AgentProcess>;
  startToday(): Promise<AgentProcess>;
}

/** Enrolled by the agent of 0.1.0, with the work in its state that the kept computer of that release had. */
async function openComputer(t: TestContext): Promise<Computer> {
  const release = openPreviousRelease('0.1.0');
  const folder = createTemporaryFolder(t);
  const [home, enrolledHome, effects] = ['home', 'enrolled', 'effects'].map((name) => join(folder, name));
  assert.ok(home !== undefined && enrolledHome !== undefined && effects !== undefined);
  mkdirSync(effects);
  const old = release.unpackAgentProgram(join(folder, 'old'));
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const enrolled = await runProgram(['enroll', server.token], { home: enrolledHome, main: old });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  release.unpackAgentState('desk-01', home);
  copyFileSync(join(enrolledHome, 'agent.key'), join(home, 'agent.key'));
  const state = new DatabaseSync(join(home, 'state.sqlite'));
  state.exec(`
    ATTACH '${join(enrolledHome, 'state.sqlite')}' AS enrolled;
    DELETE FROM registration;
    INSERT INTO registration SELECT * FROM enrolled.registration;
    UPDATE command SET expires_at = ${systemClock.now() + HOUR_MS};
  `);
  for (const { id, type } of state.prepare('SELECT id, type FROM command').all()) {
    const issuedAt = systemClock.now();
    const order = {
      id: String(id),
      type: String(type),
      parameters: {},
      issuedAt,
      expiresAt: issuedAt + HOUR_MS,
    };
    server.state.commands.push(order);
    // Known as accepted: it is not offered again.
    server.state.reports.set(order.id, { commandId: order.id, state: 'accepted', at: issuedAt });
  }
  state.close();
  const start = async (main: string): Promise<AgentProcess> => {
    const before = handshakesOf(server);
    const process = startAgentProcess(t, { home, main, env: { EFFECTS: effects } });
    await eventually(`a handshake of ${main}`, () => {
      assert.equal(process.exitCode(), null, process.log());
      return handshakesOf(server) > before;
    });
    return process;
  };
  return {
    server,
    home,
    effects,
    old,
    startOld: async () => await start(old),
    startToday: async () => await start(TODAY),
  };
}

const handshakesOf = ({ state }: FakeMcpServer): number =>
  state.calls.filter((call) => call.endsWith('/handshakes')).length;

/** States and codes with which a command ended; each way once, however often it was told. */
const endsOf = (server: FakeMcpServer, id: string): string[] => [
  ...new Set(finalReports(server, id).map(({ state, code = '' }) => `${state} ${code}`.trim())),
];

function read(home: string, sql: string): Record<string, unknown>[] {
  const state = new DatabaseSync(join(home, 'state.sqlite'), { readOnly: true });
  try {
    return state.prepare(sql).all();
  } finally {
    state.close();
  }
}

/** What today's agent has of a component, and what it leaves alone for a while: the one before knows of neither. */
function keepComponent(home: string): void {
  const description = {
    id: 'list',
    handler: 'plain-file',
    kind: 'rules',
    title: 'List',
    platforms: ['any'],
    dependencies: [],
  };
  const state = new DatabaseSync(join(home, 'state.sqlite'));
  state
    .prepare(
      `INSERT INTO component (id, description, release, version, step, changed_at)
       VALUES ('list', ?, 3, '1.0.3', 'rest', 1)`,
    )
    .run(JSON.stringify(description));
  state.exec("INSERT INTO component_cool_down VALUES ('list', 'switch', 4, 2, 9)");
  state.close();
}

function readLines(path: string): string[] {
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('an agent that was updated ends what the one before had begun, and the one before goes on with what it leaves', async (t) => {
  const { server, home, effects, startOld, startToday } = await openComputer(t);
  const ofOld = server.state.commands.map(({ id }) => id);

  // The update: commands in each state of 0.1.0 come to their end.
  let agent = await startToday();
  await eventually('every command of the old agent ends', () =>
    ofOld.every((id) => endsOf(server, id).length === 1),
  );
  assert.equal(read(home, 'PRAGMA user_version')[0]?.['user_version'], 4);

  // Work of the new kind, in the middle of which it is killed: running with progress, to be ended, in line behind it, cancelled.
  const lingering = orderCommand(server, 'x-linger');
  const behind = orderCommand(server, 'x-linger');
  await eventually('it lingers, and says how far it is', () =>
    server.state.reportLog.some(
      ({ commandId, progress }) => commandId === lingering && progress?.percent === 40,
    ),
  );
  const appended = orderCommand(server, 'x-append');
  await eventually('the effect', () => endsOf(server, appended).length === 1);
  await eventually('the one behind is in line', () => server.state.reports.get(behind)?.state === 'accepted');
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/commands/reports'
      ? { status: 503, mediaType: 'text/plain', body: Buffer.from('') }
      : undefined;
  server.state.cancelling.add(lingering).add(behind);
  server.state.commandsWait = true;
  await eventually('both wishes are on the disk', () => {
    const [asked] = read(home, 'SELECT count(*) AS n FROM command_run WHERE cancel_asked_at IS NOT NULL');
    const [ended] = read(home, `SELECT state FROM command WHERE id = '${behind}'`);
    return asked?.['n'] === 1 && ended?.['state'] === 'finished';
  });
  const status = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as AgentStatus;
  assert.deepEqual(status.commands, [
    { id: lingering, type: 'x-linger', isCancelAsked: true, percent: 40, text: 'Lingering' },
  ]);
  const shown = (await runInProcess(['status'], { home })).stdout;
  assert.match(shown, /^Carries out: {4}x-linger, 40 %, Lingering, is being ended$/mu);
  const [run] = read(home, 'SELECT saved, progress FROM command_run');
  assert.deepEqual(
    [run?.['saved'], run?.['progress']],
    ['{"starts":1}', '{"percent":40,"text":"Lingering"}'],
  );
  await agent.kill('SIGKILL');
  server.state.faults.answer = undefined;
  keepComponent(home);

  // Back to 0.1.0: it delivers what waits, ends what it does not know, and takes orders.
  agent = await startOld();
  const forOld = orderCommand(server, 'collect-inventory');
  const ends = [lingering, behind, forOld];
  await eventually('the old agent ends all of it', () => ends.every((id) => endsOf(server, id).length === 1));
  assert.deepEqual(endsOf(server, behind), ['cancelled']);
  assert.deepEqual(endsOf(server, lingering), ['failed COMMAND_INTERRUPTED']);
  assert.deepEqual(endsOf(server, forOld), ['succeeded']);
  assert.equal(await agent.kill('SIGTERM'), 0, agent.log());

  // And forward again: nothing of it is begun a second time, nothing is left behind.
  agent = await startToday();
  const forToday = orderCommand(server, 'x-append');
  await eventually('today’s agent works', () => endsOf(server, forToday).length === 1);
  assert.equal(await agent.kill('SIGTERM'), 0, agent.log());
  assert.deepEqual(readLines(join(effects, 'lingered')), [`${lingering} 1`]);
  assert.deepEqual(readLines(join(effects, 'appended')), [appended, forToday]);
  for (const id of [...ofOld, ...ends, appended, forToday]) assert.equal(endsOf(server, id).length, 1, id);
  assert.deepEqual(read(home, 'SELECT command_id FROM command_run'), []);
  const [component] = read(home, 'SELECT id, release, step FROM component');
  assert.deepEqual({ ...component }, { id: 'list', release: 3, step: 'rest' });
  assert.equal(read(home, 'SELECT failures FROM component_cool_down')[0]?.['failures'], 2);
  const [journal] = read(home, "SELECT dropped_count, last_sequence FROM log_journal WHERE name = 'general'");
  assert.equal(journal?.['dropped_count'], 0, 'one journal goes through all of it');
});

test('status of today reads the state of 0.1.0 as it is, and changes nothing of it', async (t) => {
  const { home } = await openComputer(t);
  const before = readFileSync(join(home, 'state.sqlite'));
  const status = await runInProcess(['status', '--json'], { home });
  assert.equal(status.code, 0, status.stderr);
  assert.deepEqual(readFileSync(join(home, 'state.sqlite')), before);
});

test('a change that 0.1.0 could not stand keeps it out, with nothing changed', async (t) => {
  const { home, old } = await openComputer(t);
  const statements = 'CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT';
  const migrations = [{ name: 'later', oldestReader: '0.2.0', statements }];
  openStateDatabase(join(home, 'state.sqlite'), { release: '0.2.0', migrations }).close();
  const refused = await runProgram(['run'], { home, main: old });
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /written by a newer agent/u);
});
