import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '@holdfast/protocol';
import type { AgentAction, AgentEvent } from './agent-event.ts';
import { acknowledged, createLoopScript, type LoopScript, nameActions } from './loop-script.testing.ts';

function connect(transport: Transport, random = 0.5): LoopScript {
  const script = createLoopScript(random);
  script.feed({ type: 'started' });
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport });
  script.feed(acknowledged(1));
  for (const errand of ['claim', 'upload', 'run', 'logs', 'inventory'] as const) {
    script.feed({ type: 'errand-finished', errand, again: false });
    // Entries were wanted by the handshake and by the first acknowledgement.
    if (script.state.errands[errand].state !== 'idle') {
      script.feed({ type: 'errand-finished', errand, again: false });
    }
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
  assert.deepEqual(
    nameActions(script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 })),
    ['choose-transport', 'claim', 'upload', 'run', 'logs'],
  );
});

test('after a start everything that waits for the end of idle hours waits for the first acknowledgement', () => {
  for (const idle of [true, false]) {
    const script = createLoopScript();
    script.feed({ type: 'started' });
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
    assert.equal(script.state.isIdle, true, 'only urgent entries go with the handshake');
    script.feed({ type: 'errand-finished', errand: 'logs', again: false });
    // By plain UDP as well the first one brings an answer.
    const chosen = script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'udp' });
    assert.deepEqual(nameActions(chosen), ['heartbeat']);
    const told = nameActions(script.feed(acknowledged(1, { idle })));
    assert.deepEqual(told.slice(1), idle ? [] : ['logs', 'inventory']);
  }
});

test('the first heartbeat goes at once, and the second after a random part of the interval', () => {
  const script = createLoopScript(0.25);
  script.feed({ type: 'started' });
  script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  const chosen = script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
  assert.deepEqual(nameActions(chosen), ['heartbeat']);
  assert.equal(nameActions(script.feed(acknowledged(1)))[0], 'timer 15000');
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
  const chosen = script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
  assert.deepEqual(nameActions(chosen), ['heartbeat']);
});

test('without acknowledgements by UDP every third heartbeat asks for an answer', () => {
  const script = connect('udp');
  const sent: (string | undefined)[] = [];
  for (let round = 0; round < 5; round++) {
    const [name] = nameActions(script.feed({ type: 'timer-fired' }));
    sent.push(name);
    script.feed(name === 'heartbeat' ? acknowledged(1) : { type: 'heartbeat-sent', handshakeNumber: 1 });
  }
  const blind = 'blind heartbeat';
  assert.deepEqual(sent, [blind, blind, 'heartbeat', blind, blind]);
});

test('by UDP without acknowledgements commands are claimed at each interval, and what is due is done', () => {
  const script = connect('udp');
  for (let round = 0; round < 5; round++) {
    const [sent] = nameActions(script.feed({ type: 'timer-fired' }));
    const isBlind = sent === 'blind heartbeat';
    const actions = script.feed(isBlind ? { type: 'heartbeat-sent', handshakeNumber: 1 } : acknowledged(1));
    // The acknowledgement of the others says whether it is worth it.
    assert.deepEqual(nameActions(actions), ['timer 60000', ...(isBlind ? ['claim'] : [])]);
    script.feed({ type: 'errand-finished', errand: 'claim', again: false });
  }
  script.feed({ type: 'errand-wanted', errand: 'upload' });
  script.feed({
    type: 'errand-failed',
    errand: 'upload',
    handshakeNumber: 1,
    failure: 'unreachable',
    retryAfterMs: 0,
  });
  script.wait(60_000);
  const blind = beat(script, { type: 'heartbeat-sent', handshakeNumber: 1 });
  assert.deepEqual(nameActions(blind), ['timer 60000', 'claim', 'upload']);
});

test('"commands wait" leads to a claim at once', () => {
  const script = connect('udp-acknowledged');
  assert.ok(nameActions(beat(script, acknowledged(1, { commandsWait: true }))).includes('claim'));
});

