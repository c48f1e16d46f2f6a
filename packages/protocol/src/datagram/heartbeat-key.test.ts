import assert from 'node:assert/strict';
import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { masterKey, readVectors } from './datagram-samples.testing.ts';
import { DatagramKey } from './datagram-key.ts';
import { DatagramVerifier } from './datagram-verifier.ts';
import { HeartbeatKeyDerivation } from './heartbeat-key.ts';

interface KeyVectors {
  readonly masterKey: string;
  readonly vectors: readonly {
    readonly productNumber: number;
    readonly epoch: number;
    readonly key: string;
  }[];
}

const { masterKey: vectorMaster, vectors } = readVectors<KeyVectors>('heartbeat-keys.json');

test('there are vectors', () => assert(vectors.length >= 5));

for (const { productNumber, epoch, key } of vectors) {
  test(`the key of product ${productNumber} in epoch ${epoch} is the one of the vector`, () => {
    const derivation = new HeartbeatKeyDerivation(createSecretKey(Buffer.from(vectorMaster, 'hex')));
    assert.equal(Buffer.from(derivation.deriveKey(productNumber, epoch)).toString('hex'), key);
  });
}

test('a product number or epoch out of range has no key', () => {
  const derivation = new HeartbeatKeyDerivation(masterKey);
  for (const productNumber of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
    assert.throws(() => derivation.deriveKey(productNumber, 1), RangeError, `product ${productNumber}`);
  }
  for (const epoch of [0, -1, 1.5, Number.NaN, 2 ** 32]) {
    assert.throws(() => derivation.deriveKey(1, epoch), RangeError, `epoch ${epoch}`);
  }
});

test('a master key or product key of another length or kind is refused', () => {
  const short = createSecretKey(Buffer.alloc(31, 1));
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  for (const key of [short, privateKey]) {
    assert.throws(() => new HeartbeatKeyDerivation(key), RangeError);
    assert.throws(() => new DatagramVerifier(key), RangeError);
    assert.throws(() => new DatagramKey(key), RangeError);
  }
});
