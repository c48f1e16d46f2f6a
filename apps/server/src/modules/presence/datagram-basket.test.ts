import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatagramBasket } from './datagram-basket.ts';

const maxDatagramBytes = 512;
const from = (port: number) => ({ address: '192.0.2.1', port });

test('datagrams leave in the order in which they came, a batch at a time, each with where it came from', () => {
  const basket = new DatagramBasket<string>({ maxDatagramBytes, batch: 2 });
  basket.add(Uint8Array.of(1), from(10), 'a');
  basket.add(Uint8Array.of(2, 3), from(20), 'b');
  basket.add(Uint8Array.of(4), from(30), 'c');
  const { post, outlets } = basket.takeBatch();
  assert.deepEqual([...post.bytes], [1, 2, 3]);
  assert.deepEqual(post.ends, [1, 3]);
  assert.deepEqual(post.ports, [10, 20]);
  assert.deepEqual(outlets, ['a', 'b']);
  assert.equal(basket.isEmpty, false);
  assert.deepEqual([...basket.takeBatch().post.bytes], [4]);
  assert.equal(basket.isEmpty, true);
});

test('what finds no room is counted once and dropped', () => {
  const basket = new DatagramBasket<string>({ maxDatagramBytes, room: 1 });
  for (const port of [1, 2, 3]) basket.add(Uint8Array.of(port), from(port), '');
  const { post } = basket.takeBatch();
  assert.deepEqual(post.ports, [1]);
  assert.equal(post.dropped, 2);
  basket.add(Uint8Array.of(4), from(4), '');
  assert.equal(basket.takeBatch().post.dropped, 0);
});

test('of a datagram that is too long only so much travels that it is refused', () => {
  const basket = new DatagramBasket<string>({ maxDatagramBytes });
  basket.add(new Uint8Array(60_000), from(1), '');
  assert.equal(basket.takeBatch().post.bytes.length, 513);
});
