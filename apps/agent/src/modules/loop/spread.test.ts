/**
 * What many agents do for one reason, none of them does at the same moment: whatever is planned for later differs by what was drawn
 * at random. A plan without it is not seen by a test that draws the same number every time.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentAction } from './agent-event.ts';
import { findErrand } from './agent-state.ts';
import { acknowledged, beat, connect, createLoopScript, type LoopScript } from './loop-script.testing.ts';

const CHANCES = [0, 0.25, 0.5, 0.75, 0.999];
const REFUSED_UNTIL_MS = 120_000;

const delayOf = (actions: readonly AgentAction[]): number => {
  const timer = actions.find((action) => action.type === 'set-timer') ?? assert.fail('no timer was set');
  return timer.delayMs;
};

/** In the middle of its first handshake. */
function begin(chance: number): LoopScript {
  const script = createLoopScript(chance);
  script.feed({ type: 'started' });
  return script;
}

/** For each reason to wait: how long an agent waits that has drawn this number. */
const waits: Readonly<Record<string, (chance: number) => number>> = {
  'the next heartbeat': (chance) => delayOf(beat(connect('https', chance), acknowledged(1))),
  'the heartbeat after the first': (chance) => {
    const script = createLoopScript(chance);
    script.feed({ type: 'started' });
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
    script.feed({ type: 'transport-chosen', handshakeNumber: 1, transport: 'https' });
    return delayOf(script.feed(acknowledged(1)));
  },
  'the heartbeat after one that a busy server put off': (chance) => {
    const script = connect('udp-acknowledged', chance);
    return delayOf(
      beat(script, {
        type: 'heartbeat-failed',
        handshakeNumber: 1,
        failure: 'unreachable',
        retryAfterMs: REFUSED_UNTIL_MS,
      }),
    );
  },
  'the return to a server that was lost': (chance) => {
    const script = connect('https', chance);
    return delayOf(
      beat(script, { type: 'heartbeat-failed', handshakeNumber: 1, failure: 'unreachable', retryAfterMs: 0 }),
    );
  },
  'another handshake after one that was refused': (chance) =>
    delayOf(begin(chance).feed({ type: 'handshake-failed', failure: 'refused', retryAfterMs: 0 })),
  'another handshake after one without an answer': (chance) =>
    delayOf(begin(chance).feed({ type: 'handshake-failed', failure: 'unreachable', retryAfterMs: 0 })),
  'another handshake of one that waits for an administrator': (chance) =>
    delayOf(
      begin(chance).feed({
        type: 'handshake-failed',
        failure: 'unknown-product',
        retryAfterMs: REFUSED_UNTIL_MS,
      }),
    ),
  'a handshake that is wanted right after another': (chance) =>
    delayOf(beat(connect('https', chance), acknowledged(1, { handshakeAgain: true }))),
  'another look for a way to the server': (chance) => {
    const script = createLoopScript(chance);
    script.feed({ type: 'started' });
    script.feed({ type: 'handshake-succeeded', intervalMs: 60_000, returnSpreadMs: 0 });
    script.feed({ type: 'transport-failed', handshakeNumber: 1, failure: 'unreachable', retryAfterMs: 0 });
    return script.state.choiceNotBeforeMs;
  },
  'an errand that failed': (chance) => {
    const script = connect('https', chance);
    script.feed({ type: 'errand-wanted', errand: 'upload' });
    script.feed({
      type: 'errand-failed',
      errand: 'upload',
      handshakeNumber: 1,
      failure: 'refused',
      retryAfterMs: 0,
    });
    return findErrand(script.state, 'upload').notBeforeMs;
  },
  'an errand that comes by an interval': (chance) =>
    findErrand(connect('https', chance).state, 'inventory').intervalEndsAtMs,
};

for (const [what, waitOf] of Object.entries(waits)) {
  test(`${what}: agents that draw different numbers wait for different times`, () => {
    const drawn = CHANCES.map(waitOf);
    assert.equal(new Set(drawn).size, CHANCES.length, `${drawn.join(', ')}`);
    assert.deepEqual(
      drawn,
      drawn.toSorted((one, other) => one - other),
      'the more the later',
    );
  });
}
