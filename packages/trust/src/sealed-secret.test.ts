import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { deriveKey, KeyLabel } from './key-derivation.ts';
import { openSecret, sealSecret } from './sealed-secret.ts';
import { createSecret, Secret } from './secret.ts';

const key = deriveKey(createSecretKey(Buffer.alloc(32, 3)), KeyLabel.webhookSecret);

function refuses(bytes: Uint8Array, owner = 'one', by = key): void {
  assert.throws(
    () => openSecret(by, owner, bytes),
    (error) => hasCode(error, 'SEALED_SECRET_UNREADABLE'),
  );
}

test('a sealed secret opens for its owner and shows nothing of itself', () => {
  for (const secret of [createSecret(), new Secret('ä'), new Secret('')]) {
    const sealed = sealSecret(key, 'one', secret);
    assert.equal(openSecret(key, 'one', sealed).reveal(), secret.reveal());
    assert.ok(secret.reveal() === '' || !Buffer.from(sealed).includes(secret.reveal()));
    assert.notDeepEqual(sealSecret(key, 'one', secret), sealed, 'two seals of one secret differ');
  }
});

test('for another owner, by another key or with any changed byte it does not open', () => {
  const sealed = sealSecret(key, 'one', createSecret());
  refuses(sealed, 'two');
  refuses(sealed, 'one', deriveKey(createSecretKey(Buffer.alloc(32, 4)), KeyLabel.webhookSecret));
  for (let place = 0; place < sealed.length; place += 1) {
    const changed = Uint8Array.from(sealed);
    changed[place] = (changed[place] ?? 0) ^ 1;
    refuses(changed);
    refuses(sealed.subarray(0, place));
  }
});
