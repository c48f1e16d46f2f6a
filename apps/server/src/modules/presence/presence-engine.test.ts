import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createHeartbeat as heartbeat } from './heartbeat.testing.ts';
import type { RememberedPresence } from './remembered-presence.ts';
import { TICK_MS } from './grace.ts';
import { PresenceEngine } from './presence-engine.ts';

const MINUTE = 60_000;
const times = { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE };
const START = Date.UTC(2026, 10, 22, 8);

/** Time that a test turns by hand: both clocks together, or one of them alone. */
class HandClock {
  wallMs = START;
  monotonicMs = 1_000;
  now = (): number => this.wallMs;
  monotonic = (): number => this.monotonicMs;
  pass(ms: number): void {
    this.wallMs += ms;
    this.monotonicMs += ms;
  }
}

function createEngine(given = times) {
  const clock = new HandClock();
  const engine = new PresenceEngine({ clock, times: given });
  /** Time passes while the server turns as it should. */
  const run = (ms: number): void => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      clock.pass(Math.min(TICK_MS, left));
      engine.turn();
    }
  };
  const join = (number: number, epoch = 1): void => engine.beginEpoch(number, epoch);
  const state = (number: number): string => {
    const { status, reason } = engine.current(number);
    return `${status} ${reason}`;
  };
  return { clock, engine, run, join, state };
}

/** One profile for everybody. */
function setTimes(engine: PresenceEngine, given: typeof times): void {
  engine.replaceProfiles([{ ...given, schedule: null }], 0, []);
}

function remembered(productNumber: number, more: Partial<RememberedPresence> = {}): RememberedPresence {
  return {
    productNumber,
    isDisabled: false,
    epoch: 4,
    transport: 'udp-acknowledged',
    status: 'online',
    reason: 'heartbeat-udp',
    lastSeenAtMs: START - 10 * MINUTE,
    changedAtMs: START - 60 * MINUTE,
    lastSequence: 70,
    serviceState: 'running',
    intervalMs: MINUTE,
    activity: {},
    ...more,
  };
}

test('silence leads from online through timed out to offline, each at its deadline and at most a second late', () => {
  const { clock, engine, run, join } = createEngine();
  join(7);
  const joinedAt = clock.monotonicMs;
  const seen: [string, number][] = [];
  for (let step = 0; step < 4 * 200; step += 1) {
    run(TICK_MS);
    const { status } = engine.current(7);
    if (seen.at(-1)?.[0] !== status) seen.push([status, clock.monotonicMs - joinedAt]);
  }
  assert.deepEqual(
    seen.map(([status]) => status),
    ['online', 'timed-out', 'offline'],
  );
  const timedOutAfterMs = seen[1]?.[1] ?? 0;
  const offlineAfterMs = seen[2]?.[1] ?? 0;
  assert.ok(timedOutAfterMs > 2.2 * MINUTE && timedOutAfterMs <= 2.2 * MINUTE + 1_000, `${timedOutAfterMs}`);
  assert.ok(offlineAfterMs >= 3 * MINUTE && offlineAfterMs <= 3 * MINUTE + 1_000, `${offlineAfterMs}`);
  assert.equal(engine.current(7).reason, 'silent');
  assert.equal(engine.current(7).lastSeenAt, new Date(START).toISOString());
});

test('a product that was never seen is offline and says so', () => {
  const { engine, state } = createEngine();
  engine.add(3);
  assert.equal(state(3), 'offline never-seen');
  assert.equal(state(4), 'offline never-seen');
  assert.equal(engine.current(3).lastSeenAt, null);
});

test('every heartbeat puts the deadline off', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  for (let sequence = 1; sequence <= 10; sequence += 1) {
    run(1.1 * MINUTE);
    assert.equal(engine.recordHeartbeat(heartbeat(1, sequence), 'heartbeat-udp'), 'accepted');
    assert.equal(state(1), 'online heartbeat-udp');
  }
});

test('one lost heartbeat at the far end of the jitter changes nothing', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  run(2.2 * MINUTE);
  assert.equal(state(1), 'online handshake');
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-udp'), 'accepted');
});

