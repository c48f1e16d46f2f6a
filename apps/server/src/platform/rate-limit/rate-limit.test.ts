import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../clock/test-clock.ts';
import { ConcurrencyLimiter } from './concurrency-limiter.ts';
import { BodyRoom } from './body-room.ts';
import { addressKey, TokenBuckets } from './token-buckets.ts';

test('a bucket gives its burst at once, then one for each part of a second', () => {
  const clock = createTestClock();
  const buckets = new TokenBuckets({ burst: 3, perSecond: 2 }, clock);
  assert.deepEqual(
    [1, 2, 3].map(() => buckets.take('a')),
    [0, 0, 0],
  );
  assert.equal(buckets.take('a'), 500);
  assert.equal(buckets.take('b'), 0);
  clock.advance(499);
  assert.equal(buckets.take('a'), 1);
  clock.advance(1);
  assert.equal(buckets.take('a'), 0);
  clock.advance(3_600_000);
  assert.deepEqual(
    [1, 2, 3].map(() => buckets.take('a')),
    [0, 0, 0],
  );
  assert.notEqual(buckets.take('a'), 0);
});

test('a clock that was set back or forward gives nobody more', () => {
  const clock = createTestClock();
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, clock);
  assert.equal(buckets.take('a'), 0);
  clock.jump(86_400_000);
  assert.notEqual(buckets.take('a'), 0);
  clock.jump(-2 * 86_400_000);
  assert.notEqual(buckets.take('a'), 0);
});

test('memory stays within its bound, and the busiest are remembered', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1 }, createTestClock(), 100);
  for (let number = 0; number < 1_000; number += 1) {
    buckets.take('busy');
    buckets.take(`key ${number}`);
  }
  assert.ok(buckets.size <= 100);
  assert.notEqual(buckets.take('busy'), 0);
});

test('one caller cannot get more by its choice of address', () => {
  assert.equal(addressKey('::ffff:192.0.2.7'), addressKey('192.0.2.7'));
  assert.equal(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  assert.notEqual(addressKey('2001:db8:1:2::1'), addressKey('2001:db8:1:3::1'));
  assert.equal(addressKey('2001:db8::5'), '2001:db8:0:0::/64');
  assert.equal(addressKey('::1'), '0:0:0:0::/64');
  assert.equal(addressKey('fe80::1%eth0'), 'fe80:0:0:0::/64');
});

test('a limiter lets its number in, makes some wait in order, and turns the rest away', async () => {
  const limiter = new ConcurrencyLimiter({ maxRunning: 2, maxWaiting: 2 });
  const [first, second] = [await limiter.enter(), await limiter.enter()];
  const order: string[] = [];
  const third = limiter.enter().then((leave) => {
    order.push('third');
    return leave;
  });
  const fourth = limiter.enter().then((leave) => {
    order.push('fourth');
    return leave;
  });
  assert.equal(await limiter.enter(), undefined);
  first?.();
  first?.();
  (await third)?.();
  (await fourth)?.();
  second?.();
  assert.deepEqual(order, ['third', 'fourth']);
  assert.deepEqual([limiter.running, limiter.waiting], [0, 0]);
});

test('bodies get room until it is full, and what has arrived keeps its place until it leaves', () => {
  const clock = createTestClock();
  const room = new BodyRoom({ maxBytes: 100, patienceMs: 3_000 }, clock);
  const first = room.enter(60, () => assert.fail('it had arrived'));
  assert.ok(first !== undefined);
  first.arrived();
  clock.advance(60_000);
  assert.equal(
    room.enter(50, () => {}),
    undefined,
  );
  assert.ok(room.enter(40, () => {}) !== undefined);
  first.leave();
  first.leave();
  assert.equal(room.heldBytes, 40);
});

test('a body that does not arrive gives its place to others when they need it, the slowest first, and not before its time', () => {
  const clock = createTestClock();
  const room = new BodyRoom({ maxBytes: 100, patienceMs: 3_000 }, clock);
  const ended: string[] = [];
  const enter = (name: string, bytes: number) => room.enter(bytes, () => void ended.push(name));
  enter('first', 40);
  clock.advance(2_000);
  enter('second', 40);
  clock.advance(1_001);
  assert.ok(enter('third', 20) !== undefined, 'there was room for it');
  assert.deepEqual(ended, []);
  assert.ok(enter('fourth', 30) !== undefined);
  assert.deepEqual(ended, ['first']);
  assert.equal(enter('fifth', 30), undefined, 'the second may still take its time');
  assert.equal(room.heldBytes, 90);
  clock.advance(2_000);
  assert.ok(enter('sixth', 50) !== undefined);
  assert.deepEqual(ended, ['first', 'second']);
  assert.equal(enter('seventh', 101), undefined);
});
