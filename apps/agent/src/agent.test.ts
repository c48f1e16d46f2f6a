import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { type AgentStatus, readAgentStatus } from './modules/status/index.ts';
import { builtInCommandTypes } from './product-facts.ts';
import { eventually } from './testing/eventually.ts';
import { countHandler, finalReports, orderCommand, productOf } from './testing/fake-orders.ts';
import { runInProcess } from './testing/program-in-process.ts';
import { createHastyTimer, createRunningAgent } from './testing/running-agent.ts';

test('the agent shakes hands, finds UDP, sends its facts and heartbeats with what the device does', async (t) => {
  const { server, agent, database } = await createRunningAgent(t);
  agent.start();
  await eventually('three heartbeats', () => productOf(server).heartbeats >= 3);
  await eventually('the facts', () => server.state.inventory !== undefined);
  assert.equal(agent.loop.state.transport, 'udp-acknowledged');
  assert.ok(!server.state.calls.includes('POST /mcp/v1/heartbeats'), 'no heartbeat needed HTTPS');
  const { uptimeS = 0, memoryInUsePercent = 0, agentMemoryKiB = 0 } = productOf(server).activity;
  assert.ok(uptimeS > 0 && memoryInUsePercent > 0 && agentMemoryKiB > 10_000);
  const status = readAgentStatus({
    version: '0',
    home: '',
    running: { processId: 1, startedAt: '' },
    database,
  });
  assert.equal(status.connection?.phase, 'connected');
  assert.equal(status.connection?.transport, 'udp-acknowledged');
  assert.ok(status.connection?.lastContactAt);
});

test('the commands that enrolment announces are those that the agent obeys', async (t) => {
  const { agent } = await createRunningAgent(t);
  assert.deepEqual([...agent.commandTypes].toSorted(), [...builtInCommandTypes].toSorted());
});

test('where UDP is blocked the agent uses HTTPS', async (t) => {
  const { server, agent } = await createRunningAgent(t, {
    prepare: ({ state }) => {
      state.faults.udpInward = false;
    },
  });
  agent.start();
  await eventually('three heartbeats', () => productOf(server).heartbeats >= 3);
  assert.equal(agent.loop.state.transport, 'https');
});

test('where UDP has no way back the agent still learns of commands', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, {
    moreHandlers: [countHandler(counted)],
    prepare: ({ state }) => {
      state.faults.udpOutward = false;
    },
  });
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  assert.equal(agent.loop.state.transport, 'udp');
  const id = orderCommand(server, 'count');
  // No answer says that it waits; it is claimed with the next heartbeat.
  server.state.commandsWait = false;
  await eventually('the result', () => finalReports(server, id).length === 1);
});

test('when UDP stops working the agent goes over to HTTPS without losing the connection, and back when its address changes', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  server.state.faults.udpInward = false;
  await eventually('HTTPS', () => agent.loop.state.transport === 'https');
  assert.equal(agent.loop.state.phase, 'connected');
  server.state.faults.udpInward = true;
  agent.loop.notifySurroundingsChange();
  await eventually('UDP again', () => agent.loop.state.transport === 'udp-acknowledged');
});

test('a command runs once, is reported step by step, and is asked for as soon as an acknowledgement says that it waits', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  agent.start();
  const id = orderCommand(server, 'count');
  await eventually('the result', () => finalReports(server, id).length === 1);
  assert.deepEqual(counted, [id]);
  const states = server.state.reportLog.map(({ state }) => state);
  assert.deepEqual(states, ['accepted', 'running', 'succeeded']);
});

test('"collect-inventory" brings the facts anew', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('the first facts', () => server.state.inventory !== undefined);
  server.state.inventory = undefined;
  const id = orderCommand(server, 'collect-inventory');
  await eventually('the result', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'succeeded');
  assert.notEqual(server.state.inventory, undefined);
});