test('an agent that stops cleanly is shown as stopped until the offline timeout, then as offline', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  engine.recordHeartbeat(heartbeat(1, 1, { isGoingAway: true }), 'heartbeat-udp');
  assert.equal(state(1), 'service-stopped agent-stopped');
  run(2.5 * MINUTE);
  assert.equal(state(1), 'service-stopped agent-stopped');
  run(0.6 * MINUTE);
  assert.equal(state(1), 'offline agent-stopped');
  engine.beginEpoch(1, 2);
  assert.equal(state(1), 'online handshake');
});

test('a call that was under way at the goodbye does not take it back; a later heartbeat does', () => {
  const { engine, join, state } = createEngine();
  join(1);
  engine.recordHeartbeat(heartbeat(1, 1, { isGoingAway: true }), 'heartbeat-udp');
  for (const kind of ['report', 'poll', 'inventory'] as const) {
    engine.recordSign(1, kind);
    assert.equal(state(1), 'service-stopped agent-stopped', kind);
  }
  engine.recordHeartbeat(heartbeat(1, 2), 'heartbeat-udp');
  assert.equal(state(1), 'online heartbeat-udp');
});

test('a product whose service is stopped stays stopped as long as it reports so', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  for (let sequence = 1; sequence <= 5; sequence += 1) {
    engine.recordHeartbeat(heartbeat(1, sequence, { serviceState: 'stopped' }), 'heartbeat-https');
    run(MINUTE);
    assert.equal(state(1), 'service-stopped heartbeat-https');
  }
  run(3 * MINUTE);
  assert.equal(state(1), 'offline silent');
});

test('only a newer sequence of the current epoch counts as a sign of life', () => {
  const { engine, run, join, state } = createEngine();
  engine.add(1);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-udp'), 'handshake-needed');
  join(1, 5);
  const at = (sequence: number, epoch: number) =>
    engine.recordHeartbeat(heartbeat(1, sequence, { epoch }), 'heartbeat-udp');
  assert.equal(at(9, 5), 'accepted');
  assert.equal(at(9, 5), 'repeated');
  assert.equal(at(8, 5), 'replayed');
  assert.equal(at(10, 4), 'handshake-needed');
  assert.equal(at(10, 6), 'handshake-needed');
  run(3.1 * MINUTE);
  assert.equal(at(9, 5), 'repeated');
  assert.equal(at(8, 5), 'replayed');
  assert.equal(at(99, 4), 'handshake-needed');
  assert.equal(state(1), 'offline silent');
  assert.equal(at(10, 5), 'accepted');
  assert.equal(engine.recordHeartbeat(heartbeat(2, 1), 'heartbeat-udp'), 'handshake-needed');
  assert.equal(engine.recordHeartbeat(heartbeat(2 ** 52, 1), 'heartbeat-udp'), 'handshake-needed');
});

test('a new epoch starts its sequence anew', () => {
  const { engine, join } = createEngine();
  join(1, 1);
  engine.recordHeartbeat(heartbeat(1, 500), 'heartbeat-udp');
  join(1, 2);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1, { epoch: 2 }), 'heartbeat-udp'), 'accepted');
});

test('of two handshakes at once the newer one counts, whichever arrives last', () => {
  const { engine, join } = createEngine();
  join(1, 5);
  join(1, 4);
  assert.equal(engine.findEpoch(1), 5);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1, { epoch: 5 }), 'heartbeat-udp'), 'accepted');
  join(1, 5);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1, { epoch: 5 }), 'heartbeat-udp'), 'repeated');
});

test('a disabled product is disabled whatever it sends', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  engine.setDisabled(1, true);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-udp'), 'handshake-needed');
  engine.recordSign(1, 'poll');
  run(10 * MINUTE);
  assert.equal(state(1), 'disabled disabled');
  assert.equal(engine.findEpoch(1), undefined);
  engine.setDisabled(1, false);
  assert.equal(state(1), 'offline silent');
  engine.recordSign(1, 'poll');
  assert.equal(state(1), 'online poll');
});

