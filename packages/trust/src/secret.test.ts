import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, inspect } from 'node:util';
import { createSecret, hashSecret, isSecretOfHash, Secret } from './secret.ts';

test('a secret shows itself in no way but reveal', () => {
  const secret = new Secret('hunter2');
  const shown = [
    // A template would do the same; the linter rightly refuses to write one with an object in it.
    ['', secret].join(''),
    String(secret),
    JSON.stringify({ secret }),
    inspect(secret),
    inspect({ deep: { secret } }, { depth: 9, showHidden: true }),
    format('%s %o %j', secret, secret, secret),
    Object.values(secret).join(),
    JSON.stringify(Object.getOwnPropertyDescriptors(secret)),
  ];
  for (const text of shown) assert(!text.includes('hunter2'), text);
  assert.equal(JSON.stringify([secret]), '["[redacted]"]');
  assert.equal(secret.reveal(), 'hunter2');
});

test('new secrets are long and never the same', () => {
  const secrets = Array.from({ length: 100 }, () => createSecret().reveal());
  assert.equal(new Set(secrets).size, 100);
  assert(secrets.every((text) => /^[A-Za-z0-9_-]{43}$/.test(text)));
  assert.throws(() => createSecret(15), RangeError);
  assert.throws(() => createSecret(Number.NaN), RangeError);
});

test('a secret is known by its hash, and no other is', () => {
  const secret = createSecret().reveal();
  const hash = hashSecret(secret);
  assert.equal(isSecretOfHash(secret, hash), true);
  assert.equal(isSecretOfHash(`${secret}x`, hash), false);
  assert.equal(isSecretOfHash('', hash), false);
  assert.equal(isSecretOfHash(secret, hash.subarray(1)), false);
  assert.equal(isSecretOfHash(secret, new Uint8Array(0)), false);
});