test('a command that comes twice acts once, and its end is told again', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  agent.start();
  const id = orderCommand(server, 'count');
  await eventually('the result', () => finalReports(server, id).length === 1);
  // As after a backup that is older than the result.
  server.state.reports.clear();
  await eventually('the result again', () => finalReports(server, id).length >= 2);
  assert.deepEqual(counted, [id]);
});

test('an unknown and an expired command are refused before anything is done', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  agent.start();
  const unknown = orderCommand(server, 'self-destruct');
  const expired = orderCommand(server, 'count', -1);
  await eventually('both ends', () =>
    [unknown, expired].every((id) => finalReports(server, id).length === 1),
  );
  assert.equal(finalReports(server, unknown)[0]?.code, 'COMMAND_TYPE_UNKNOWN');
  assert.equal(finalReports(server, expired)[0]?.code, 'COMMAND_EXPIRED');
  assert.deepEqual(counted, []);
});

test('a command that is cancelled between its delivery and its acceptance does not begin', async (t) => {
  const counted: string[] = [];
  const { server, agent, codes } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  const cancelled = orderCommand(server, 'count');
  server.state.faults.answer = (path) => {
    if (path === '/mcp/v1/commands/reports') server.state.cancelled.add(cancelled);
    return undefined;
  };
  agent.start();
  await eventually('the withdrawal', () => codes().includes('COMMAND_WITHDRAWN'));
  const next = orderCommand(server, 'count');
  await eventually('the next one', () => finalReports(server, next).length === 1);
  assert.deepEqual(counted, [next]);
});

test('more commands than one call carries are all fetched and done, each once', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  const ids = Array.from({ length: 120 }, () => orderCommand(server, 'count'));
  agent.start();
  await eventually('all results', () => ids.every((id) => finalReports(server, id).length >= 1));
  assert.deepEqual(counted.toSorted(), ids.toSorted());
});

test('a server that restarts is found again, and needs no new handshake', async (t) => {
  const { server, agent, codes } = await createRunningAgent(t);
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  await server.stop();
  await eventually('the loss is noticed', () => agent.loop.state.phase === 'reconnecting');
  const before = productOf(server).heartbeats;
  await server.start();
  await eventually('heartbeats go on', () => productOf(server).heartbeats > before);
  assert.equal(productOf(server).epoch, 1, 'no new handshake was needed');
  // The server counts a heartbeat before the agent has its answer.
  await eventually('both are told', () =>
    ['CONNECTION_LOST', 'CONNECTED_AGAIN'].every((code) => codes().includes(code)),
  );
});

test('a result that the server could not take waits and is delivered, with nothing lost', async (t) => {
  const counted: string[] = [];
  const { server, agent, database } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  agent.start();
  await eventually('connected', () => productOf(server).heartbeats >= 1);
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/commands/reports' && counted.length > 0
      ? { status: 503, mediaType: 'text/plain', body: Buffer.from('') }
      : undefined;
  const id = orderCommand(server, 'count');
  await eventually('the effect', () => counted.length === 1);
  const queued = () =>
    readAgentStatus({ version: '', home: '', running: undefined, database }).queue.outboxCount;
  const before = productOf(server).heartbeats;
  await eventually('heartbeats go on', () => productOf(server).heartbeats > before);
  assert.ok(queued() >= 1);
  assert.equal(finalReports(server, id).length, 0);
  server.state.faults.answer = undefined;
  await eventually('the result', () => finalReports(server, id).length === 1);
  await eventually('an empty outbox', () => queued() === 0);
});

test('an unknown product waits for its re-admission and goes on with its old key and number', async (t) => {
  // The waits of days and minutes are cut; their lengths are tested with the core.
  const { server, agent, codes } = await createRunningAgent(t, { timer: createHastyTimer(200) });
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  const lost = [...server.state.products];
  server.state.products.clear();
  await eventually('the product knows', () => codes().includes('PRODUCT_UNKNOWN'));
  for (const [thumbprint, product] of lost) server.state.products.set(thumbprint, { ...product, epoch: 0 });
  await eventually('a new handshake', () => agent.loop.state.phase === 'connected');
  assert.equal(productOf(server).productNumber, 1);
  assert.ok(productOf(server).epoch >= 2, 'an epoch is never given out twice');
});

