import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { mcpPath } from '@holdfast/protocol';
import { type FakeMcpServer, startFakeMcpServer } from '@holdfast/testkit';
import { createOfflineLogWriter, createRunRecord } from './modules/logs/index.ts';
import { createRegistrationStore } from './modules/registration/index.ts';
import { openStateDatabase, type StateDatabase } from './platform/state-database.ts';
import { createStateNotes } from './platform/state-note.ts';
import { describeStateFolder } from './platform/state-folder.ts';
import { lockStateFolder } from './platform/state-lock.ts';
import { stateVersion } from './state-version.ts';
import { startAgentProcess } from './testing/agent-process.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createTemporaryFolder } from './platform/test-folder.ts';

interface Bench {
  readonly server: FakeMcpServer;
  readonly home: string;
  /** Calls that were made since. */
  readonly calls: () => string[];
}

/** What the goodbye says on standard output. */
interface Said {
  readonly outcome: string;
  readonly code?: string;
}

async function setUp(t: TestContext): Promise<Bench> {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const home = createTemporaryFolder(t);
  const enrolled = await runInProcess(['enroll', server.token], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  const before = server.state.calls.length;
  return {
    server,
    home,
    calls: () => server.state.calls.slice(before).map((call) => call.split(' ')[1] ?? ''),
  };
}

function withState(home: string, change: (database: StateDatabase) => void): void {
  const database = openStateDatabase(describeStateFolder(home).databasePath, stateVersion);
  try {
    change(database);
  } finally {
    database.close();
  }
}

const openRun = (database: StateDatabase) =>
  createRunRecord({
    database,
    events: createOfflineLogWriter(database, systemClock),
    clock: systemClock,
    version: '0.1.0',
  });

/** As a kill leaves it: a run that began, and no word of its end. */
const fall = (home: string): void => withState(home, (database) => openRun(database).recordStart());

async function sayGoodbye(home: string, signal?: AbortSignal): Promise<Said> {
  const result = await runInProcess(['goodbye', '--json'], {
    home,
    ...(signal === undefined ? {} : { signal }),
  });
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout) as Said;
}

const goodbyesAt = ({ state }: FakeMcpServer): number =>
  [...state.products.values()].reduce((sum, { goodbyes }) => sum + goodbyes, 0);

/** Something that takes connections and never says a word. */
async function listenSilently(t: TestContext): Promise<string> {
  const listener = createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => listener.close());
  return `https://127.0.0.1:${(listener.address() as AddressInfo).port}`;
}

function useAddresses(home: string, addresses: readonly string[]): void {
  withState(home, (database) =>
    database.transaction(() => createRegistrationStore(database).saveAddresses(addresses)),
  );
}

test('of an agent that fell the server is told once, and nothing else is done in its name', async (t) => {
  const { server, home, calls } = await setUp(t);
  server.state.commandsWait = true;
  fall(home);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said' });
  assert.equal(goodbyesAt(server), 1);
  const [product] = server.state.products.values();
  assert.equal(product?.waitingLogEntries, 2, 'what it reported waits for the next agent');
  const once = [mcpPath.challenges, mcpPath.handshakes, mcpPath.heartbeats];
  assert.deepEqual(calls(), once);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said-already' });
  assert.deepEqual(calls(), once, 'a service that is restarted in vain is no sign of life each time');

  let starts: unknown[] = [];
  withState(home, (database) => {
    openRun(database).recordStart();
    starts = database.connection
      .prepare('SELECT body FROM log_entry ORDER BY sequence')
      .all()
      .map(({ body }) => JSON.parse(String(body)) as { type: string; facts: { reason: unknown } })
      .filter(({ type }) => type === 'agent-started')
      .map(({ facts }) => facts.reason);
  });
  assert.deepEqual(starts, ['first-start', 'ended-unexpectedly'], 'the next start still tells of the fall');
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said' }, 'the next fall is another one');
});

test('a person reads a sentence', async (t) => {
  const { home } = await setUp(t);
  fall(home);
  const said = await runInProcess(['goodbye'], { home });
  assert.deepEqual(
    [said.code, said.stdout, said.stderr],
    [0, 'The server knows that the agent is gone.\n', ''],
  );
  const again = await runInProcess(['goodbye'], { home });
  assert.match(again.stdout, /^The server has been told already/u);
});

test('nothing is said of an agent that runs, that said goodbye itself, that never ran, or whose key is shared', async (t) => {
  const { home, calls } = await setUp(t);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'never-ran' });
  fall(home);
  const lock = lockStateFolder(describeStateFolder(home), '2026-11-22T00:00:00.000Z');
  assert.deepEqual(await sayGoodbye(home), { outcome: 'agent-runs' });
  lock.release();
  withState(home, (database) => createStateNotes(database).save('key-shared', { at: 1 }));
  assert.deepEqual(await sayGoodbye(home), { outcome: 'key-shared' });
  withState(home, (database) => {
    createStateNotes(database).remove('key-shared');
    openRun(database).recordStop('asked');
  });
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said-by-itself' });
  assert.deepEqual(calls(), []);
});

test('where nobody is enrolled nothing is said, and no folder is made', async (t) => {
  const parent = createTemporaryFolder(t);
  assert.deepEqual(await sayGoodbye(join(parent, 'none')), { outcome: 'not-enrolled' });
  assert.deepEqual(readdirSync(parent), []);
  const home = createTemporaryFolder(t);
  withState(home, (database) => openRun(database).recordStart());
  assert.deepEqual(await sayGoodbye(home), { outcome: 'not-enrolled' });
});

