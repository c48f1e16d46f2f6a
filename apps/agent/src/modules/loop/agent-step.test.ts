import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '@holdfast/protocol';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import { acknowledged, createLoopScript, type LoopScript, nameActions } from './loop-script.testing.ts';

function connect(transport: Transport, random = 0.5): LoopScript {
  const script = createLoopScript(random);
  script.feed({ type: 'started' });
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 });
  script.feed({ type: 'transport-chosen', session: 1, transport });
  script.feed(transport === 'udp' ? { type: 'heartbeat-sent', session: 1 } : acknowledged(1));
  for (const job of ['claim', 'upload', 'run', 'inventory'] as const) {
    script.feed({ type: 'job-finished', job, again: false });
  }
  return script;
}

/** One heartbeat and what comes of it. */
function beat(script: LoopScript, answer: AgentEvent): readonly AgentAction[] {
  script.feed({ type: 'timer-fired' });
  return script.feed(answer);
}

test('the start begins with a handshake, and a handshake leads to probes and to everything that waited', () => {
  const script = createLoopScript();
  assert.deepEqual(nameActions(script.feed({ type: 'started' })), ['clear-timer', 'handshake']);
  assert.deepEqual(nameActions(script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 })), [
    'choose-transport',
    'claim',
    'upload',
    'run',
    'inventory',
  ]);
});

test('the first heartbeat goes at once, and the second after a random part of the interval', () => {
  const script = createLoopScript(0.25);
  script.feed({ type: 'started' });
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 });
  const chosen = script.feed({ type: 'transport-chosen', session: 1, transport: 'https' });
  assert.deepEqual(nameActions(chosen), ['heartbeat']);
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['timer 15000']);
});

test('later heartbeats follow the interval of the last answer, with fresh jitter', () => {
  for (const [random, expected] of [
    [0, 27_000],
    [0.5, 30_000],
    [0.999_999, 33_000],
  ] as const) {
    const script = connect('https', random);
    script.feed({ type: 'timer-fired' });
    const actions = script.feed(acknowledged(1, { nextIntervalMs: 30_000 }));
    assert.deepEqual(nameActions(actions), [`timer ${expected}`]);
  }
});

test('an interval out of bounds is bounded', () => {
  const script = connect('https');
  for (const [nextIntervalMs, expected] of [
    [0, 1_000],
    [0xffff_ffff, 28_800_000],
  ] as const) {
    script.feed({ type: 'timer-fired' });
    script.feed(acknowledged(1, { nextIntervalMs }));
    assert.equal(script.state.intervalMs, expected);
  }
});

test('after three heartbeats that UDP should have acknowledged and did not, the way is tested again', () => {
  const script = connect('udp-acknowledged');
  for (const missedByUdp of [1, 2]) {
    assert.deepEqual(nameActions(script.feed({ type: 'timer-fired' })), ['heartbeat']);
    assert.deepEqual(nameActions(script.feed(acknowledged(1, { missedByUdp }))), ['timer 60000']);
  }
  script.feed({ type: 'timer-fired' });
  const actions = script.feed(acknowledged(1, { missedByUdp: 3 }));
  assert.deepEqual(nameActions(actions), ['clear-timer', 'choose-transport']);
  const chosen = script.feed({ type: 'transport-chosen', session: 1, transport: 'https' });
  assert.deepEqual(nameActions(chosen), ['heartbeat']);
});

test('without acknowledgements by UDP every third heartbeat asks for an answer', () => {
  const script = connect('udp');
  const sent: (string | undefined)[] = [];
  for (let round = 0; round < 5; round++) {
    const [name] = nameActions(script.feed({ type: 'timer-fired' }));
    sent.push(name);
    script.feed(name === 'heartbeat' ? acknowledged(1) : { type: 'heartbeat-sent', session: 1 });
  }
  const blind = 'blind heartbeat';
  assert.deepEqual(sent, [blind, 'heartbeat', blind, blind, 'heartbeat']);
});

test('"commands wait" leads to a claim at once', () => {
  const script = connect('udp-acknowledged');
  assert.ok(nameActions(beat(script, acknowledged(1, { commandsWait: true }))).includes('claim'));
});

test('"commands wait" during a claim leads to one more claim after it', () => {
  const script = connect('udp-acknowledged');
  beat(script, acknowledged(1, { commandsWait: true }));
  assert.ok(!nameActions(beat(script, acknowledged(1, { commandsWait: true }))).includes('claim'));
  assert.deepEqual(nameActions(script.feed({ type: 'job-finished', job: 'claim', again: false })), ['claim']);
  assert.deepEqual(script.feed({ type: 'job-finished', job: 'claim', again: false }), []);
});

test('"handshake again" leads to a handshake, but never to two within five seconds', () => {
  const script = connect('udp-acknowledged');
  script.wait(10_000);
  const again = acknowledged(1, { handshakeAgain: true });
  assert.deepEqual(nameActions(beat(script, again)), ['clear-timer', 'handshake']);
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 });
  script.feed({ type: 'transport-chosen', session: 2, transport: 'https' });
  script.wait(1_000);
  script.feed(acknowledged(2, { handshakeAgain: true }));
  assert.equal(script.state.phase, 'waiting');
});

