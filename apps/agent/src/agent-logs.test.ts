import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import type { CommandReport, LogEntry } from '@holdfast/protocol';
import { type FakeMcpServer, type FakeReply, startFakeMcpServer } from '@holdfast/testkit';
import type { InventoryCollector, InventoryFacts } from './modules/inventory/index.ts';
import { readAgentStatus } from './modules/status/index.ts';
import { eventually } from './testing/eventually.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createRunningAgent, openAgent } from './testing/running-agent.ts';

let counter = 0;

function orderCommand(server: FakeMcpServer, type: string, parameters: Record<string, unknown> = {}): string {
  counter++;
  const id = createUuidV7(
    systemClock.now(),
    Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, counter >> 8, counter & 0xff),
  );
  const issuedAt = systemClock.now();
  server.state.commands.push({ id, type, parameters, issuedAt, expiresAt: issuedAt + 3_600_000 });
  server.state.commandsWait = true;
  return id;
}

const entriesOf = (server: FakeMcpServer): LogEntry[] => [...server.state.journals.values()].flat();
const typesOf = (server: FakeMcpServer): string[] => entriesOf(server).map(({ type }) => type);
const find = (server: FakeMcpServer, type: string) => entriesOf(server).find((entry) => entry.type === type);

async function endOf(server: FakeMcpServer, id: string): Promise<CommandReport> {
  const ends = () =>
    server.state.reportLog.filter(
      ({ commandId, state }) => commandId === id && (state === 'succeeded' || state === 'failed'),
    );
  await eventually('the end of the command', () => ends().length > 0);
  const [end] = ends();
  assert.ok(end);
  return end;
}

const overloaded: FakeReply = {
  status: 503,
  mediaType: 'application/problem+json',
  body: Buffer.from('{"code":"OVERLOADED","status":503,"title":"","facts":{"retryAfterMs":1000}}'),
};

test('what happened is told: enrolment first, then the start, the handshake and each command', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  const id = orderCommand(server, 'collect-inventory');
  await endOf(server, id);
  await eventually('the entry of its end', () => typesOf(server).includes('command-ended'));
  assert.equal(server.state.journals.size, 2);
  const [security] = server.state.journals.values();
  assert.equal(security?.[0]?.type, 'agent-enrolled', 'security first');
  assert.deepEqual(find(server, 'agent-started')?.facts?.['reason'], 'first-start');
  const { transport, mode } = find(server, 'handshake-made')?.facts ?? {};
  assert.deepEqual([transport, mode], ['udp-acknowledged', 'one-way']);
  const ended = find(server, 'command-ended');
  assert.deepEqual(ended?.facts, { type: 'collect-inventory', commandId: id, outcome: 'succeeded' });
});

test('a heartbeat says how many entries wait; one about security goes at once', async (t) => {
  const { server, agent } = await createRunningAgent(t, {
    prepare: ({ state }) => {
      state.faults.answer = (path) => (path.endsWith('/logs') ? overloaded : undefined);
    },
  });
  agent.start();
  const [product] = server.state.products.values();
  await eventually('entries that wait', () => (product?.waitingLogEntries ?? 0) >= 3);
  server.state.faults.answer = undefined;
  await eventually('no entries that wait', () => product?.waitingLogEntries === 0);
  server.state.intervalMs = 3_600_000;
  await eventually('long intervals', () => agent.loop.state.intervalMs === 3_600_000);
  agent.events.record('another-instance-refused');
  await eventually('it came without a heartbeat', () => typesOf(server).includes('another-instance-refused'));
});

test('while the server takes no entries, heartbeats and commands go on', async (t) => {
  const { server, agent, database } = await createRunningAgent(t);
  server.state.faults.answer = (path) => (path.endsWith('/logs') ? overloaded : undefined);
  agent.start();
  const { state } = await endOf(server, orderCommand(server, 'collect-inventory'));
  assert.equal(state, 'succeeded');
  assert.equal(server.state.journals.size, 0);
  const { journals } = readAgentStatus({ version: '', home: '', running: undefined, database });
  assert.ok(journals.general.entryCount >= 3 && journals.security.entryCount === 1);
});

