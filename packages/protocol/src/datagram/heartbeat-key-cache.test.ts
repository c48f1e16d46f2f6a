import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyOf, masterKey, sampleHeartbeat } from './datagram-samples.testing.ts';
import { DatagramVerifier } from './datagram-verifier.ts';
import { HeartbeatKeyCache } from './heartbeat-key-cache.ts';
import { HmacSha256 } from './hmac-sha256.ts';

function macOf(byte: number): HmacSha256 {
  const mac = new HmacSha256();
  mac.setKey(new Uint8Array(32).fill(byte));
  return mac;
}

function codeOf(mac: HmacSha256): string {
  mac.compute(new Uint8Array(5), 5);
  return Buffer.from(mac.digest()).toString('hex');
}

test('a kept key comes back for its product and epoch, and for no other', () => {
  const cache = new HeartbeatKeyCache(4);
  cache.keep(macOf(1), 6, 3);
  const target = macOf(9);
  for (const [productNumber, epoch] of [
    [6, 2],
    [2, 3],
    [10, 3],
    [6 + 2 ** 32, 3],
  ] as const) {
    assert.equal(cache.load(target, productNumber, epoch), false, `${productNumber}/${epoch}`);
    assert.equal(codeOf(target), codeOf(macOf(9)));
  }
  assert.equal(cache.load(target, 6, 3), true);
  assert.equal(codeOf(target), codeOf(macOf(1)));
});

test('a newer key takes the place of an older one, also for the largest product numbers', () => {
  const cache = new HeartbeatKeyCache(2);
  cache.keep(macOf(1), 1, 1);
  cache.keep(macOf(2), Number.MAX_SAFE_INTEGER, 1);
  assert.equal(cache.load(macOf(9), 1, 1), false);
  const target = macOf(9);
  assert.equal(cache.load(target, Number.MAX_SAFE_INTEGER, 1), true);
  assert.equal(codeOf(target), codeOf(macOf(2)));
});

test('the number of places is a power of two', () => {
  for (const places of [0, 3, -2, 1.5, Number.NaN, 2 ** 25]) {
    assert.throws(() => new HeartbeatKeyCache(places), RangeError, String(places));
  }
});

test('a verifier reads the same with and without room for keys, in any order of products', () => {
  const products = Array.from({ length: 40 }, (_, index) => 1 + ((index * 7) % 13));
  const verifiers = [1, 2, 2 ** 17].map((places) => new DatagramVerifier(masterKey, places));
  for (const [index, productNumber] of products.entries()) {
    const epoch = 1 + (index % 3);
    const bytes = keyOf(productNumber, epoch).seal({ ...sampleHeartbeat, productNumber, epoch });
    const foreign = keyOf(productNumber, epoch + 1).seal({ ...sampleHeartbeat, productNumber, epoch });
    for (const verifier of verifiers) {
      assert.equal(verifier.verify(foreign), 'DATAGRAM_MAC_INVALID');
      assert.equal(verifier.verify(bytes), 'heartbeat');
      // The same again, now from the cache.
      assert.equal(verifier.verify(foreign), 'DATAGRAM_MAC_INVALID');
      assert.equal(verifier.verify(bytes), 'heartbeat');
      assert.equal(verifier.productNumber, productNumber);
    }
  }
});