test('"commands wait" during a claim leads to one more claim after it', () => {
  const script = connect('udp-acknowledged');
  beat(script, acknowledged(1, { commandsWait: true }));
  assert.ok(!nameActions(beat(script, acknowledged(1, { commandsWait: true }))).includes('claim'));
  assert.deepEqual(nameActions(script.feed({ type: 'errand-finished', errand: 'claim', again: false })), [
    'claim',
  ]);
  assert.deepEqual(script.feed({ type: 'errand-finished', errand: 'claim', again: false }), []);
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
  const script = connect('udp-acknowledged', 0.999);
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

test('a failed errand waits for the next sign of a connection', () => {
  const script = connect('udp-acknowledged');
  script.feed({ type: 'errand-wanted', errand: 'upload' });
  assert.deepEqual(
    script.feed({
      type: 'errand-failed',
      errand: 'upload',
      handshakeNumber: 1,
      failure: 'unreachable',
      retryAfterMs: 0,
    }),
    [],
  );
  script.wait(2_000);
  assert.ok(nameActions(beat(script, acknowledged(1))).includes('upload'));
});

test('an errand that the server wants later is left alone for as long as it asks, whatever else happens', () => {
  const script = connect('udp-acknowledged', 0);
  script.feed({ type: 'errand-wanted', errand: 'run' });
  const failed: AgentEvent = {
    type: 'errand-failed',
    errand: 'run',
    handshakeNumber: 1,
    failure: 'unreachable',
    retryAfterMs: 45_000,
  };
  assert.deepEqual(script.feed(failed), []);
  script.wait(44_999);
  assert.deepEqual(script.feed({ type: 'errand-wanted', errand: 'run' }), []);
  assert.ok(!nameActions(beat(script, acknowledged(1))).includes('run'));
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'upload' })), ['upload']);
  script.wait(1);
  assert.ok(nameActions(beat(script, acknowledged(1))).includes('run'));
});

test('an errand that fails again and again is tried at growing intervals, while heartbeats go on', () => {
  const script = connect('https', 0.999);
  let startedCount = 0;
  script.feed({ type: 'errand-wanted', errand: 'upload' });
  for (let round = 0; round < 60; round++) {
    if (script.state.errands.upload.state === 'busy') {
      startedCount++;
      script.feed({
        type: 'errand-failed',
        errand: 'upload',
        handshakeNumber: 1,
        failure: 'refused',
        retryAfterMs: 0,
      });
    }
    script.wait(20_000);
    beat(script, acknowledged(1));
  }
  assert.ok(startedCount >= 6 && startedCount <= 12, `${startedCount} attempts in 20 minutes`);
  script.wait(300_000);
  beat(script, acknowledged(1));
  script.feed({ type: 'errand-finished', errand: 'upload', again: false });
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'upload' })), ['upload']);
});

test('an expired access token leads to a handshake, and the errand begins anew after it', () => {
  const script = connect('udp-acknowledged');
  script.wait(3_600_000);
  script.feed({ type: 'errand-wanted', errand: 'upload' });
  const actions = script.feed({
    type: 'errand-failed',
    errand: 'upload',
    handshakeNumber: 1,
    failure: 'access-expired',
    retryAfterMs: 0,
  });
  assert.deepEqual(nameActions(actions), ['clear-timer', 'handshake']);
  const connected = nameActions(
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 }),
  );
  assert.ok(connected.includes('upload'));
});

test('commands are never run twice at the same time, not even over a new handshake', () => {
  const script = connect('udp-acknowledged');
  script.wait(10_000);
  script.feed({ type: 'errand-wanted', errand: 'run' });
  beat(script, acknowledged(1, { handshakeAgain: true }));
  assert.ok(
    !nameActions(
      script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 }),
    ).includes('run'),
  );
  assert.deepEqual(nameActions(script.feed({ type: 'errand-finished', errand: 'run', again: false })), [
    'run',
  ]);
});

test('a changed address leads to new probes, or to an attempt while the server is away', () => {
  const connected = connect('udp-acknowledged');
  assert.deepEqual(nameActions(connected.feed({ type: 'surroundings-changed' })), [
    'clear-timer',
    'choose-transport',
  ]);
  const busy = connect('udp-acknowledged');
  busy.feed({ type: 'timer-fired' });
  assert.deepEqual(busy.feed({ type: 'surroundings-changed' }), [], 'a heartbeat is under way');
  assert.deepEqual(nameActions(busy.feed(acknowledged(1))), ['clear-timer', 'choose-transport']);
  const away = createLoopScript();
  away.feed({ type: 'started' });
  away.feed({ type: 'handshake-failed', failure: 'unreachable', retryAfterMs: 0 });
  away.wait(2_000);
  const soon = nameActions(away.feed({ type: 'surroundings-changed' }));
  assert.deepEqual(soon, ['timer 3000'], 'not at once after the last attempt, but soon');
  away.wait(6_000);
  assert.deepEqual(nameActions(away.feed({ type: 'surroundings-changed' })), ['clear-timer', 'handshake']);
});