test('a server that asks for a handshake after each handshake is asked at growing intervals', () => {
  const script = createLoopScript(0.999);
  script.feed({ type: 'started' });
  const waits: number[] = [];
  for (let round = 1; round <= 12; round++) {
    script.feed({ type: 'handshake-succeeded', intervalMs: 1_000 });
    script.feed({ type: 'transport-chosen', session: round, transport: 'https' });
    const actions = script.feed(acknowledged(round, { handshakeAgain: true }));
    const timer = actions.find((action) => action.type === 'set-timer');
    waits.push(timer?.delayMs ?? 0);
    script.wait(timer?.delayMs ?? 0);
    script.feed({ type: 'timer-fired' });
  }
  assert.ok((waits[0] ?? 0) >= 1_000, `first wait ${waits[0]}`);
  assert.ok((waits.at(-1) ?? 0) > 250_000, `last wait ${waits.at(-1)}`);
});

test('an answer to an old session changes nothing', () => {
  const script = connect('https');
  script.wait(10_000);
  beat(script, acknowledged(1, { handshakeAgain: true }));
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 });
  const before = script.state;
  const late: AgentEvent[] = [
    acknowledged(1, { commandsWait: true }),
    { type: 'heartbeat-sent', session: 1 },
    { type: 'heartbeat-failed', session: 1, failure: 'unreachable', retryAfterMs: 0 },
    { type: 'transport-chosen', session: 1, transport: 'udp' },
    { type: 'transport-failed', session: 1, failure: 'unreachable', retryAfterMs: 0 },
  ];
  for (const event of late) assert.deepEqual(script.feed(event), []);
  assert.deepEqual(script.state, before);
});

test('a lost connection is tried again at growing intervals, and one answer restores it', () => {
  const script = connect('udp-acknowledged', 0.999);
  const failed: AgentEvent = {
    type: 'heartbeat-failed',
    session: 1,
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
    session: 1,
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

test('a failed job waits for the next sign of a connection', () => {
  const script = connect('udp-acknowledged');
  script.feed({ type: 'job-wanted', job: 'upload' });
  assert.deepEqual(
    script.feed({ type: 'job-failed', job: 'upload', session: 1, failure: 'unreachable' }),
    [],
  );
  assert.ok(nameActions(beat(script, acknowledged(1))).includes('upload'));
});

test('an expired access token leads to a handshake, and the job begins anew after it', () => {
  const script = connect('udp-acknowledged');
  script.wait(3_600_000);
  script.feed({ type: 'job-wanted', job: 'upload' });
  const actions = script.feed({ type: 'job-failed', job: 'upload', session: 1, failure: 'access-expired' });
  assert.deepEqual(nameActions(actions), ['clear-timer', 'handshake']);
  const connected = nameActions(script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 }));
  assert.ok(connected.includes('upload'));
});

test('commands are never run twice at the same time, not even over a new handshake', () => {
  const script = connect('udp-acknowledged');
  script.wait(10_000);
  script.feed({ type: 'job-wanted', job: 'run' });
  beat(script, acknowledged(1, { handshakeAgain: true }));
  assert.ok(!nameActions(script.feed({ type: 'handshake-succeeded', intervalMs: 60_000 })).includes('run'));
  assert.deepEqual(nameActions(script.feed({ type: 'job-finished', job: 'run', again: false })), ['run']);
});

test('a changed address leads to new probes, or to an attempt while the server is away', () => {
  const connected = connect('udp-acknowledged');
  assert.deepEqual(nameActions(connected.feed({ type: 'address-changed' })), [
    'clear-timer',
    'choose-transport',
  ]);
  const busy = connect('udp-acknowledged');
  busy.feed({ type: 'timer-fired' });
  assert.deepEqual(busy.feed({ type: 'address-changed' }), [], 'a heartbeat is under way');
  assert.deepEqual(nameActions(busy.feed(acknowledged(1))), ['clear-timer', 'choose-transport']);
  const away = createLoopScript();
  away.feed({ type: 'started' });
  away.feed({ type: 'handshake-failed', failure: 'unreachable', retryAfterMs: 0 });
  assert.deepEqual(away.feed({ type: 'address-changed' }), [], 'too soon after the last attempt');
  away.wait(6_000);
  assert.deepEqual(nameActions(away.feed({ type: 'address-changed' })), ['clear-timer', 'handshake']);
});

test('facts are sent once a day, and soon again when the server refused them', () => {
  const script = connect('https');
  const isDue = () => {
    const actions = nameActions(script.feed({ type: 'timer-fired' }));
    script.feed(acknowledged(1));
    return actions.includes('inventory');
  };
  assert.ok(!isDue());
  script.wait(26.5 * 3_600_000);
  assert.ok(isDue());
  script.feed({ type: 'job-failed', job: 'inventory', session: 1, failure: 'refused' });
  assert.ok(!isDue());
  script.wait(300_000);
  assert.ok(isDue());
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
