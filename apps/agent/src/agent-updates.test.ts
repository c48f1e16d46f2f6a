/** A running agent and a repository with real signatures, which its server serves over the loopback address. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ComponentStatesRequest } from '@holdfast/protocol';
import { makeTar } from './platform/test-tar.ts';
import { describeComponent } from './testing/test-component.ts';
import { type ComponentPublisher, startPublisher } from './testing/component-publisher.ts';
import { eventually } from './testing/eventually.ts';
import { createFakeComputer } from './testing/fake-computer.ts';
import { finalReports, orderCommand } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { type AgentVariant, createRunningAgent, type RunningAgent } from './testing/running-agent.ts';

const list = describeComponent('list', 'plain-file');
const rules = describeComponent('rules', 'rule-files');
const lines = (count: number, more = ''): string =>
  Array.from({ length: count }, (_, at) => `entry ${at} ${(at * 7_919) % 104_729}\n`).join('') + more;

interface Updated extends RunningAgent {
  readonly publisher: ComponentPublisher;
  /** What lies in the place of a component; `undefined`: nothing. */
  find(name: string): string | undefined;
  states(): ComponentStatesRequest['components'];
  stateOf(component: string): string | undefined;
  updateNow(
    components?: string,
  ): Promise<{ readonly state: string; readonly result: unknown; readonly detail: string }>;
}

async function setUp(t: TestContext, variant: AgentVariant = {}): Promise<Updated> {
  const running = await createRunningAgent(t, variant);
  const publisher = await startPublisher(t, running.server);
  const { server, home } = running;
  const states = () => server.state.componentStates.at(-1)?.components ?? [];
  return {
    ...running,
    publisher,
    find: (name) => {
      const path = join(home, 'placed', name);
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    },
    states,
    stateOf: (component) => states().find((one) => one.component === component)?.state,
    updateNow: async (components) => {
      const id = orderCommand(
        server,
        'update-now',
        3_600_000,
        components === undefined ? {} : { components },
      );
      await eventually('the command ends', () => finalReports(server, id).length === 1);
      const [{ state, result, detail = '' } = { state: '' }] = finalReports(server, id);
      return { state, result, detail };
    },
  };
}

test('right after it came to a server an agent has all components, and then the increments to newer ones', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, server, find, stateOf } = updated;
  const first = lines(5_000);
  await publisher.publish({ component: list, release: 1, content: first });
  await publisher.publish({
    component: rules,
    release: 4,
    content: makeTar([{ name: 'a.rules', content: 'four' }]),
  });
  await publisher.publish({
    component: describeComponent('other', 'plain-file', { platforms: ['windows', 'linux-mips'] }),
    release: 1,
    content: 'of another system',
  });
  agent.start();
  await eventually(
    'both are there',
    () => stateOf('list') === 'up-to-date' && stateOf('rules') === 'up-to-date',
  );
  assert.equal(find('list'), first);
  assert.equal(find('rules/a.rules'), 'four');
  assert.deepEqual(
    updated.states().map(({ component, release, version }) => [component, release, version]),
    [
      ['list', 1, '1.0.1'],
      ['rules', 4, '1.0.4'],
    ],
  );
  const { componentSetDigest } = server.state;
  await publisher.publish({ component: list, release: 2, content: lines(5_000, 'one more\n') });
  publisher.fetched.length = 0;
  const ended = await updated.updateNow();
  assert.equal(ended.detail, 'Updated: 1, up to date: 1, held back: 0, failed: 0.');
  assert.deepEqual(ended.result, {
    components: [
      { component: 'list', state: 'updated', release: 2 },
      { component: 'rules', state: 'up-to-date', release: 4 },
    ],
  });
  assert.equal(find('list'), lines(5_000, 'one more\n'));
  const targets = publisher.fetched.filter((path) => path.startsWith('targets/'));
  assert.deepEqual(
    targets.map((path) => path.replace(/[0-9a-f]{64}/u, 'HASH')),
    ['targets/components/list/2/HASH.from-1'],
    'nothing but the increment',
  );
  agent.loop.beat();
  await eventually(
    'the digest of the set is another',
    () => server.state.componentSetDigest !== componentSetDigest,
  );
});

