import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramQueue } from './datagram-queue.ts';

const maxDatagramBytes = 512;
const from = (port: number) => ({ address: '192.0.2.1', port });

test('datagrams leave in the order in which they came, a batch at a time, each with where it came from', () => {
  const queue = new DatagramQueue<string>({ maxDatagramBytes, batch: 2 });
  queue.add(Uint8Array.of(1), from(10), 'a');
  queue.add(Uint8Array.of(2, 3), from(20), 'b');
  queue.add(Uint8Array.of(4), from(30), 'c');
  const { post, outlets } = queue.takeBatch();
  assert.deepEqual([...post.bytes], [1, 2, 3]);
  assert.deepEqual(post.ends, [1, 3]);
  assert.deepEqual(post.ports, [10, 20]);
  assert.deepEqual(outlets, ['a', 'b']);
  assert.equal(queue.isEmpty, false);
  assert.deepEqual([...queue.takeBatch().post.bytes], [4]);
  assert.equal(queue.isEmpty, true);
});

test('what finds no room is counted once and dropped', () => {
  const queue = new DatagramQueue<string>({ maxDatagramBytes, room: 1 });
  for (const port of [1, 2, 3]) queue.add(Uint8Array.of(port), from(port), '');
  const { post } = queue.takeBatch();
  assert.deepEqual(post.ports, [1]);
  assert.equal(post.dropped, 2);
  queue.add(Uint8Array.of(4), from(4), '');
  assert.equal(queue.takeBatch().post.dropped, 0);
});

test('of a datagram that is too long only so much travels that it is refused', () => {
  const queue = new DatagramQueue<string>({ maxDatagramBytes });
  queue.add(new Uint8Array(60_000), from(1), '');
  assert.equal(queue.takeBatch().post.bytes.length, 513);
});