test('a clock that is off by a day works, with a warning, and commands expire by the time of the server', async (t) => {
  const dayMs = 86_400_000;
  const counted: string[] = [];
  const { server, agent, codes, database } = await createRunningAgent(t, {
    clock: { now: () => systemClock.now() + dayMs, monotonic: () => systemClock.monotonic() },
    moreHandlers: [countHandler(counted)],
  });
  agent.start();
  const id = orderCommand(server, 'count', 60_000);
  await eventually('the result', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'succeeded');
  assert.ok(codes().includes('CLOCK_SKEW'));
  const status = readAgentStatus({ version: '', home: '', running: undefined, database });
  assert.ok(Math.abs((status.connection?.clockOffsetMs ?? 0) + dayMs) < 60_000);
});

test('a command that needs the server waits for it when the connection is lost in its middle', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('the first facts', () => server.state.inventory !== undefined);
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/inventory'
      ? { status: 503, mediaType: 'text/plain', body: Buffer.from('') }
      : undefined;
  const id = orderCommand(server, 'collect-inventory');
  await eventually('it runs', () => server.state.reportLog.some(({ state }) => state === 'running'));
  await eventually('a few heartbeats pass', () => productOf(server).heartbeats >= 4);
  assert.equal(finalReports(server, id).length, 0);
  server.state.faults.answer = undefined;
  await eventually('the result', () => finalReports(server, id).length === 1);
  assert.equal(finalReports(server, id)[0]?.state, 'succeeded');
});

test('an expired access token leads to a handshake and not to a lost command', async (t) => {
  const counted: string[] = [];
  const { server, agent } = await createRunningAgent(t, { moreHandlers: [countHandler(counted)] });
  agent.start();
  await eventually('a heartbeat', () => productOf(server).heartbeats >= 1);
  let refusals = 0;
  server.state.faults.answer = (path) => {
    if (path !== '/mcp/v1/commands/claims' || refusals > 0) return undefined;
    refusals++;
    const body = Buffer.from(JSON.stringify({ code: 'ACCESS_TOKEN_EXPIRED' }));
    return { status: 401, mediaType: 'application/problem+json', body };
  };
  const id = orderCommand(server, 'count');
  await eventually('the result', () => finalReports(server, id).length === 1, 30_000);
  assert.equal(productOf(server).epoch, 2);
});

test('heartbeats go on while the disk does not answer, without the fact about it', async (t) => {
  let askedCount = 0;
  const { server, agent } = await createRunningAgent(t, {
    readFreePercent: () => {
      askedCount++;
      return new Promise(() => undefined);
    },
  });
  agent.start();
  await eventually('three heartbeats', () => productOf(server).heartbeats >= 3);
  assert.equal(askedCount, 1, 'it is not asked again while it hangs');
  const { uptimeS, systemVolumeFreePercent } = productOf(server).activity;
  assert.ok((uptimeS ?? 0) > 0);
  assert.equal(systemVolumeFreePercent, undefined);
});

test('fifty commands take at most two calls with reports each, which is what the server grants one product', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  const ids = Array.from({ length: 50 }, () => orderCommand(server, 'collect-inventory'));
  agent.start();
  await eventually('all results', () => ids.every((id) => finalReports(server, id).length >= 1));
  const count = (call: string): number => server.state.calls.filter((made) => made === call).length;
  assert.ok(count('POST /mcp/v1/commands/reports') <= 2 * 50 + 1);
  assert.ok(count('PUT /mcp/v1/inventory') <= 50 + 1);
});