test('a change during the test of the way leads to another test', () => {
  const script = connect('udp-acknowledged');
  script.feed({ type: 'surroundings-changed' });
  assert.deepEqual(script.feed({ type: 'surroundings-changed' }), []);
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['clear-timer', 'choose-transport']);
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'udp-acknowledged' });
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['timer 60000']);
});

test('a change while the server is away makes the next waits short, also when it comes during an attempt', () => {
  const script = connect('udp-acknowledged', 0.999);
  const failed: AgentEvent = {
    type: 'heartbeat-failed',
    handshakeNumber: 1,
    failure: 'unreachable',
    retryAfterMs: 0,
  };
  for (let round = 0; round < 12; round++) beat(script, failed);
  script.feed({ type: 'timer-fired' });
  assert.deepEqual(script.feed({ type: 'surroundings-changed' }), [], 'an attempt is under way');
  const timer = script.feed(failed).find((action) => action.type === 'set-timer');
  assert.ok((timer?.delayMs ?? 0) <= 2_000, `${timer?.delayMs}`);
  const answered = nameActions(beat(script, acknowledged(1)));
  assert.deepEqual(answered, ['clear-timer', 'choose-transport'], 'the way may be another one');
});

test('a test of the way that came to no answer is repeated when the server answers again, at growing intervals', () => {
  const script = connect('udp-acknowledged', 0.999);
  script.feed({ type: 'surroundings-changed' });
  let tests = 0;
  for (let round = 0; round < 120; round++) {
    if (script.state.isChoosing) {
      tests++;
      const failed = { handshakeNumber: 1, failure: 'unreachable', retryAfterMs: 0 } as const;
      script.feed({ type: 'transport-failed', ...failed });
    }
    script.wait(10_000);
    beat(script, acknowledged(1));
  }
  assert.ok(tests >= 6 && tests <= 12, `${tests} tests in 20 minutes`);
  script.wait(300_000);
  beat(script, acknowledged(1));
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'udp-acknowledged' });
  assert.equal(script.state.transport, 'udp-acknowledged');
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
  script.feed({
    type: 'errand-failed',
    errand: 'inventory',
    handshakeNumber: 1,
    failure: 'refused',
    retryAfterMs: 0,
  });
  assert.ok(!isDue());
  script.wait(300_000);
  assert.ok(isDue());
});

test('what is due without hurry goes with the next sign of a connection', () => {
  const script = connect('udp-acknowledged');
  assert.deepEqual(script.feed({ type: 'errand-due', errand: 'logs' }), []);
  assert.deepEqual(nameActions(beat(script, acknowledged(1))), ['timer 60000', 'logs']);
  script.feed({ type: 'errand-due', errand: 'logs' });
  const after = script.feed({ type: 'errand-finished', errand: 'logs', again: false });
  assert.deepEqual(nameActions(after), ['logs'], 'it came up while the errand was under way');
});

test('in idle hours the inventory waits, and so do the entries that were kept: both go when they are over', () => {
  const script = connect('https');
  beat(script, acknowledged(1, { idle: true }));
  script.wait(26.5 * 3_600_000);
  assert.deepEqual(nameActions(beat(script, acknowledged(1, { idle: true }))), ['timer 60000']);
  assert.deepEqual(nameActions(beat(script, acknowledged(1))), ['timer 60000', 'logs']);
  assert.deepEqual(nameActions(script.feed({ type: 'timer-fired' })), ['heartbeat', 'inventory']);
});

test('in idle hours urgent commands are claimed, and reports and urgent entries pass', () => {
  const script = connect('https');
  const told = nameActions(beat(script, acknowledged(1, { idle: true, commandsWait: true })));
  assert.ok(told.includes('claim'));
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'upload' })), ['upload']);
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'logs' })), ['logs']);
});

test('a heartbeat that is brought forward brings an answer, and sets the next timer', () => {
  const script = connect('udp');
  assert.deepEqual(nameActions(script.feed({ type: 'heartbeat-wanted' })), ['clear-timer', 'heartbeat']);
  assert.deepEqual(script.feed({ type: 'heartbeat-wanted' }), [], 'one is under way');
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['timer 60000']);
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
