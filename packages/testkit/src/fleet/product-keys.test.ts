import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { isUuid } from '@holdfast/kernel';
import { AssertionPurpose, parseAssertion, signAssertion, verifyAssertion } from '@holdfast/trust';
import { ProductKeys } from './product-keys.ts';

test('a derived key is always the same, differs from its neighbours and from those of other fleets, and proves itself', async () => {
  const secret = randomBytes(32);
  const keys = new ProductKeys(secret);
  const again = new ProductKeys(secret);
  const thumbprints = Array.from({ length: 20 }, (_, index) => keys.derive(index).thumbprint);
  assert.equal(new Set(thumbprints).size, 20);
  assert.equal(again.derive(7).thumbprint, thumbprints[7]);
  assert.notEqual(new ProductKeys(randomBytes(32)).derive(7).thumbprint, thumbprints[7]);
  const content = {
    audience: 'holdfast:test',
    nonce: 'nonce',
    request: '{}',
    purpose: AssertionPurpose.handshake,
  };
  const token = signAssertion(keys.derive(7), { ...content, issuedAtMs: 1_000_000 });
  const proven = await verifyAssertion(parseAssertion(token), { ...content, nowMs: 1_000_000 });
  assert.equal(proven.thumbprint, thumbprints[7]);
});

test('every start of a product has an instance of its own, in the form that the protocol asks for', () => {
  const keys = new ProductKeys(randomBytes(32));
  const instances = [0, 1].flatMap((index) =>
    ['a', 'b'].flatMap((run) => [0, 1].map((start) => keys.deriveInstance(index, run, start))),
  );
  assert.equal(new Set(instances).size, 8);
  for (const instance of instances) assert.ok(isUuid(instance), instance);
});

test('a secret of another length is refused', () => {
  assert.throws(() => new ProductKeys(randomBytes(31)), RangeError);
});