test('a command that the server refuses for a while is not repeated in the meantime', async (t) => {
  const { server, agent } = await createRunningAgent(t);
  agent.start();
  await eventually('the first facts', () => server.state.inventory !== undefined);
  let refusedCount = 0;
  server.state.faults.answer = (path) => {
    if (path !== '/mcp/v1/inventory') return undefined;
    refusedCount++;
    const body = Buffer.from(JSON.stringify({ code: 'RATE_LIMITED', facts: { retryAfterMs: 60_000 } }));
    return { status: 429, mediaType: 'application/problem+json', body };
  };
  orderCommand(server, 'collect-inventory');
  await eventually('the refusal', () => refusedCount >= 1);
  const before = productOf(server).heartbeats;
  await eventually('heartbeats go on', () => productOf(server).heartbeats >= before + 3);
  assert.equal(refusedCount, 1);
});

test('with a full outbox no new command is taken, and every result arrives in the end', async (t) => {
  const counted: string[] = [];
  const { server, agent, codes } = await createRunningAgent(t, {
    moreHandlers: [countHandler(counted)],
    outboxBounds: { maxCount: 12, maxBytes: 16_777_216 },
  });
  server.state.faults.answer = (path) =>
    path === '/mcp/v1/commands/reports'
      ? { status: 503, mediaType: 'text/plain', body: Buffer.from('') }
      : undefined;
  const ids = Array.from({ length: 30 }, () => orderCommand(server, 'count'));
  agent.start();
  await eventually('the outbox is full', () => codes().includes('OUTBOX_FULL'));
  assert.ok(counted.length < ids.length);
  server.state.faults.answer = undefined;
  await eventually('all results', () => ids.every((id) => finalReports(server, id).length >= 1), 30_000);
  assert.deepEqual(counted.toSorted(), ids.toSorted());
});

test('an inventory that the server refuses for ever shows on the device, in the health check and in the heartbeats, and is said once', async (t) => {
  // Whoever has to wait five minutes waits half a second here.
  let leapMs = 0;
  const clock = { now: () => systemClock.now(), monotonic: () => systemClock.monotonic() + leapMs };
  const { server, agent, home, codes } = await createRunningAgent(t, { clock });
  let refusedCount = 0;
  server.state.faults.answer = (path) => {
    if (path !== '/mcp/v1/inventory') return undefined;
    refusedCount++;
    const detail = 'The message has more than 32768 values.\nEverything is fine.\u202e';
    const body = Buffer.from(JSON.stringify({ code: 'MESSAGE_TOO_LARGE', detail }));
    return { status: 413, mediaType: 'application/problem+json', body };
  };
  agent.start();
  await eventually('the heartbeats say it', () => (productOf(server).activity.troubles ?? 0) === 2);
  leapMs = 400_000;
  await eventually('it is tried again', () => refusedCount >= 2);
  assert.equal(codes().filter((code) => code === 'MESSAGE_TOO_LARGE').length, 1);
  const { stdout } = await runInProcess(['status'], { home });
  const sentence = 'The message has more than 32768 values. Everything is fine.\uFFFD';
  assert.match(
    stdout,
    new RegExp(`^Refused: +inventory, since \\S+Z: ${sentence} \\(MESSAGE_TOO_LARGE\\)$`, 'mu'),
  );
  const { refusals } = JSON.parse((await runInProcess(['status', '--json'], { home })).stdout) as AgentStatus;
  assert.deepEqual(
    refusals.map(({ call, code, reason }) => [call, code, reason]),
    [['inventory', 'MESSAGE_TOO_LARGE', sentence]],
  );
  const check = await runInProcess(['check'], { home });
  assert.equal(check.code, 1);
  assert.match(check.stdout, /^inventory +FAILED +.*MESSAGE_TOO_LARGE/mu);
  server.state.faults.answer = undefined;
  leapMs = 800_000;
  await eventually('it is taken', () => server.state.inventory !== undefined);
  await eventually('the heartbeats say nothing', () => productOf(server).activity.troubles === undefined);
  assert.doesNotMatch((await runInProcess(['status'], { home })).stdout, /Refused/u);
});
