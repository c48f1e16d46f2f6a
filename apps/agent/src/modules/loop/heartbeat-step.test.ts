import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from './agent-event.ts';
import { acknowledged, beat, connect, createLoopScript, nameActions } from './loop-script.testing.ts';

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

const unheard: AgentEvent = {
  type: 'heartbeat-failed',
  handshakeNumber: 1,
  failure: 'unreachable',
  retryAfterMs: 0,
};

test('by acknowledged UDP a lost heartbeat is followed by nothing but the next one at its regular time', () => {
  for (const [random, sinceSentMs, expected] of [
    [0, 12_000, 'timer 42000'],
    [0.5, 12_000, 'timer 48000'],
    [0.999_999, 3_000, 'timer 63000'],
    // The call lasted longer than the interval.
    [0.5, 90_000, 'timer 250'],
  ] as const) {
    const script = connect('udp-acknowledged', random);
    for (let round = 0; round < 12; round++) {
      script.wait(60_000);
      assert.deepEqual(nameActions(script.feed({ type: 'timer-fired' })), ['heartbeat']);
      script.wait(sinceSentMs);
      assert.deepEqual(nameActions(script.feed(unheard)), [expected]);
      assert.equal(script.state.phase, 'reconnecting');
      assert.deepEqual(
        script.feed({ type: 'errand-wanted', errand: 'upload' }),
        [],
        'it waits for the server',
      );
    }
    const answered = nameActions(beat(script, acknowledged(1)));
    assert.equal(answered.filter((name) => !name.startsWith('timer ')).join(), 'upload');
    assert.equal(script.state.phase, 'connected');
  }
});

test('the heartbeat after a lost one is not later than 2.1 intervals after the last answer', () => {
  const script = connect('udp-acknowledged', 0.999_999);
  beat(script, acknowledged(1));
  script.wait(66_000);
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 60000']);
  script.wait(60_000);
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 66000'], 'the status is another one by now');
});

test('where only the second sending was answered, the next heartbeat and the bound count from the first', () => {
  const script = connect('udp-acknowledged', 0.999_999);
  script.feed({ type: 'timer-fired' });
  script.wait(22_000);
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['timer 44000']);
  script.wait(44_000);
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 60000']);
});

test('with a long interval a lost heartbeat is followed within five minutes', () => {
  const script = connect('udp-acknowledged');
  beat(script, acknowledged(1, { nextIntervalMs: 8 * 3_600_000 }));
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 285000']);
});

test('a stop after one heartbeat that was lost by UDP says goodbye, and after two it does not wait for a server that is away', () => {
  for (const [losses, expected] of [
    [1, ['clear-timer', 'farewell']],
    [2, ['clear-timer', 'finish']],
  ] as const) {
    const script = connect('udp-acknowledged');
    for (let loss = 0; loss < losses; loss++) beat(script, unheard);
    assert.deepEqual(nameActions(script.feed({ type: 'stop-requested' })), expected);
  }
});

test('by acknowledged UDP a busy server is left alone for as long as it asks', () => {
  const script = connect('udp-acknowledged', 0);
  const busy: AgentEvent = { ...unheard, retryAfterMs: 90_000 };
  assert.deepEqual(nameActions(beat(script, busy)), ['timer 90000']);
});

test('where UDP is blocked the agent chooses anew with the answer after the third miss, and ends on HTTPS', () => {
  const script = connect('udp-acknowledged');
  for (const missedByUdp of [1, 2]) {
    assert.deepEqual(nameActions(beat(script, unheard)), ['timer 60000']);
    assert.deepEqual(nameActions(beat(script, acknowledged(1, { missedByUdp }))), ['timer 60000']);
  }
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 60000']);
  const actions = beat(script, acknowledged(1, { missedByUdp: 3 }));
  assert.deepEqual(nameActions(actions), ['clear-timer', 'choose-transport']);
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
  script.feed(acknowledged(1));
  assert.deepEqual([script.state.transport, script.state.phase], ['https', 'connected']);
});

test('a change of the address while a heartbeat is lost leads to an attempt soon', () => {
  const script = connect('udp-acknowledged', 0.999);
  script.feed({ type: 'timer-fired' });
  assert.deepEqual(script.feed({ type: 'surroundings-changed' }), []);
  const timer = script.feed(unheard).find((action) => action.type === 'set-timer');
  assert.ok(timer !== undefined && timer.delayMs <= 2_000, `${timer?.delayMs}`);
  assert.deepEqual(nameActions(beat(script, unheard)), ['timer 65988'], 'once');
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

test('a heartbeat that is brought forward brings an answer, and sets the next timer', () => {
  const script = connect('udp');
  assert.deepEqual(nameActions(script.feed({ type: 'heartbeat-wanted' })), ['clear-timer', 'heartbeat']);
  assert.deepEqual(script.feed({ type: 'heartbeat-wanted' }), [], 'one is under way');
  assert.deepEqual(nameActions(script.feed(acknowledged(1))), ['timer 60000']);
});
