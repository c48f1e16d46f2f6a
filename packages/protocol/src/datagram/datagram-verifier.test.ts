import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, masterKey, sampleHeartbeat } from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';

const content = {
  commandsWait: false,
  handshakeAgain: false,
  idle: false,
  nextIntervalMs: 1_000,
  serverTimeMs: 1,
};

test('nothing can be acknowledged before a datagram is verified, or after one is refused', () => {
  const verifier = new DatagramVerifier(masterKey);
  const out = new Uint8Array(56);
  assert.throws(() => verifier.acknowledgeHeartbeat(out, content), TypeError);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  assert.equal(verifier.verify(bytes), 'heartbeat');
  verifier.acknowledgeHeartbeat(out, content);
  assert.equal(verifier.verify(bytes.subarray(1)), 'DATAGRAM_TYPE_UNKNOWN');
  assert.throws(() => verifier.acknowledgeHeartbeat(out, content), TypeError);
  assert.throws(() => verifier.acknowledgeProbe(out), TypeError);
});

test('an acknowledgement is written into exactly 56 bytes', () => {
  const verifier = new DatagramVerifier(masterKey);
  verifier.verify(keyOf(42, 3).seal(sampleHeartbeat));
  for (const length of [0, 55, 57]) {
    assert.throws(() => verifier.acknowledgeHeartbeat(new Uint8Array(length), content), RangeError);
  }
});

test('an acknowledgement sent back to the server is refused', () => {
  const verifier = new DatagramVerifier(masterKey);
  const out = new Uint8Array(56);
  verifier.verify(keyOf(42, 3).seal(sampleHeartbeat));
  verifier.acknowledgeHeartbeat(out, content);
  assert.equal(verifier.verify(out), 'DATAGRAM_TYPE_UNKNOWN');
});

test('a heartbeat at an offset of a larger buffer is read as well', () => {
  const verifier = new DatagramVerifier(masterKey);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  const slab = Buffer.alloc(1_024, 0xff);
  slab.set(bytes, 333);
  assert.equal(verifier.verify(slab.subarray(333, 333 + bytes.length)), 'heartbeat');
  assert.equal(verifier.sequence, sampleHeartbeat.sequence);
  assert.deepEqual(verifier.listItems(), sampleHeartbeat.items);
});

test('what is copied out stays as it is when the buffer is used again', () => {
  const verifier = new DatagramVerifier(masterKey);
  const bytes = keyOf(42, 3).seal(sampleHeartbeat);
  verifier.verify(bytes);
  const digest = verifier.copyComponentSetDigest();
  const items = verifier.listItems();
  bytes.fill(0);
  assert.deepEqual(digest, sampleHeartbeat.componentSetDigest);
  assert.deepEqual(items, sampleHeartbeat.items);
});
