import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { test } from 'node:test';
import { deriveLanSecrets, LAN_SECRET_PERIOD_MS } from './lan-secrets.ts';

const key = createSecretKey(new Uint8Array(32).fill(7));
const now = 1_000 * LAN_SECRET_PERIOD_MS + 5;

test('who asked a period ago, or asks a period later, shares a secret of now with everybody', () => {
  const [present, next, previous] = deriveLanSecrets(key, now);
  assert.equal(new Set([present, next, previous]).size, 3);
  assert.deepEqual(deriveLanSecrets(key, now + LAN_SECRET_PERIOD_MS).at(0), next);
  assert.deepEqual(deriveLanSecrets(key, now + LAN_SECRET_PERIOD_MS).at(2), present);
  assert.deepEqual(deriveLanSecrets(key, now - LAN_SECRET_PERIOD_MS).at(0), previous);
});

test('who gets no answers any more is a stranger after two periods', () => {
  const known = deriveLanSecrets(key, now);
  const used = deriveLanSecrets(key, now + 2 * LAN_SECRET_PERIOD_MS)[0];
  assert.equal(known.includes(used), false);
});

test('within a period it is the same, and another organisation has others', () => {
  assert.deepEqual(deriveLanSecrets(key, now), deriveLanSecrets(key, now + LAN_SECRET_PERIOD_MS - 6));
  const other = createSecretKey(new Uint8Array(32).fill(8));
  assert.equal(
    deriveLanSecrets(other, now).some((secret) => deriveLanSecrets(key, now).includes(secret)),
    false,
  );
  for (const secret of deriveLanSecrets(key, now)) assert.match(secret, /^[\w-]{43}$/u);
});
