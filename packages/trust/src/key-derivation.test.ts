import assert from 'node:assert/strict';
import { createHmac, createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { deriveKey, KeyLabel } from './key-derivation.ts';

test('a derived key is HKDF-SHA-256 without salt, step by step as RFC 5869 says', () => {
  const master = Buffer.alloc(32, 3);
  const pseudorandom = createHmac('sha256', Buffer.alloc(32)).update(master).digest();
  for (const label of Object.values(KeyLabel)) {
    const expected = createHmac('sha256', pseudorandom).update(label).update(Uint8Array.of(1)).digest();
    assert.deepEqual(deriveKey(createSecretKey(master), label).export(), expected, label);
  }
});
