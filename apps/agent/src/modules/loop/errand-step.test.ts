import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentEvent } from './agent-event.ts';
import { findErrand } from './agent-state.ts';
import { acknowledged, beat, connect, createLoopScript, nameActions } from './loop-script.testing.ts';

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
    if (findErrand(script.state, 'upload').state === 'busy') {
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

test('errands begin in the order of their plans, each by its own occasions', () => {
  const script = createLoopScript(0.5, [
    { name: 'second', occasions: ['handshake', 'commands-wait'] },
    { name: 'first', occasions: ['handshake'], everyMs: 10_000 },
    { name: 'never' },
  ]);
  assert.deepEqual(nameActions(script.feed({ type: 'started' })), ['clear-timer', 'handshake']);
  const connected = script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  assert.deepEqual(nameActions(connected), ['choose-transport', 'second', 'first']);
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'never' })), ['never']);
});

test('an errand with an interval that no idle hours hold is done in them too', () => {
  const script = createLoopScript(0.5, [{ name: 'often', everyMs: 90_000 }]);
  script.feed({ type: 'started' });
  const connected = script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
  assert.ok(nameActions(connected).includes('often'), 'the first time after the start');
  script.feed({ type: 'errand-finished', errand: 'often', again: false });
  script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
  script.feed(acknowledged(1, { idle: true }));
  for (const isDue of [false, true, false, true]) {
    script.wait(60_000);
    assert.equal(nameActions(script.feed({ type: 'timer-fired' })).includes('often'), isDue);
    script.feed({ type: 'errand-finished', errand: 'often', again: false });
    script.feed(acknowledged(1, { idle: true }));
  }
});

test('an errand that needs no server begins with the start, and while the server is away', () => {
  const script = createLoopScript(0.5, [
    { name: 'work', occasions: ['start', 'handshake'], needsServer: false },
    { name: 'upload', occasions: ['handshake'] },
  ]);
  assert.deepEqual(nameActions(script.feed({ type: 'started' })), ['clear-timer', 'handshake', 'work']);
  script.feed({ type: 'handshake-failed', failure: 'unreachable', retryAfterMs: 0 });
  script.feed({ type: 'errand-finished', errand: 'work', again: false });
  assert.deepEqual(nameActions(script.feed({ type: 'errand-wanted', errand: 'work' })), ['work']);
  assert.deepEqual(script.feed({ type: 'errand-wanted', errand: 'upload' }), [], 'it waits for the server');
  const failed = { failure: 'unreachable', retryAfterMs: 0, handshakeNumber: 0 } as const;
  assert.deepEqual(script.feed({ type: 'errand-failed', errand: 'work', ...failed }), []);
  assert.deepEqual(script.feed({ type: 'errand-wanted', errand: 'work' }), [], 'not at once');
});
