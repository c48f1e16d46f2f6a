import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from './agent-event.ts';
import { acknowledged, beat, connect, createLoopScript, nameActions } from './loop-script.testing.ts';

test('the start begins with a handshake, and a handshake leads to probes and to everything that waited', () => {
  const script = createLoopScript();
  assert.deepEqual(nameActions(script.feed({ type: 'started' })), ['clear-timer', 'handshake']);
  assert.deepEqual(
    nameActions(script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 })),
    ['choose-transport', 'claim', 'upload', 'run', 'logs'],
  );
});

test('"handshake again" leads to a handshake, but never to two within five seconds', () => {
  const script = connect('udp-acknowledged');
  script.wait(10_000);
  const again = acknowledged(1, { handshakeAgain: true });
  assert.deepEqual(nameActions(beat(script, again)), ['clear-timer', 'handshake']);
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  script.feed({ type: 'transport-chosen', handshakeNumber: 2, transport: 'https' });
  script.wait(1_000);
  script.feed(acknowledged(2, { handshakeAgain: true }));
  assert.equal(script.state.phase, 'waiting');
});

test('a server that asks for a handshake after each handshake is asked at growing intervals', () => {
  const script = createLoopScript(0.999);
  script.feed({ type: 'started' });
  const waits: number[] = [];
  for (let round = 1; round <= 12; round++) {
    script.feed({ type: 'handshake-succeeded', intervalMs: 1_000, returnSpreadMs: 0 });
    script.feed({ type: 'transport-chosen', handshakeNumber: round, transport: 'https' });
    const actions = script.feed(acknowledged(round, { handshakeAgain: true }));
    const timer = actions.find((action) => action.type === 'set-timer');
    waits.push(timer?.delayMs ?? 0);
    script.wait(timer?.delayMs ?? 0);
    script.feed({ type: 'timer-fired' });
  }
  assert.ok((waits[0] ?? 0) >= 1_000, `first wait ${waits[0]}`);
  assert.ok((waits.at(-1) ?? 0) > 250_000, `last wait ${waits.at(-1)}`);
});

test('an answer to an earlier handshake changes nothing', () => {
  const script = connect('https');
  script.wait(10_000);
  beat(script, acknowledged(1, { handshakeAgain: true }));
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  const before = script.state;
  const late: AgentEvent[] = [
    acknowledged(1, { commandsWait: true }),
    { type: 'heartbeat-sent', handshakeNumber: 1 },
    { type: 'heartbeat-failed', handshakeNumber: 1, failure: 'unreachable', retryAfterMs: 0 },
    { type: 'transport-chosen', handshakeNumber: 1, transport: 'udp' },
    { type: 'transport-failed', handshakeNumber: 1, failure: 'unreachable', retryAfterMs: 0 },
  ];
  for (const event of late) assert.deepEqual(script.feed(event), []);
  assert.deepEqual(script.state, before);
});

test('a lost connection is tried again at growing intervals, and one answer restores it', () => {
  const script = connect('https', 0.999);
  const failed: AgentEvent = {
    type: 'heartbeat-failed',
    handshakeNumber: 1,
    failure: 'unreachable',
    retryAfterMs: 0,
  };
  const waits: number[] = [];
  for (let round = 0; round < 12; round++) {
    const timer = beat(script, failed).find((action) => action.type === 'set-timer');
    waits.push(timer?.delayMs ?? 0);
    assert.equal(script.state.phase, 'reconnecting');
  }
  assert.ok((waits[0] ?? 0) <= 2_000 && (waits.at(-1) ?? 0) > 250_000, waits.join(' '));
  assert.ok(Math.max(...waits) <= 300_000);
  beat(script, acknowledged(1));
  assert.equal(script.state.phase, 'connected');
  assert.equal(script.state.failures, 0);
});

test('a busy server is left alone for as long as it asks', () => {
  const script = connect('https', 0);
  const busy: AgentEvent = {
    type: 'heartbeat-failed',
    handshakeNumber: 1,
    failure: 'unreachable',
    retryAfterMs: 45_000,
  };
  assert.deepEqual(nameActions(beat(script, busy)), ['timer 45000']);
});

