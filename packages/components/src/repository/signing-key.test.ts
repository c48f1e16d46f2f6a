import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { toPublicKey } from '../metadata/index.ts';
import { makeFolder } from '../testing/test-repository.ts';
import {
  formatSigningKey,
  generateSigningKey,
  parsePublicPem,
  parseSigningKey,
  toSigningKey,
} from './signing-key.ts';

const passphrase = 'correct horse battery staple';

test('a key comes back with its passphrase, and with no other', async () => {
  const key = generateSigningKey();
  const pem = await formatSigningKey(key, passphrase);
  assert.match(pem, /^-----BEGIN ENCRYPTED PRIVATE KEY-----\n/);
  const opened = parseSigningKey(pem, passphrase);
  assert.equal(opened.id, toSigningKey(key).id);
  const bytes = Buffer.from('what is signed');
  assert.ok(toPublicKey(opened.id, opened.publicKey).isSignedBy(opened.sign(bytes), bytes));
  for (const wrong of ['', 'correct horse battery stapler', `${passphrase} `])
    assert.throws(() => parseSigningKey(pem, wrong), { code: 'PASSPHRASE_WRONG' });
});

test('openssl opens the file, and says that guessing takes 600,000 rounds', async (t) => {
  const folder = await makeFolder(t);
  const file = path.join(folder, 'key.pem');
  const key = generateSigningKey();
  await writeFile(file, await formatSigningKey(key, passphrase));
  const run = promisify(execFile);
  const { stdout } = await run('openssl', ['pkey', '-in', file, '-passin', `pass:${passphrase}`, '-pubout']);
  assert.deepEqual(parsePublicPem(stdout), toSigningKey(key).publicKey);
  const parsed = await run('openssl', ['asn1parse', '-in', file]);
  assert.match(parsed.stdout, /PBKDF2[\s\S]*INTEGER\s+:0927C0[\s\S]*hmacWithSHA256[\s\S]*aes-256-cbc/);
});

test('a short passphrase is refused', async () => {
  for (const short of ['', 'elevenchars', 'x'.repeat(1025)])
    await assert.rejects(formatSigningKey(generateSigningKey(), short), { code: 'PASSPHRASE_TOO_SHORT' });
});

test('what is no Ed25519 key is refused', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
  assert.throws(() => parseSigningKey(String(pem), passphrase), { code: 'SIGNING_KEY_UNREADABLE' });
  assert.throws(() => toSigningKey(publicKey), { code: 'SIGNING_KEY_UNREADABLE' });
  assert.throws(() => parsePublicPem(String(publicKey.export({ format: 'pem', type: 'spki' }))), {
    code: 'SIGNING_KEY_UNREADABLE',
  });
  for (const text of ['', 'x', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'])
    assert.throws(() => parseSigningKey(text, passphrase), { code: 'SIGNING_KEY_UNREADABLE' });
  const cut = (await formatSigningKey(generateSigningKey(), passphrase)).slice(0, 120);
  assert.throws(() => parseSigningKey(cut, passphrase), { code: 'PASSPHRASE_WRONG' });
});