test('an increment that is damaged on the way is made up for by the full file', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, server, find, codes } = updated;
  await publisher.publish({ component: list, release: 1, content: lines(2_000) });
  agent.start();
  await eventually('the first is there', () => updated.stateOf('list') === 'up-to-date');
  await publisher.publish({ component: list, release: 2, content: lines(2_000, 'more\n') });
  const folder = join(publisher.folder, 'targets/components/list/2');
  const name = readdirSync(folder).find((one) => one.endsWith('.from-1')) ?? '';
  const bytes = readFileSync(join(folder, name));
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(join(folder, name), bytes);
  assert.equal((await updated.updateNow()).state, 'succeeded');
  assert.equal(find('list'), lines(2_000, 'more\n'));
  assert.ok(codes().includes('INCREMENT_NOT_USED'));
  assert.ok(server.state.calls.some((call) => call.endsWith('.full')));
});

test('a file that is not what was signed changes nothing, is told with its reason, and keeps nobody else from being updated', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, find, home, database } = updated;
  await publisher.publish({ component: list, release: 1, content: 'one' });
  await publisher.publish({
    component: rules,
    release: 1,
    content: makeTar([{ name: 'a.rules', content: 'one' }]),
  });
  agent.start();
  await eventually(
    'both are there',
    () => updated.states().filter(({ state }) => state === 'up-to-date').length === 2,
  );
  await publisher.publish({ component: list, release: 2, content: 'two' });
  await publisher.publish({
    component: rules,
    release: 2,
    content: makeTar([{ name: 'a.rules', content: 'two' }]),
  });
  const folder = join(publisher.folder, 'targets/components/list/2');
  for (const name of readdirSync(folder)) writeFileSync(join(folder, name), 'bad');
  const ended = await updated.updateNow();
  assert.match(ended.detail, /^Updated: 1, up to date: 0, held back: 0, failed: 1\. list failed: /u);
  assert.deepEqual([find('list'), find('rules/a.rules')], ['one', 'two']);
  const failed = updated.states().find(({ component }) => component === 'list');
  assert.deepEqual(
    [failed?.state, failed?.release, failed?.target, failed?.code],
    ['failed', 1, 2, 'TARGET_WRONG'],
  );
  const status = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as {
    readonly components: readonly {
      readonly component: string;
      readonly state: string;
      readonly reason: string | null;
    }[];
  };
  assert.deepEqual(
    status.components.map(({ component, state }) => [component, state]),
    [
      ['list', 'failed'],
      ['rules', 'up-to-date'],
    ],
  );
  assert.match(
    (await runInProcess(['status'], { home })).stdout,
    /^Component: {6}list 1\.0\.1, failed: .*\(TARGET_WRONG\)/mu,
  );
  const [waiting] = database.connection.prepare('SELECT not_before FROM component_cool_down').all();
  assert.ok(Number(waiting?.['not_before']) > 0, 'the next look leaves it alone for a while');
  const check = await runInProcess(['check', '--json'], { home });
  assert.match(check.stdout, /"name": ?"components",\s*"state": ?"failed",\s*"text": ?"[^"]*list/u);
});

