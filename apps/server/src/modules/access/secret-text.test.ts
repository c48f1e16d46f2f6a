import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createApiKeySecret,
  createOpaqueSecret,
  deriveCsrfToken,
  hashSecret,
  isApiKeySecret,
  isOpaqueSecret,
} from './secret-text.ts';

test('a secret has 256 bits, and only its hash says that it is the same', () => {
  const secret = createOpaqueSecret();
  assert.equal(Buffer.from(secret.text, 'base64url').length, 32);
  assert.ok(isOpaqueSecret(secret.text));
  assert.deepEqual(secret.hash, hashSecret(secret.text));
  assert.notEqual(createOpaqueSecret().text, secret.text);
});

test('an API key shows its kind and a prefix to recognise it by', () => {
  const key = createApiKeySecret();
  assert.match(key.text, /^hfk_[A-Za-z0-9]{8}_[A-Za-z0-9_-]{43}$/);
  assert.ok(key.text.startsWith(`${key.prefix}_`));
  assert.ok(isApiKeySecret(key.text));
  assert.deepEqual(key.hash, hashSecret(key.text));
});

test('what could not be a secret of ours is not worth a look into the database', () => {
  const { text } = createOpaqueSecret();
  for (const wrong of ['', text.slice(1), `${text}A`, ` ${text}`, text.replace(/.$/, '=')]) {
    assert.equal(isOpaqueSecret(wrong), false, JSON.stringify(wrong));
  }
  const { text: key } = createApiKeySecret();
  for (const wrong of ['', key.toUpperCase(), key.slice(0, -1), `${key}A`, key.replace('hfk_', 'hfx_')]) {
    assert.equal(isApiKeySecret(wrong), false, JSON.stringify(wrong));
  }
});

test('the token against cross-site requests differs for each session and does not give the session away', () => {
  const first = createOpaqueSecret().text;
  assert.equal(deriveCsrfToken(first), deriveCsrfToken(first));
  assert.notEqual(deriveCsrfToken(first), deriveCsrfToken(createOpaqueSecret().text));
  assert.notEqual(deriveCsrfToken(first), hashSecret(first).toString('base64url'));
});