test('nobody goes offline while the server itself was stopped', () => {
  const { clock, engine, run, join, state } = createEngine();
  join(1);
  run(MINUTE);
  clock.pass(60 * MINUTE);
  engine.turn();
  assert.equal(state(1), 'online handshake');
  // Everybody gets the time for two heartbeats from here on.
  run(2.1 * MINUTE);
  assert.equal(state(1), 'online handshake');
  run(2 * MINUTE);
  assert.equal(state(1), 'offline silent');
});

test('nobody goes offline while the computer of the server slept, which only the wall clock tells', () => {
  const { clock, engine, run, join, state } = createEngine();
  join(1);
  run(2.1 * MINUTE);
  clock.wallMs += 8 * 60 * MINUTE;
  run(1.5 * MINUTE);
  assert.equal(state(1), 'online handshake');
  run(3 * MINUTE);
  assert.equal(engine.current(1).status, 'offline');
});

test('a wall clock that is set back changes no status', () => {
  const { clock, run, join, state } = createEngine();
  join(1);
  run(MINUTE);
  clock.wallMs -= 24 * 60 * MINUTE;
  run(MINUTE);
  assert.equal(state(1), 'online handshake');
  run(0.5 * MINUTE);
  assert.equal(state(1), 'timed-out silent');
});

test('nobody goes offline for a pause of the server in which its clock was set back', () => {
  const { clock, run, join, state } = createEngine();
  join(1);
  run(MINUTE);
  clock.monotonicMs += 10 * MINUTE;
  clock.wallMs -= 24 * 60 * MINUTE;
  run(2 * MINUTE);
  assert.equal(state(1), 'online handshake');
});

test('many short pauses of a starved server are not counted as silence', () => {
  const { clock, engine, join, state } = createEngine();
  join(1);
  for (let round = 0; round < 60; round += 1) {
    clock.pass(4_000);
    engine.turn();
  }
  // Four minutes by the clock, of which the server listened for half a minute.
  assert.equal(state(1), 'online handshake');
});

test('the server never takes the loss of one second for a reason to wait for everybody', () => {
  const { clock, engine, run, join, state } = createEngine();
  join(1);
  for (let round = 0; round < 30; round += 1) {
    run(9_000);
    clock.pass(1_000);
    engine.turn();
  }
  assert.equal(state(1), 'offline silent');
});

test('after a restart the remembered status stands until its deadline has passed anew', () => {
  const { engine, run, state } = createEngine();
  engine.restore(remembered(1));
  engine.restore(remembered(2, { status: 'offline', reason: 'silent' }));
  engine.restore(remembered(3, { status: 'timed-out', reason: 'silent' }));
  engine.restore(remembered(4, { isDisabled: true }));
  engine.restore(remembered(5, { status: 'service-stopped', reason: 'agent-stopped' }));
  assert.equal(engine.current(1).lastSeenAt, new Date(START - 10 * MINUTE).toISOString());
  assert.equal(engine.current(1).changedAt, new Date(START - 60 * MINUTE).toISOString());
  const states = () => [1, 2, 3, 4, 5].map(state);
  run(2.1 * MINUTE);
  assert.deepEqual(states(), [
    'online before-restart',
    'offline silent',
    'timed-out before-restart',
    'disabled disabled',
    'service-stopped agent-stopped',
  ]);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 70, { epoch: 4 }), 'heartbeat-udp'), 'repeated');
  assert.deepEqual(engine.unannounced.take(10), [4]);
  assert.equal(engine.recordHeartbeat(heartbeat(1, 71, { epoch: 4 }), 'heartbeat-udp'), 'accepted');
  assert.deepEqual(engine.unannounced.take(10), [1], 'open views hear that it is known again');
  run(MINUTE);
  assert.deepEqual(states(), [
    'online heartbeat-udp',
    'offline silent',
    'offline silent',
    'disabled disabled',
    'offline agent-stopped',
  ]);
});

test('a product that was told a long interval is not silent when the setting is shortened', () => {
  const { engine, run, join, state } = createEngine({
    heartbeatIntervalMs: 30 * MINUTE,
    offlineTimeoutMs: 90 * MINUTE,
  });
  join(1);
  setTimes(engine, { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE });
  run(30 * MINUTE);
  assert.equal(state(1), 'online handshake');
  // The answer to this heartbeat tells the new interval, but it may be lost once.
  engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-udp');
  run(MINUTE);
  engine.recordHeartbeat(heartbeat(1, 2), 'heartbeat-udp');
  run(2.3 * MINUTE);
  assert.equal(state(1), 'timed-out silent');
});