test('an unknown product waits as long as the server asks, and goes on asking', () => {
  const script = createLoopScript(0);
  script.feed({ type: 'started' });
  const failed: AgentEvent = { type: 'handshake-failed', failure: 'unknown-product', retryAfterMs: 120_000 };
  assert.deepEqual(nameActions(script.feed(failed)), ['timer 120000']);
  assert.deepEqual(nameActions(script.feed({ type: 'timer-fired' })), ['clear-timer', 'handshake']);
});

test('failures before do not make an unknown product wait longer than the server asks', () => {
  const script = createLoopScript(0.5);
  script.feed({ type: 'started' });
  for (let count = 0; count < 8; count += 1) {
    script.feed({ type: 'handshake-failed', failure: 'unreachable', retryAfterMs: 0 });
    script.feed({ type: 'timer-fired' });
  }
  const failed: AgentEvent = { type: 'handshake-failed', failure: 'unknown-product', retryAfterMs: 10_000 };
  assert.deepEqual(nameActions(script.feed(failed)), ['timer 15000']);
});

test('a wait that the server asks for is bounded', () => {
  const script = createLoopScript(0);
  script.feed({ type: 'started' });
  const failed: AgentEvent = { type: 'handshake-failed', failure: 'refused', retryAfterMs: 1e15 };
  assert.deepEqual(nameActions(script.feed(failed)), ['timer 300000']);
});

test('a handshake that is wanted is made, but never two within five seconds', () => {
  const script = connect('https');
  script.wait(10_000);
  assert.deepEqual(nameActions(script.feed({ type: 'handshake-wanted' })), ['clear-timer', 'handshake']);
  assert.deepEqual(script.feed({ type: 'handshake-wanted' }), [], 'one is under way');
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  script.wait(1_000);
  const [timer] = nameActions(script.feed({ type: 'handshake-wanted' }));
  assert.match(timer ?? '', /^timer /u);
});

test('a stop says goodbye once, and nothing is done afterwards', () => {
  const script = connect('udp-acknowledged');
  assert.deepEqual(nameActions(script.feed({ type: 'stop-requested' })), ['clear-timer', 'farewell']);
  assert.deepEqual(script.feed({ type: 'stop-requested' }), []);
  assert.deepEqual(script.feed({ type: 'timer-fired' }), []);
  assert.deepEqual(nameActions(script.feed({ type: 'farewell-finished' })), ['finish']);
  assert.deepEqual(script.feed(acknowledged(1)), []);
});

test('a stop without a connection ends at once', () => {
  const script = createLoopScript();
  script.feed({ type: 'started' });
  assert.deepEqual(nameActions(script.feed({ type: 'stop-requested' })), ['clear-timer', 'finish']);
});

test('a product that lost its server comes back within the time that the handshake gave, and not before its turn', () => {
  for (const [random, expected] of [
    [0, 1_000],
    [0.5, 50_500],
    [0.99, 99_010],
  ] as const) {
    const script = createLoopScript(random);
    script.feed({ type: 'started' });
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 100_000 });
    script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
    const lost = script.feed({
      type: 'heartbeat-failed',
      handshakeNumber: 1,
      failure: 'unreachable',
      retryAfterMs: 0,
    });
    assert.deepEqual(nameActions(lost), [`timer ${expected}`]);
  }
});

test('a handshake that finds no server after the connection was lost is spread too, and a refused one is not', () => {
  for (const [failure, expected] of [
    ['unreachable', 50_500],
    ['refused', 17_500],
  ] as const) {
    const script = createLoopScript(0.5);
    script.feed({ type: 'started' });
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 100_000 });
    script.wait(3_600_000);
    script.feed({ type: 'handshake-wanted' });
    const actions = script.feed({ type: 'handshake-failed', failure, retryAfterMs: 0 });
    assert.deepEqual(nameActions(actions), [`timer ${expected}`]);
  }
});