test('what the server holds back stays as it is, until it does not', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, server, find } = updated;
  for (const release of [1, 2, 3])
    await publisher.publish({ component: list, release, content: `list ${release}` });
  await publisher.publish({
    component: rules,
    release: 1,
    content: makeTar([{ name: 'a.rules', content: 'one' }]),
  });
  server.state.ceilings = [
    { component: 'list', release: 2 },
    { component: 'rules', release: 0 },
  ];
  agent.start();
  await eventually('what it may have is there', () => updated.stateOf('list') === 'up-to-date');
  assert.deepEqual([find('list'), find('rules/a.rules')], ['list 2', undefined]);
  assert.deepEqual((await updated.updateNow('list')).result, {
    components: [{ component: 'list', state: 'held', release: 2 }],
  });
  server.state.ceilings = undefined;
  await updated.updateNow();
  assert.deepEqual([find('list'), find('rules/a.rules')], ['list 3', 'one']);
});

test('a heartbeat that is answered with a newer catalogue has the agent look, and one with the same does not', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, server, find } = updated;
  await publisher.publish({ component: list, release: 1, content: 'one' });
  agent.start();
  await eventually('the first is there', () => updated.stateOf('list') === 'up-to-date');
  const followed = server.state.componentStates.at(-1)?.catalogueVersion ?? 0;
  assert.ok(followed > 0);
  const looks = () => publisher.fetched.filter((path) => path === 'metadata/timestamp.json').length;
  const before = looks();
  server.state.catalogueVersion = followed;
  agent.loop.beat();
  await eventually('a heartbeat is answered', () => server.state.verifier.productNumber > 0);
  await publisher.publish({ component: list, release: 2, content: 'two', isUrgent: true });
  assert.equal(looks(), before);
  server.state.catalogueVersion = followed + 1;
  agent.loop.beat();
  await eventually('the urgent one is there', () => find('list') === 'two');
});

test('components that need one another come in their order, and what they need in vain is named', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, find } = updated;
  const needing = (id: string, component: string, release?: number) =>
    describeComponent(id, 'plain-file', {
      dependencies: [release === undefined ? { component } : { component, release }],
    });
  await publisher.publish({ component: needing('a', 'engine', 2), release: 1, content: 'a' });
  await publisher.publish({
    component: describeComponent('engine', 'plain-file'),
    release: 2,
    content: 'engine',
  });
  await publisher.publish({ component: needing('b', 'nowhere'), release: 1, content: 'b' });
  agent.start();
  await eventually(
    'those that can be are there',
    () => updated.stateOf('b') === 'failed' && updated.stateOf('a') === 'up-to-date',
  );
  assert.deepEqual([find('a'), find('engine'), find('b')], ['a', 'engine', undefined]);
  const failed = updated.states().find(({ component }) => component === 'b');
  assert.equal(failed?.code, 'DEPENDENCY_MISSING');
  assert.match(failed?.reason ?? '', /nowhere/u);
});

test('a component that nobody knows, and one that this computer leaves out, are told as such', async (t) => {
  const updated = await setUp(t);
  const { publisher, agent, home, find } = updated;
  writeFileSync(join(home, 'components.json'), JSON.stringify({ rules: { isWanted: false } }));
  await publisher.publish({ component: list, release: 1, content: 'one' });
  await publisher.publish({
    component: rules,
    release: 1,
    content: makeTar([{ name: 'a.rules', content: 'one' }]),
  });
  agent.start();
  await eventually('the one is there', () => updated.stateOf('list') === 'up-to-date');
  assert.equal(find('rules/a.rules'), undefined);
  const ended = await updated.updateNow('list, rules');
  assert.deepEqual([ended.state, ended.detail.includes('no component rules')], ['failed', true]);
});

test('a server that knows nothing of components is not asked, and one without a repository is no trouble', async (t) => {
  const old = await setUp(t, {
    prepare: ({ state }) => {
      state.capabilityVersion = 3;
    },
  });
  await old.publisher.publish({ component: list, release: 1, content: 'one' });
  old.agent.start();
  assert.equal((await old.updateNow()).state, 'succeeded');
  assert.deepEqual([old.server.state.componentStates, old.publisher.fetched], [[], []]);
  const empty = await createRunningAgent(t);
  empty.agent.start();
  await eventually('it has looked', () => empty.codes().includes('METADATA_MISSING'));
  assert.equal(empty.agent.loop.state.phase, 'connected');
});