test('a product that gets no answers keeps the interval of its handshake', () => {
  const { engine, run, join, state } = createEngine({
    heartbeatIntervalMs: 10 * MINUTE,
    offlineTimeoutMs: 30 * MINUTE,
  });
  join(1);
  engine.setTransport(1, 'udp');
  setTimes(engine, times);
  for (let sequence = 1; sequence < 5; sequence += 1) {
    engine.recordHeartbeat(heartbeat(1, sequence), 'heartbeat-udp');
    run(10 * MINUTE);
    assert.equal(state(1), 'online heartbeat-udp');
  }
});

test('a product on plain UDP learns the interval when it sends the same heartbeat by HTTPS as well', () => {
  const { engine, run, join, state } = createEngine();
  join(1);
  engine.setTransport(1, 'udp');
  setTimes(engine, { heartbeatIntervalMs: 10 * MINUTE, offlineTimeoutMs: 30 * MINUTE });
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-udp'), 'accepted');
  assert.equal(engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-https'), 'repeated');
  run(10 * MINUTE);
  assert.equal(state(1), 'online heartbeat-udp');
  setTimes(engine, times);
  engine.recordHeartbeat(heartbeat(1, 2), 'heartbeat-udp');
  engine.recordHeartbeat(heartbeat(1, 2), 'heartbeat-https');
  engine.recordHeartbeat(heartbeat(1, 3), 'heartbeat-udp');
  run(2.3 * MINUTE);
  assert.equal(state(1), 'timed-out silent');
});

test('a shorter offline timeout also counts for those that are silent already', () => {
  const { engine, run, join, state } = createEngine({
    heartbeatIntervalMs: MINUTE,
    offlineTimeoutMs: 60 * MINUTE,
  });
  join(1);
  run(5 * MINUTE);
  assert.equal(state(1), 'timed-out silent');
  setTimes(engine, times);
  run(1_000);
  assert.equal(state(1), 'offline silent');
});

test('what changed is handed out once, and again when it could not be saved', () => {
  const { engine, join } = createEngine();
  join(1);
  join(2);
  engine.recordSign(1, 'poll');
  assert.deepEqual(new Set(engine.unsaved.take(10)), new Set([1, 2]));
  assert.deepEqual(engine.unsaved.take(10), []);
  engine.unsaved.add(2);
  engine.remove(2);
  assert.deepEqual(engine.unsaved.take(10), []);
  assert.deepEqual(engine.unannounced.take(10), [1]);
});

test('the counts by status are those of the products', () => {
  const kinds = ['join', 'silence', 'disable', 'enable', 'remove', 'stop'] as const;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...kinds), fc.integer({ min: 1, max: 6 })), { maxLength: 40 }),
      (steps) => {
        const { engine, run, join } = createEngine();
        let sequence = 0;
        for (const [kind, number] of steps) {
          sequence += 1;
          if (kind === 'join') join(number);
          else if (kind === 'silence') run(number * 40_000);
          else if (kind === 'disable') engine.setDisabled(number, true);
          else if (kind === 'enable') engine.setDisabled(number, false);
          else if (kind === 'remove') engine.remove(number);
          else engine.recordHeartbeat(heartbeat(number, sequence, { isGoingAway: true }), 'heartbeat-udp');
        }
        const expected: Record<string, number> = {};
        for (let number = 1; number <= 6; number += 1) {
          if (!engine.table.isKnown(number)) continue;
          const { status } = engine.current(number);
          expected[status] = (expected[status] ?? 0) + 1;
        }
        const counted = Object.entries(engine.table.statusCounts()).filter(([, count]) => count !== 0);
        assert.deepEqual(Object.fromEntries(counted), expected);
      },
    ),
    { numRuns: 100 },
  );
});