test('in idle hours only security entries and reports pass; what waited goes when they end', async (t) => {
  const { server, agent } = await createRunningAgent(t, {
    prepare: ({ state }) => {
      state.isIdle = true;
    },
  });
  agent.start();
  await eventually('idle hours', () => agent.loop.state.areHoursKnown && agent.loop.state.isIdle);
  agent.events.record('address-changed');
  agent.events.record('another-instance-refused');
  await eventually('the security entry', () => typesOf(server).includes('another-instance-refused'));
  const { state } = await endOf(server, orderCommand(server, 'run-health-check'));
  assert.equal(state, 'succeeded');
  const [product] = server.state.products.values();
  const beats = product?.heartbeats ?? 0;
  await eventually('two heartbeats more', () => (product?.heartbeats ?? 0) >= beats + 2);
  const early = typesOf(server);
  assert.ok(!early.includes('address-changed') && !early.includes('agent-started'), early.join());
  server.state.isIdle = false;
  await eventually('what waited', () =>
    ['agent-started', 'address-changed'].every((type) => typesOf(server).includes(type)),
  );
});

test('"upload-logs" sends all entries, in idle hours too', async (t) => {
  const { server, agent } = await createRunningAgent(t, {
    prepare: ({ state }) => {
      state.isIdle = true;
    },
  });
  agent.start();
  await eventually('idle hours', () => agent.loop.state.isIdle);
  agent.events.record('address-changed');
  const { state, result } = await endOf(server, orderCommand(server, 'upload-logs'));
  assert.equal(state, 'succeeded');
  assert.ok(Number(result?.['logEntries']) >= 1);
  assert.ok(typesOf(server).includes('address-changed'));
});

test('"synchronise-now" beats, fetches, sends an inventory only when it changed, and the entries', async (t) => {
  let model = 'One';
  const facts = (): InventoryFacts => ({
    hardware: { model },
    memory: { totalBytes: 1, availableBytes: counter++ },
  });
  const collector: InventoryCollector = {
    collect: async () => facts(),
    findHardwareId: async () => undefined,
  };
  const { server, agent } = await createRunningAgent(t, { collector });
  agent.start();
  await eventually('the first inventory', () => server.state.inventory !== undefined);
  const puts = () => server.state.calls.filter((call) => call === 'PUT /mcp/v1/inventory').length;
  const before = puts();
  const same = await endOf(server, orderCommand(server, 'synchronise-now'));
  assert.equal(same.state, 'succeeded', same.detail);
  assert.deepEqual([same.result?.['inventory'], puts()], ['unchanged', before]);
  model = 'Two';
  const changed = await endOf(server, orderCommand(server, 'synchronise-now'));
  assert.deepEqual([changed.result?.['inventory'], puts()], ['sent', before + 1]);
});

test('"handshake-again" is done when another handshake was made', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('the first handshake', () => agent.loop.state.handshakeNumber === 1);
  const { state, detail } = await endOf(server, orderCommand(server, 'handshake-again'));
  assert.equal(state, 'succeeded', detail);
  assert.ok(agent.loop.state.handshakeNumber >= 2);
});

test('"set-log-level" sets it and says what it was; a level that nobody knows is refused', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  const { result } = await endOf(
    server,
    orderCommand(server, 'set-log-level', { level: 'warn', forMinutes: 5 }),
  );
  assert.deepEqual(result, { from: 'debug', to: 'warn', forMinutes: 5 });
  for (const parameters of [{}, { level: 'loud' }, { level: 'info', forMinutes: 0 }]) {
    const { state, code } = await endOf(server, orderCommand(server, 'set-log-level', parameters));
    assert.deepEqual([state, code], ['failed', 'COMMAND_PARAMETERS_INVALID']);
  }
});

