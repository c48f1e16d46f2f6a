import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import { type FakeMcpServer, startFakeMcpServer } from '@holdfast/testkit';
import { runProgram, startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';

const COUNTING_MAIN = fileURLToPath(new URL('./testing/counting-agent.ts', import.meta.url));
const KILLS = 12;

async function enrolled(t: TestContext): Promise<{ readonly server: FakeMcpServer; readonly home: string }> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  server.state.intervalMs = 1_000;
  const home = createTemporaryFolder(t);
  const result = await runInProcess(['enroll', server.token], { home });
  assert.equal(result.code, 0, result.stderr);
  return { server, home };
}

/** Small, seeded and good enough to spread kills; the seed is printed when the test fails. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('killed at random moments, the agent does nothing twice and loses no result', async (t) => {
  const { server, home } = await enrolled(t);
  const effects = join(home, 'effects');
  mkdirSync(effects);
  const seed = Number(process.env['HOLDFAST_TEST_SEED'] ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const random = createRandom(seed);
  const ids = { append: [] as string[], create: [] as string[], steps: [] as string[] };
  const types = ['append', 'create', 'steps'] as const;
  const order = (type: (typeof types)[number]): void => {
    const id = createUuidV7(
      systemClock.now(),
      Uint8Array.from({ length: 10 }, () => Math.floor(random() * 256)),
    );
    ids[type].push(id);
    const issuedAt = systemClock.now();
    server.state.commands.push({
      id,
      type: `x-${type}`,
      parameters: {},
      issuedAt,
      expiresAt: issuedAt + 3_600_000,
    });
    server.state.commandsWait = true;
  };
  const start = () => startAgentProcess(t, { home, main: COUNTING_MAIN, env: { EFFECTS: effects } });

  for (let round = 0; round < KILLS; round++) {
    for (let count = 0; count < 5; count++) order(types[Math.floor(random() * types.length)] ?? 'append');
    const handshakes = server.state.calls.filter((call) => call.endsWith('/handshakes')).length;
    const agent = start();
    await eventually(
      'a handshake',
      () => server.state.calls.filter((call) => call.endsWith('/handshakes')).length > handshakes,
    );
    // The moment of the kill is what this test is about, and that of the wish to end something before it.
    await pause(random() * 200);
    const accepted = [...server.state.reports.keys()];
    const chosen = accepted[Math.floor(random() * accepted.length)];
    if (chosen !== undefined) server.state.cancelling.add(chosen);
    server.state.commandsWait = true;
    await pause(random() * 200);
    await agent.kill('SIGKILL');
  }

  const last = start();
  const all = [...ids.append, ...ids.create, ...ids.steps];
  const endOf = (id: string) =>
    server.state.reportLog.filter(
      ({ commandId, state }) => commandId === id && state !== 'accepted' && state !== 'running',
    );
  await eventually('the end of every command', () => all.every((id) => endOf(id).length > 0), 60_000);
  assert.equal(await last.kill('SIGTERM'), 0, last.log());

  const readLines = (name: string): string[] => {
    const path = join(effects, name);
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  };
  const [appended, steps] = [readLines('appended'), readLines('steps')];
  assert.equal(new Set(steps).size, steps.length, 'no step twice: what was saved is not begun again');
  let interrupted = 0;
  let cancelled = 0;
  for (const id of all) {
    const ends = new Set(endOf(id).map(({ state, code = '' }) => `${state} ${code}`.trim()));
    assert.equal(ends.size, 1, `one end for ${id}: ${[...ends].join(', ')}`);
    const [end] = ends;
    if (end === 'cancelled') {
      assert.ok(server.state.cancelling.has(id), `${id} was cancelled by nobody`);
      cancelled++;
    }
    if (ids.steps.includes(id)) {
      const count = steps.filter((line) => line.startsWith(id)).length;
      if (end === 'succeeded') assert.ok(count <= 4);
      else assert.match(end ?? '', /^cancelled$|COMMAND_ABANDONED$/u);
      continue;
    }
    const effectCount = ids.append.includes(id)
      ? appended.filter((line) => line === id).length
      : Number(existsSync(join(effects, id)));
    if (end === 'succeeded') assert.equal(effectCount, 1, `the effect of ${id}`);
    else if (end === 'cancelled') assert.ok(effectCount <= 1, `at most one effect of ${id}`);
    else {
      assert.match(end ?? '', /COMMAND_(?:INTERRUPTED|ABANDONED)$/u);
      assert.ok(effectCount <= 1, `at most one effect of ${id}`);
      interrupted++;
    }
  }
  t.diagnostic(`${all.length} commands, ${interrupted} interrupted, ${cancelled} cancelled`);
});

test('a second agent on the same folder is refused, and says which process is the first', async (t) => {
  const { server, home } = await enrolled(t);
  const first = startAgentProcess(t, { home });
  await eventually('a heartbeat', () =>
    [...server.state.products.values()].some(({ heartbeats }) => heartbeats > 0),
  );
  const second = await runInProcess(['run'], { home });
  assert.equal(second.code, 1);
  assert.match(second.stderr, new RegExp(`Another agent already works .*process ${first.processId}`, 'u'));
  const same = await runInProcess(['enroll', server.token, '--json'], { home });
  assert.match(same.stdout, /"already-enrolled"/u, same.stderr);
  const anew = await runInProcess(['enroll', server.token, '--force', '--json'], { home });
  assert.match(anew.stderr, /"AGENT_ALREADY_RUNNING"/u);
  const status = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as Record<
    string,
    unknown
  >;
  assert.equal(status['isRunning'], true);
});

test('the folder of a killed agent is free at once', async (t) => {
  const { server, home } = await enrolled(t);
  const heartbeats = () =>
    [...server.state.products.values()].reduce((sum, product) => sum + product.heartbeats, 0);
  const first = startAgentProcess(t, { home });
  await eventually('a heartbeat', () => heartbeats() > 0);
  await first.kill('SIGKILL');
  const before = heartbeats();
  startAgentProcess(t, { home });
  await eventually('a heartbeat of the next', () => heartbeats() > before);
});

test('SIGTERM and Ctrl-C end the agent with a goodbye and exit code 0', async (t) => {
  const { server, home } = await enrolled(t);
  for (const [index, signal] of (['SIGTERM', 'SIGINT'] as const).entries()) {
    const [product] = server.state.products.values();
    const before = product?.heartbeats ?? 0;
    const agent = startAgentProcess(t, { home });
    await eventually('a heartbeat', () => (product?.heartbeats ?? 0) > before);
    assert.equal(await agent.kill(signal), 0, agent.log());
    assert.equal(product?.goodbyes, index + 1);
  }
});

test('the debugger of the runtime is not to be had, and asking for it ends nothing', async (t) => {
  const { server, home } = await enrolled(t);
  const heartbeats = () => [...server.state.products.values()][0]?.heartbeats ?? 0;
  const agent = startAgentProcess(t, { home });
  await eventually('a heartbeat', () => heartbeats() > 0);
  process.kill(agent.processId, 'SIGUSR1');
  const before = heartbeats();
  await eventually('another heartbeat', () => heartbeats() > before);
  assert.equal(await agent.kill('SIGTERM'), 0, agent.log());
  assert.doesNotMatch(agent.log(), /debugger/iu);
});

test('without an enrolment the agent says what to do', async (t) => {
  const result = await runProgram(['run'], { home: createTemporaryFolder(t) });
  assert.equal(result.code, 78, 'the service is not started again for it');
  assert.match(result.stderr, /does not belong to a server yet/u);
});
