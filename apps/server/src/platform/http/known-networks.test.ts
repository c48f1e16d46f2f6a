import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestClock } from '../clock/test-clock.ts';
import { KnownNetworks } from './known-networks.ts';

test('a network is known for a week after it was proven last', () => {
  const clock = createTestClock();
  const networks = new KnownNetworks(clock);
  networks.remember('2001:db8:1:2::a');
  clock.advance(6 * 86_400_000);
  assert.ok(networks.isKnown('2001:db8:1:2:ffff::1'));
  assert.ok(!networks.isKnown('2001:db8:1:3::a'));
  networks.remember('2001:db8:1:2::b');
  clock.advance(6 * 86_400_000);
  assert.ok(networks.isKnown('2001:db8:1:2::a'));
  clock.advance(86_400_000);
  assert.ok(!networks.isKnown('2001:db8:1:2::a'));
});

test('beyond its bound it forgets the network that was seen least recently', () => {
  const clock = createTestClock();
  const networks = new KnownNetworks(clock, 2);
  networks.remember('192.0.2.1');
  networks.remember('192.0.2.2');
  clock.advance(60_000);
  networks.remember('192.0.2.1');
  networks.remember('::ffff:192.0.2.3');
  assert.deepEqual(
    ['192.0.2.1', '192.0.2.2', '192.0.2.3'].map((address) => networks.isKnown(address)),
    [true, false, true],
  );
});