test('a new program of the agent is tried, started in place of this one, and reported by the process after it', async (t) => {
  const computer = createFakeComputer();
  const restarts: string[] = [];
  const program = describeComponent('agent', 'agent-program', { kind: 'program' });
  const archive = makeTar([{ name: 'agent.mjs', content: 'the new program' }]);
  const runToEnd: typeof computer.runToEnd = async (_, args) => ({
    status: 0,
    output: args.includes('version') ? '0.2.0\n' : '{"isEnrolled":true}',
  });
  const updated = await setUp(t, {
    computer: { ...computer, runToEnd },
    programRelease: 0,
    onRestart: () => restarts.push('wanted'),
  });
  const { publisher, agent, home, server } = updated;
  await publisher.publish({
    component: program,
    release: 1,
    content: makeTar([{ name: 'agent.mjs', content: 'this one' }]),
    version: '0.1.0',
  });
  agent.start();
  await eventually('it is what was published first', () => updated.stateOf('agent') === 'up-to-date');
  assert.ok(!existsSync(join(home, 'programs')), 'and nothing was fetched for that');
  await publisher.publish({ component: program, release: 2, content: archive, version: '0.2.0' });
  const id = orderCommand(server, 'update-now');
  await eventually('it wants to be started anew', () => restarts.length === 1);
  assert.equal(readFileSync(join(home, 'programs/current'), 'utf8'), '2\n');
  assert.equal(readFileSync(join(home, 'programs/2/agent.mjs'), 'utf8'), 'the new program');
  assert.equal(statSync(join(home, 'programs')).mode & 0o777, 0o700);
  await eventually('it is said to wait for its proof', () => updated.stateOf('agent') === 'staged');
  assert.equal(finalReports(server, id).length, 0);
  await agent.stop('restart-command');

  const { openAgent } = await import('./testing/running-agent.ts');
  const after = await openAgent(t, server, home, { computer: { ...computer, runToEnd }, programRelease: 2 });
  after.agent.start();
  await eventually('the command ends', () => finalReports(server, id).length === 1);
  assert.deepEqual(finalReports(server, id)[0]?.result, {
    components: [{ component: 'agent', state: 'updated', release: 2 }],
  });
  assert.ok(!existsSync(join(home, 'programs/trial')), 'it stays');
  await eventually('it is told', () => updated.stateOf('agent') === 'up-to-date');
});

test('the former program that runs again says that the new one did not come up, and leaves it alone for a while', async (t) => {
  const updated = await setUp(t, { programRelease: 0 });
  const { publisher, agent, home, server, database } = updated;
  const program = describeComponent('agent', 'agent-program', { kind: 'program' });
  await publisher.publish({
    component: program,
    release: 2,
    content: makeTar([{ name: 'agent.mjs', content: 'x' }]),
    version: '0.2.0',
  });
  mkdirSync(join(home, 'programs'));
  writeFileSync(join(home, 'programs/returned'), '2 did-not-start\n');
  database.connection
    .prepare(
      `INSERT INTO component (id, description, next_release, next_version, target_release, step, changed_at)
       VALUES ('agent', ?, 2, '0.2.0', 2, 'on-trial', 1)`,
    )
    .run(JSON.stringify(program));
  agent.start();
  await eventually('it is told', () => updated.stateOf('agent') === 'failed');
  assert.equal(updated.states()[0]?.code, 'AGENT_PROGRAM_DID_NOT_START');
  agent.loop.want('updates');
  await eventually(
    'it has looked again',
    () => publisher.fetched.filter((path) => path === 'metadata/timestamp.json').length >= 2,
  );
  assert.ok(!publisher.fetched.some((path) => path.startsWith('targets/')), 'and fetched nothing');
  assert.equal(server.state.componentStates.at(-1)?.components[0]?.state, 'failed');
});