test('"run-health-check" answers ten checks with a state and a sentence each', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('the inventory', () => server.state.inventory !== undefined);
  const { result, detail } = await endOf(server, orderCommand(server, 'run-health-check'));
  const checks = result?.['checks'] as { name: string; state: string; text: string }[];
  const names = 'clock certificate disk-space outbox journals inventory transport components database memory';
  assert.equal(checks.map(({ name }) => name).join(' '), names);
  const bad = checks.filter(
    ({ name, state }) => state !== 'ok' && name !== 'memory' && name !== 'disk-space',
  );
  assert.deepEqual(bad, [], detail);
});

test('"restart-agent" is reported by the next agent, and refused where nothing would start one', async (t) => {
  let restarts = 0;
  const first = await createRunningAgent(t, { onRestart: () => restarts++ });
  const { server, home } = first;
  first.agent.start();
  const id = orderCommand(server, 'restart-agent');
  await eventually('the wish for a restart', () => restarts === 1);
  await first.agent.stop('restart-command');
  const reported = server.state.reportLog.filter(({ commandId }) => commandId === id);
  assert.deepEqual([...new Set(reported.map(({ state }) => state))], ['accepted', 'running']);
  const second = await openAgent(t, server, home, { isSupervised: false });
  second.agent.start();
  assert.equal((await endOf(server, id)).state, 'succeeded');
  const starts = () => entriesOf(server).filter(({ type }) => type === 'agent-started');
  await eventually('the entry of the second start', () => starts().length === 2);
  assert.equal(starts().at(-1)?.facts?.['reason'], 'restart-command');
  const refused = await endOf(server, orderCommand(server, 'restart-agent'));
  assert.equal(refused.code, 'AGENT_NOT_SUPERVISED');
});

test('a disk whose encryption state changes is reported once, over a restart too', async (t) => {
  let encryption: 'encrypted' | 'not-encrypted' = 'encrypted';
  const collector: InventoryCollector = {
    collect: async () => ({
      disks: [
        { name: 'sda', sizeBytes: 1, encryption },
        { name: 'stick', sizeBytes: 1, isRemovable: true, encryption },
      ],
    }),
    findHardwareId: async () => undefined,
  };
  const { server, agent, home } = await createRunningAgent(t, { collector });
  agent.start();
  await eventually('the first facts', () => server.state.inventory !== undefined);
  await agent.stop();
  assert.ok(!typesOf(server).includes('disk-encryption-changed'));
  encryption = 'not-encrypted';
  const second = await openAgent(t, server, home, { collector });
  second.agent.start();
  await eventually('the entry', () => typesOf(server).includes('disk-encryption-changed'));
  await endOf(server, orderCommand(server, 'collect-inventory'));
  const changes = entriesOf(server).filter(({ type }) => type === 'disk-encryption-changed');
  assert.deepEqual(
    changes.map(({ facts, severity }) => [facts, severity]),
    [[{ disk: 'sda', from: 'encrypted', to: 'not-encrypted' }, 'warning']],
  );
});

test('a state file that was lost is reported when the computer comes back with its key', async (t) => {
  const { server, agent, home } = await createRunningAgent(t);
  agent.start();
  await eventually('the first entries', () => typesOf(server).includes('agent-enrolled'));
  await agent.stop();
  assert.ok(!typesOf(server).includes('state-database-repaired'));
  for (const ending of ['', '-wal', '-shm']) rmSync(join(home, `state.sqlite${ending}`), { force: true });
  const enrolled = await runInProcess(['enroll', server.token], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  const second = await openAgent(t, server, home);
  second.agent.start();
  await eventually('the entry', () => typesOf(server).includes('state-database-repaired'));
});

test('another server gets none of the entries that were meant for the former one', async (t) => {
  const former = await createRunningAgent(t);
  former.agent.events.record('another-instance-refused');
  await former.agent.stop();
  const other = await startFakeMcpServer();
  t.after(() => other.close());
  const { home } = former;
  assert.equal((await runInProcess(['enroll', other.token, '--force'], { home })).code, 0);
  const { agent } = await openAgent(t, other, home);
  agent.start();
  await eventually('the entries of the start', () => typesOf(other).includes('agent-started'));
  assert.deepEqual(
    typesOf(other).filter((type) => type !== 'handshake-made'),
    ['agent-enrolled', 'agent-started'],
  );
});
