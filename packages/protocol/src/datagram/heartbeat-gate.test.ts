import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, masterKey, sampleHeartbeat } from './datagram-samples.testing.ts';
import { HeartbeatGate } from './heartbeat-gate.ts';

const content = {
  commandsWait: false,
  handshakeAgain: false,
  idle: false,
  nextIntervalMs: 1_000,
  serverTimeMs: 1,
};

test('nothing can be acknowledged before a datagram is opened, or after one is refused', () => {
  const gate = new HeartbeatGate(masterKey);
  const out = new Uint8Array(56);
  assert.throws(() => gate.acknowledgeHeartbeat(out, content), TypeError);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  assert.equal(gate.open(bytes), 'heartbeat');
  gate.acknowledgeHeartbeat(out, content);
  assert.equal(gate.open(bytes.subarray(1)), 'DATAGRAM_TYPE_UNKNOWN');
  assert.throws(() => gate.acknowledgeHeartbeat(out, content), TypeError);
  assert.throws(() => gate.acknowledgeProbe(out), TypeError);
});

test('an acknowledgement is written into exactly 56 bytes', () => {
  const gate = new HeartbeatGate(masterKey);
  gate.open(keyOf(42, 3).seal(sampleHeartbeat));
  for (const length of [0, 55, 57]) {
    assert.throws(() => gate.acknowledgeHeartbeat(new Uint8Array(length), content), RangeError);
  }
});

test('an acknowledgement sent back to the server is refused', () => {
  const gate = new HeartbeatGate(masterKey);
  const out = new Uint8Array(56);
  gate.open(keyOf(42, 3).seal(sampleHeartbeat));
  gate.acknowledgeHeartbeat(out, content);
  assert.equal(gate.open(out), 'DATAGRAM_TYPE_UNKNOWN');
});

test('a heartbeat at an offset of a larger buffer is read as well', () => {
  const gate = new HeartbeatGate(masterKey);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  const slab = Buffer.alloc(1_024, 0xff);
  slab.set(bytes, 333);
  assert.equal(gate.open(slab.subarray(333, 333 + bytes.length)), 'heartbeat');
  assert.equal(gate.sequence, sampleHeartbeat.sequence);
  assert.deepEqual(gate.listItems(), sampleHeartbeat.items);
});

test('what is copied out stays as it is when the buffer is used again', () => {
  const gate = new HeartbeatGate(masterKey);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  gate.open(bytes);
  const digest = gate.copyComponentSetDigest();
  const items = gate.listItems();
  bytes.fill(0);
  assert.deepEqual(digest, sampleHeartbeat.componentSetDigest);
  assert.deepEqual(items, sampleHeartbeat.items);
});
