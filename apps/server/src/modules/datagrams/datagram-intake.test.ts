import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, systemClock } from '@holdfast/kernel';
import { DatagramCounts } from './datagram-counts.ts';
import { DatagramIntake } from './datagram-intake.ts';
import { createDispatcher, sealHeartbeat } from './datagrams.testing.ts';

function createIntake(clock: Clock) {
  const { dispatcher, presence } = createDispatcher(clock);
  presence.beginEpoch(3, 1);
  const counts = new DatagramCounts();
  return { intake: new DatagramIntake({ dispatcher, counts, clock }), counts };
}

test('a datagram from port 0 is counted and neither read nor answered, for nothing can be sent there', () => {
  const { intake, counts } = createIntake(systemClock);
  const heartbeat = sealHeartbeat(3, 1);
  const answers: { readonly port: number }[] = [];
  const outlet = { send: (_answer: Uint8Array, port: number) => void answers.push({ port }) };
  intake.receive(heartbeat, { address: '192.0.2.1', port: 0 }, outlet);
  assert.deepEqual(answers, []);
  assert.equal(counts.get('unanswerable'), 1);
  intake.receive(heartbeat, { address: '192.0.2.1', port: 9 }, outlet);
  assert.deepEqual(answers, [{ port: 9 }]);
});

test('a batch counts with all its work, and one that comes when the share is used up is dropped unread', () => {
  let nowMs = 1_000;
  const { intake, counts } = createIntake({ now: () => nowMs, monotonic: () => nowMs });
  const takes = (ms: number) => () => void (nowMs += ms);
  assert.equal(intake.receiveBatch(10, takes(69)), 0);
  assert.equal(intake.receiveBatch(10, takes(1)), 0);
  let isWorkedOff = false;
  const waitMs = intake.receiveBatch(10, () => void (isWorkedOff = true));
  assert.equal(waitMs, 30);
  assert.equal(isWorkedOff, false);
  assert.equal(counts.get('over-budget'), 10);
  nowMs += waitMs;
  assert.equal(intake.receiveBatch(10, takes(1)), 0);
});
