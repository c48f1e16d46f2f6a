import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { type Clock, systemClock } from '@holdfast/kernel';
import { DatagramKey, HeartbeatKeyDerivation } from '@holdfast/protocol';
import { DatagramCounts } from './datagram-counts.ts';
import { DatagramDesk } from './datagram-desk.ts';
import { HeartbeatDoor } from './heartbeat-door.ts';
import { PresenceEngine } from './presence-engine.ts';
import { ProbeNotes } from './probe-notes.ts';

const heartbeatKey = createSecretKey(Buffer.alloc(32, 7));

function createDesk(clock: Clock) {
  const times = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 };
  const engine = new PresenceEngine({ clock, times });
  engine.beginEpoch(3, 1);
  const probes = new ProbeNotes(createSecretKey(Buffer.alloc(32, 8)));
  const door = new HeartbeatDoor({ heartbeatKey, engine, probes, clock });
  const counts = new DatagramCounts();
  return { desk: new DatagramDesk({ door, counts, clock }), counts };
}

test('a datagram from port 0 is counted and neither read nor answered, for nothing can be sent there', () => {
  const { desk, counts } = createDesk(systemClock);
  const derivation = new HeartbeatKeyDerivation(heartbeatKey);
  const heartbeat = new DatagramKey(createSecretKey(derivation.deriveKey(3, 1))).seal({
    type: 'heartbeat',
    productNumber: 3,
    epoch: 1,
    sequence: 1,
    goingAway: false,
    serviceState: 'running',
    waitingLogEntries: 0,
    policyRevision: 0,
    componentSetDigest: new Uint8Array(8),
    items: [],
  });
  const answers: { readonly port: number }[] = [];
  const outlet = { send: (_answer: Uint8Array, port: number) => void answers.push({ port }) };
  desk.receive(heartbeat, { address: '192.0.2.1', port: 0 }, outlet);
  assert.deepEqual(answers, []);
  assert.equal(counts.get('unanswerable'), 1);
  desk.receive(heartbeat, { address: '192.0.2.1', port: 9 }, outlet);
  assert.deepEqual(answers, [{ port: 9 }]);
});

test('a batch counts with all its work, and one that comes when the share is used up is dropped unread', () => {
  let nowMs = 1_000;
  const { desk, counts } = createDesk({ now: () => nowMs, monotonic: () => nowMs });
  const takes = (ms: number) => () => void (nowMs += ms);
  assert.equal(desk.receiveBatch(10, takes(69)), 0);
  assert.equal(desk.receiveBatch(10, takes(1)), 0);
  let isWorkedOff = false;
  const waitMs = desk.receiveBatch(10, () => void (isWorkedOff = true));
  assert.equal(waitMs, 30);
  assert.equal(isWorkedOff, false);
  assert.equal(counts.get('over-budget'), 10);
  nowMs += waitMs;
  assert.equal(desk.receiveBatch(10, takes(1)), 0);
});
