import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schedule } from '@holdfast/api';
import { TICK_MS } from './grace.ts';
import type { ReceivedHeartbeat } from '../datagrams/index.ts';
import { createHeartbeat } from './heartbeat.testing.ts';
import { PresenceEngine } from './presence-engine.ts';
import type { PresenceProfile } from './presence-profiles.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const times = { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE };

/** Working from 07:00 to 19:00 every day. */
const officeHours: Schedule = {
  timeZone: 'UTC',
  week: Array.from({ length: 7 }, () => `${'0'.repeat(7)}${'f'.repeat(12)}${'0'.repeat(5)}`),
};
const office: PresenceProfile = { ...times, schedule: officeHours };
const always: PresenceProfile = { ...times, schedule: null };

function createEngine(startAt: string) {
  let wallMs = Date.parse(startAt);
  let monotonicMs = 1_000;
  const clock = { now: () => wallMs, monotonic: () => monotonicMs };
  const engine = new PresenceEngine({ clock, times });
  const run = (ms: number): void => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      wallMs += TICK_MS;
      monotonicMs += TICK_MS;
      engine.turn();
    }
  };
  const state = (number: number): string => {
    const { status, reason } = engine.current(number);
    return `${status} ${reason}`;
  };
  let sequence = 0;
  const beat = (number: number, more: Partial<ReceivedHeartbeat> = {}) => {
    sequence += 1;
    return engine.recordHeartbeat(createHeartbeat(number, sequence, more), 'heartbeat-udp');
  };
  return { engine, run, state, beat };
}

test('in idle hours nobody times out, and afterwards silence counts from their end', () => {
  const { engine, run, state } = createEngine('2026-01-14T18:59:00Z');
  engine.replaceProfiles([office], 0, []);
  engine.beginEpoch(1, 1);
  run(2 * MINUTE);
  assert.equal(state(1), 'idle idle-hours');
  run(11 * HOUR + 58 * MINUTE);
  assert.equal(state(1), 'idle idle-hours');
  run(2 * MINUTE);
  assert.equal(state(1), 'online idle-hours');
  run(1.5 * MINUTE);
  assert.equal(state(1), 'timed-out silent');
  run(MINUTE);
  assert.equal(state(1), 'offline silent');
});

test('a heartbeat in idle hours is answered with them and shows its reason', () => {
  const { engine, run, state, beat } = createEngine('2026-01-14T18:59:00Z');
  engine.replaceProfiles([office], 0, []);
  engine.beginEpoch(1, 1);
  assert.equal(engine.isIdle(1), false);
  assert.equal(engine.nextIntervalMs(1), MINUTE);
  run(2 * MINUTE);
  assert.equal(beat(1), 'accepted');
  assert.equal(state(1), 'idle heartbeat-udp');
  assert.equal(engine.isIdle(1), true);
  assert.equal(engine.nextIntervalMs(1), 15 * MINUTE);
});

test('the last interval of idle hours ends with them', () => {
  const { engine } = createEngine('2026-01-14T06:55:00Z');
  engine.replaceProfiles([office], 0, []);
  engine.beginEpoch(1, 1);
  assert.equal(engine.nextIntervalMs(1), 5 * MINUTE);
});

test('a device that was gone before idle hours stays gone, and one that stops in them says so', () => {
  const { engine, run, state, beat } = createEngine('2026-01-14T18:40:00Z');
  engine.replaceProfiles([office], 0, []);
  engine.beginEpoch(1, 1);
  engine.beginEpoch(2, 1);
  run(10 * MINUTE);
  assert.equal(state(1), 'offline silent');
  beat(2);
  run(11 * MINUTE);
  assert.equal(state(1), 'offline silent');
  beat(2, { isGoingAway: true });
  run(3 * HOUR);
  assert.equal(state(2), 'service-stopped agent-stopped');
});

test('a group that gets idle hours while they last is idle at once, and awake at once when they are taken away', () => {
  const { engine, run, state } = createEngine('2026-01-14T22:00:00Z');
  engine.beginEpoch(1, 1);
  engine.beginEpoch(2, 1);
  engine.replaceProfiles([always, office], 0, [{ profile: 1, productNumbers: [2] }]);
  assert.deepEqual([state(1), state(2)], ['online handshake', 'idle idle-hours']);
  engine.assignProfile(2, 0);
  assert.equal(state(2), 'online idle-hours');
  run(4 * MINUTE);
  assert.equal(state(2), 'offline silent');
});

test('each group has its own interval and timeout', () => {
  const { engine, run, state } = createEngine('2026-01-14T10:00:00Z');
  const slow: PresenceProfile = {
    heartbeatIntervalMs: 10 * MINUTE,
    offlineTimeoutMs: 60 * MINUTE,
    schedule: null,
  };
  engine.replaceProfiles([always, slow], 0, [{ profile: 1, productNumbers: [2] }]);
  engine.assignProfile(2, 1);
  engine.beginEpoch(1, 1);
  engine.beginEpoch(2, 1);
  assert.deepEqual([engine.nextIntervalMs(1), engine.nextIntervalMs(2)], [MINUTE, 10 * MINUTE]);
  run(20 * MINUTE);
  assert.deepEqual([state(1), state(2)], ['offline silent', 'online handshake']);
  run(3 * MINUTE);
  assert.equal(state(2), 'timed-out silent');
});

test('when the interval is stretched under load, silence is measured by what the product was told', () => {
  const { engine, run, state, beat } = createEngine('2026-01-14T10:00:00Z');
  engine.beginEpoch(1, 1);
  engine.profiles.stretch = 4;
  beat(1);
  assert.equal(engine.nextIntervalMs(1), 4 * MINUTE);
  run(8 * MINUTE);
  assert.equal(state(1), 'online heartbeat-udp');
  run(MINUTE);
  assert.equal(state(1), 'timed-out silent');
  assert.equal(engine.current(1).status, 'timed-out');
});
