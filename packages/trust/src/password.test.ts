import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { hashPassword, refuseUnknownAccount, verifyPassword } from './password.ts';

test('an Argon2id hash accepts its password and no other', async () => {
  const stored = await hashPassword('correct horse');
  assert.match(stored, /^\$argon2id\$v=19\$m=65536,t=3,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.deepEqual(await verifyPassword('correct horse', stored), { verified: true, needsRehash: false });
  await assert.rejects(verifyPassword('correct horsf', stored), (error) => hasCode(error, 'PASSWORD_WRONG'));
  await assert.rejects(verifyPassword('', stored), (error) => hasCode(error, 'PASSWORD_WRONG'));
  assert.notEqual(await hashPassword('correct horse'), stored);
});

test('a PBKDF2 hash accepts its password and no other', async () => {
  const stored = await hashPassword('correct horse', 'pbkdf2-sha256');
  assert.match(stored, /^\$pbkdf2-sha256\$i=600000\$/);
  const verified = await verifyPassword('correct horse', stored, 'pbkdf2-sha256');
  assert.deepEqual(verified, { verified: true, needsRehash: false });
  await assert.rejects(verifyPassword('wrong', stored), (error) => hasCode(error, 'PASSWORD_WRONG'));
});

test('a hash of the other algorithm, or of weaker parameters, asks for a new one', async () => {
  const pbkdf2 = await hashPassword('a', 'pbkdf2-sha256');
  assert.equal((await verifyPassword('a', pbkdf2, 'argon2id')).needsRehash, true);
  const { pbkdf2: derive, argon2 } = await import('node:crypto');
  const salt = Buffer.alloc(16, 1);
  const encode = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  const weak = await new Promise<Buffer>((resolve, reject) => {
    derive('a', salt, 100_000, 32, 'sha256', (error, hash) => (error ? reject(error) : resolve(hash)));
  });
  const stored = `$pbkdf2-sha256$i=100000$${encode(salt)}$${encode(weak)}`;
  assert.equal((await verifyPassword('a', stored, 'pbkdf2-sha256')).needsRehash, true);
  const parameters = { message: 'a', nonce: salt, parallelism: 1, memory: 8_192, passes: 1, tagLength: 32 };
  const weakArgon = await new Promise<Buffer>((resolve, reject) => {
    argon2('argon2id', parameters, (error, hash) => (error ? reject(error) : resolve(hash)));
  });
  const storedArgon = `$argon2id$v=19$m=8192,t=1,p=1$${encode(salt)}$${encode(weakArgon)}`;
  assert.equal((await verifyPassword('a', storedArgon)).needsRehash, true);
});

test('the same password typed in composed and decomposed form is one password', async () => {
  const stored = await hashPassword('Schl\u00fcssel', 'pbkdf2-sha256');
  await verifyPassword('Schlu\u0308ssel', stored);
});

test('a password of 1,024 bytes is taken and a longer one refused', async () => {
  await hashPassword('x'.repeat(1_024), 'pbkdf2-sha256');
  for (const long of ['x'.repeat(1_025), 'ü'.repeat(513), 'x'.repeat(10_000_000)]) {
    await assert.rejects(hashPassword(long), (error) => hasCode(error, 'PASSWORD_TOO_LONG'));
    await assert.rejects(refuseUnknownAccount(long), (error) => hasCode(error, 'PASSWORD_TOO_LONG'));
  }
});

test('a name without an account is refused like a wrong password', async () => {
  await assert.rejects(refuseUnknownAccount('anything'), (error) => hasCode(error, 'PASSWORD_WRONG'));
});

test('hashing leaves the event loop free', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 5);
  await hashPassword('correct horse');
  clearInterval(timer);
  // 192 MiB of work take far more than 50 ms on anything that runs this; on the event loop there would be no turn at all.
  assert(turns >= 3, `${turns} turns`);
});

test('a stored text that is no hash is told apart from a wrong password', async () => {
  for (const stored of ['', 'plain', '$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$']) {
    await assert.rejects(verifyPassword('a', stored), (error) => hasCode(error, 'PASSWORD_HASH_UNREADABLE'));
  }
});