test('a million products that fall silent together are all noticed within a second', () => {
  const count = 1_000_000;
  const clock = new HandClock();
  const engine = new PresenceEngine({ clock, times, capacity: count + 1 });
  for (let number = 1; number <= count; number += 1) engine.beginEpoch(number, 1);
  assert.ok(engine.byteLength / count <= 100, `${engine.byteLength / count} bytes a product`);
  for (let passedMs = 0; passedMs < 2.2 * MINUTE; passedMs += TICK_MS) {
    clock.pass(TICK_MS);
    engine.turn();
  }
  assert.equal(engine.table.statusCounts()['online'], count);
  for (let passedMs = 0; passedMs < 1_000; passedMs += TICK_MS) {
    clock.pass(TICK_MS);
    engine.turn();
  }
  assert.equal(engine.table.statusCounts()['timed-out'], count);
  assert.equal(engine.current(1).reason, 'silent');
  assert.equal(engine.current(count).reason, 'silent');
});

function createAskingEngine() {
  const clock = new HandClock();
  const late: number[] = [];
  const engine = new PresenceEngine({ clock, times, onLate: (number) => late.push(number) });
  const run = (ms: number): void => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      clock.pass(TICK_MS);
      engine.turn();
    }
  };
  return { engine, late, run };
}

test('a product whose heartbeat is late is asked once, and times out as ever when nothing comes of it', () => {
  const { engine, late, run } = createAskingEngine();
  engine.beginEpoch(1, 1);
  run(1.1 * MINUTE);
  assert.deepEqual(late, []);
  run(1_000);
  assert.deepEqual(late, [1]);
  assert.equal(engine.current(1).status, 'online');
  run(1.1 * MINUTE - 2_000);
  assert.equal(engine.current(1).status, 'online');
  run(2_000);
  assert.equal(engine.current(1).status, 'timed-out');
  assert.deepEqual(late, [1]);
  run(10 * MINUTE);
  assert.equal(engine.current(1).status, 'offline');
  assert.deepEqual(late, [1]);
});

test('a late product whose port is closed has timed out at once, goes offline at its hour, and comes back with its next sign', () => {
  const { engine, run } = createAskingEngine();
  engine.beginEpoch(1, 1);
  run(1.1 * MINUTE + 1_000);
  engine.noteClosedPort(1);
  assert.deepEqual([engine.current(1).status, engine.current(1).reason], ['timed-out', 'port-closed']);
  run(1.9 * MINUTE - 2_000);
  assert.equal(engine.current(1).status, 'timed-out');
  run(2_000);
  assert.deepEqual([engine.current(1).status, engine.current(1).reason], ['offline', 'port-closed']);
  engine.recordSign(1, 'handshake');
  assert.equal(engine.current(1).status, 'online');
});

test('a closed port says nothing of a product that is not late, was heard meanwhile, or is not online', () => {
  const { engine, run } = createAskingEngine();
  engine.beginEpoch(1, 1);
  engine.noteClosedPort(1);
  assert.equal(engine.current(1).status, 'online');
  run(1.1 * MINUTE + 1_000);
  engine.recordSign(1, 'report');
  engine.noteClosedPort(1);
  assert.equal(engine.current(1).status, 'online');
  run(10 * MINUTE);
  engine.noteClosedPort(1);
  assert.deepEqual([engine.current(1).status, engine.current(1).reason], ['offline', 'silent']);
});

test('a product that was told a shorter interval, and may not have heard it, is awaited by the longer one, once', () => {
  const { engine, late, run } = createAskingEngine();
  engine.beginEpoch(1, 1);
  const short = { ...times, heartbeatIntervalMs: MINUTE / 4 };
  setTimes(engine, short);
  engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-https');
  // The answer was lost, and the same heartbeat comes again.
  engine.recordHeartbeat(heartbeat(1, 1), 'heartbeat-https');
  run(1.1 * MINUTE);
  assert.deepEqual(late, []);
  run(1_000);
  assert.deepEqual(late, [1]);
  run(1.1 * MINUTE - 2_000);
  assert.equal(engine.current(1).status, 'online');
  run(2_000);
  assert.equal(engine.current(1).status, 'timed-out');
  engine.recordHeartbeat(heartbeat(1, 2), 'heartbeat-https');
  run((2.2 * MINUTE) / 4 + 1_000);
  assert.equal(engine.current(1).status, 'timed-out');
});