test('a folder that lost its state has nobody to speak for', async (t) => {
  const { home, calls } = await setUp(t);
  fall(home);
  rmSync(describeStateFolder(home).databasePath);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'not-enrolled' });
  assert.deepEqual(calls(), []);
});

test('a state of another version is left as it is', async (t) => {
  const { home, calls } = await setUp(t);
  fall(home);
  withState(home, ({ connection }) => {
    connection.exec("INSERT INTO state_migration (name, oldest_reader) VALUES ('of-tomorrow', '9.0.0')");
  });
  assert.deepEqual(await sayGoodbye(home), { outcome: 'other-version' });
  assert.deepEqual(calls(), []);
});

test('a server that is away is told of in one sentence, is no failure, and is told when it is back', async (t) => {
  const { server, home } = await setUp(t);
  fall(home);
  await server.stop();
  const result = await runInProcess(['goodbye'], { home });
  assert.equal(result.code, 0);
  assert.match(
    result.stderr,
    /^holdfast: the server was not told that the agent is gone: [^\n]+ \(SERVER_UNREACHABLE\)\n$/u,
  );
  await server.start();
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said' });
});

test('a server that never answers, at any of its addresses, is given up on within 3 seconds, and the folder is free then', async (t) => {
  const { home } = await setUp(t);
  fall(home);
  useAddresses(home, await Promise.all([1, 2, 3, 4].map(async () => await listenSilently(t))));
  const begun = performance.now();
  const said = await sayGoodbye(home);
  assert.deepEqual([said.outcome, said.code], ['not-said', 'SERVER_UNREACHABLE']);
  assert.ok(performance.now() - begun < 3_000, `${performance.now() - begun} ms`);
  lockStateFolder(describeStateFolder(home), '').release();
});

test('an address that never answers leaves time for the next one', async (t) => {
  const { server, home } = await setUp(t);
  fall(home);
  useAddresses(home, [await listenSilently(t), server.address]);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said' });
});

test('a refusal of the server is no failure either', async (t) => {
  const { server, home } = await setUp(t);
  fall(home);
  for (const product of server.state.products.values()) product.isDisabled = true;
  const said = await sayGoodbye(home);
  assert.deepEqual([said.outcome, said.code], ['not-said', 'PRODUCT_DISABLED']);
});

test('after its end it makes no handshake, which would end that of the next agent', async (t) => {
  const { server, home } = await setUp(t);
  fall(home);
  const held = Promise.withResolvers<undefined>();
  server.state.faults.answer = async (path) => (path === mcpPath.challenges ? await held.promise : undefined);
  useAddresses(home, [await listenSilently(t), server.address]);
  const ending = new AbortController();
  const challenges = () => server.state.calls.filter((call) => call.endsWith(mcpPath.challenges)).length;
  const handshakes = () => server.state.calls.filter((call) => call.endsWith(mcpPath.handshakes)).length;
  const before = challenges();
  const saying = sayGoodbye(home, ending.signal);
  // Its connections are cut with its end, and it finds another address to ask.
  ending.abort();
  assert.equal((await saying).outcome, 'not-said');
  held.resolve(undefined);
  await eventually('the late question', () => challenges() > before);
  const { outcome } = await sayGoodbye(home);
  assert.deepEqual([outcome, handshakes()], ['said', 1]);
});

test('an agent that starts meanwhile waits, and its handshake comes last', async (t) => {
  const { server, home, calls } = await setUp(t);
  fall(home);
  const held = Promise.withResolvers<undefined>();
  const asked = Promise.withResolvers<void>();
  server.state.faults.answer = async (path) => {
    if (path !== mcpPath.handshakes) return undefined;
    asked.resolve();
    return await held.promise;
  };
  const saying = sayGoodbye(home);
  await asked.promise;
  const ending = new AbortController();
  const running = runInProcess(['run'], { home, signal: ending.signal });
  t.after(async () => {
    ending.abort();
    await running;
  });
  const status = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as {
    isRunning: boolean;
  };
  assert.equal(status.isRunning, false, 'who says goodbye is no agent that runs');
  held.resolve(undefined);
  assert.deepEqual(await saying, { outcome: 'said' });
  await eventually('the agent is there', () =>
    [...server.state.products.values()].some(({ heartbeats, goodbyes }) => heartbeats > goodbyes),
  );
  ending.abort();
  assert.equal((await running).code, 0);
  const order = calls().filter((path) => path === mcpPath.handshakes || path === mcpPath.heartbeats);
  assert.deepEqual(order.slice(0, 3), [mcpPath.handshakes, mcpPath.heartbeats, mcpPath.handshakes]);
});

test('an agent that was killed is gone for the server when its goodbye has been said, and comes back as one', async (t) => {
  const { server, home } = await setUp(t);
  const heartbeats = () =>
    [...server.state.products.values()].reduce((sum, product) => sum + product.heartbeats, 0);
  const first = startAgentProcess(t, { home });
  await eventually('a heartbeat', () => heartbeats() > 0);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'agent-runs' });
  await first.kill('SIGKILL');
  assert.ok(existsSync(describeStateFolder(home).processPath), 'it had no time to tidy up');
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said' });
  assert.equal(goodbyesAt(server), 1);
  const before = heartbeats();
  const second = startAgentProcess(t, { home });
  await eventually('it is back', () => heartbeats() > before);
  assert.equal(await second.kill('SIGTERM'), 0, second.log());
  assert.equal(goodbyesAt(server), 2);
  assert.deepEqual(await sayGoodbye(home), { outcome: 'said-by-itself' });
});
