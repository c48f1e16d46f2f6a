import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import {
  createCertificateAuthority,
  issueServerCertificate,
  readCertificateFacts,
} from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import {
  type CertificateKeeper,
  type CertificateKeeperOptions,
  openCertificate,
} from './certificate-keeper.ts';
import { exportPrivateKey } from './key-file.ts';
import { openKeys, type StoredKeys } from './key-store.ts';
import { listCertificateNames } from './server-certificate.ts';

const clock = createTestClock();
let folder: string;
let warnings: string[] = [];
const log = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-keys-'));
});
after(() => rm(folder, { recursive: true }));
afterEach(async () => {
  warnings = [];
  for (const name of await readdir(folder)) await rm(path.join(folder, name));
});

async function open(hasProducts = false): Promise<StoredKeys> {
  return await openKeys({ folder, log, nowMs: clock.now(), hasProducts: async () => hasProducts });
}

async function keep(options: Partial<CertificateKeeperOptions> = {}): Promise<CertificateKeeper> {
  const { authority } = await open();
  return await openCertificate({
    folder,
    log,
    clock,
    authority: () => authority,
    supplied: undefined,
    listNames: () => ['holdfast.example', '192.0.2.1'],
    publicNames: [],
    ...options,
  });
}

async function assertRefused(work: Promise<unknown>, code: string): Promise<void> {
  await assert.rejects(work, (error) => hasCode(error, code) || assert.fail(String(error)));
}

test('keys are made once, closed to everybody else, and the same ever after', async () => {
  const first = await open();
  for (const name of ['master.key', 'ca.key', 'ca.crt']) {
    assert.equal((await stat(path.join(folder, name))).mode & 0o777, 0o600);
  }
  const second = await open(true);
  assert.ok(first.masterKey.equals(second.masterKey));
  assert.equal(first.authority.certificate, second.authority.certificate);
  assert.equal(second.masterKey.symmetricKeySize, 32);
});

test('keys are never made anew while products trust the ones that are gone', async () => {
  await assertRefused(open(true), 'KEYS_MISSING');
  assert.deepEqual(await readdir(folder), []);
});

test('a first start that was killed before the master key was written begins anew', async () => {
  await open();
  await rm(path.join(folder, 'master.key'));
  const certificate = await readFile(path.join(folder, 'ca.crt'), 'utf8');
  assert.notEqual((await open()).authority.certificate, certificate);
});

test('a missing or damaged file is named, and nothing is replaced', async () => {
  await open();
  const other = await createCertificateAuthority(clock.now());
  for (const [name, content, code] of [
    ['ca.key', undefined, 'KEYS_INCOMPLETE'],
    ['ca.crt', undefined, 'KEYS_INCOMPLETE'],
    ['master.key', 'short', 'KEYS_DAMAGED'],
    ['ca.key', 'no key', 'KEYS_DAMAGED'],
    ['ca.crt', 'no certificate', 'KEYS_DAMAGED'],
    ['ca.crt', other.certificate, 'KEYS_DAMAGED'],
  ] as const) {
    const file = path.join(folder, name);
    const before = await readFile(file, 'utf8');
    if (content === undefined) await rm(file);
    else await writeFile(file, content);
    await assertRefused(open(), code);
    await writeFile(file, before, { mode: 0o600 });
  }
  await open();
});

test('a key that others could read is closed, and people are told', async () => {
  await open();
  await chmod(path.join(folder, 'master.key'), 0o644);
  await open();
  assert.equal((await stat(path.join(folder, 'master.key'))).mode & 0o777, 0o600);
  assert.match(warnings.join(''), /master\.key.*644.*who may have read it/);
});

test('the server certificate is kept while it is good, and renewed in time', async () => {
  const own = createTestClock(clock.now());
  const keeper = await keep({ clock: own });
  const facts = readCertificateFacts(keeper.current.chain);
  assert.deepEqual([...facts.names].sort(), ['192.0.2.1', 'holdfast.example']);
  const changes: string[] = [];
  keeper.onChange(({ fingerprint }) => changes.push(fingerprint));
  await keeper.renew();
  assert.deepEqual(changes, []);
  own.advance(300 * 86_400_000);
  await keeper.renew();
  assert.equal(changes.length, 1);
  assert.ok(keeper.current.expiresAtMs > own.now() + 300 * 86_400_000);
  const again = await keep({ clock: own });
  assert.equal(again.current.fingerprint, changes[0]);
});

test('a new name of this computer brings a new certificate; a damaged one is replaced', async () => {
  const first = (await keep()).current.fingerprint;
  const second = (await keep({ listNames: () => ['other.example'] })).current;
  assert.notEqual(second.fingerprint, first);
  await writeFile(path.join(folder, 'server.crt'), 'damaged');
  const third = (await keep({ listNames: () => ['other.example'] })).current;
  assert.notEqual(third.fingerprint, second.fingerprint);
  await writeFile(
    path.join(folder, 'server.key'),
    exportPrivateKey((await createCertificateAuthority(0)).privateKey),
  );
  assert.notEqual(
    (await keep({ listNames: () => ['other.example'] })).current.fingerprint,
    third.fingerprint,
  );
});

async function supply(
  notAfterMs: number,
  names = ['console.example'],
): Promise<NonNullable<CertificateKeeperOptions['supplied']>> {
  const authority = await createCertificateAuthority(notAfterMs - 397 * 86_400_000);
  const issued = await issueServerCertificate({ authority, names, nowMs: notAfterMs - 395 * 86_400_000 });
  const files = {
    certificateFile: path.join(folder, 'own.crt'),
    keyFile: path.join(folder, 'own.key'),
    authorityFile: path.join(folder, 'own-ca.crt'),
  };
  await writeFile(files.certificateFile, issued.certificate);
  await writeFile(files.keyFile, exportPrivateKey(issued.privateKey));
  await writeFile(files.authorityFile, authority.certificate);
  return files;
}

test('a certificate of the organisation is used when it is right, and each fault has its code', async () => {
  const supplied = await supply(clock.now() + 100 * 86_400_000);
  const { current } = await keep({ supplied, publicNames: ['console.example'] });
  assert.deepEqual(current.names, ['console.example']);
  assert.equal(current.authority.trim(), (await readFile(supplied.authorityFile, 'utf8')).trim());
  await assertRefused(keep({ supplied, publicNames: ['other.example'] }), 'CERTIFICATE_NAME_MISSING');
  await assertRefused(
    keep({ supplied: { ...supplied, keyFile: path.join(folder, 'ca.key') } }),
    'CERTIFICATE_KEY_MISMATCH',
  );
  await assertRefused(
    keep({ supplied: { ...supplied, authorityFile: path.join(folder, 'ca.crt') } }),
    'CERTIFICATE_CHAIN_BROKEN',
  );
  await assertRefused(
    keep({ supplied: { ...supplied, certificateFile: '/nonexistent' } }),
    'CERTIFICATE_UNREADABLE',
  );
  await assertRefused(keep({ supplied: await supply(clock.now() - 1) }), 'CERTIFICATE_EXPIRED');
});

test('a supplied certificate that was renewed badly leaves the good one in use', async () => {
  const supplied = await supply(clock.now() + 100 * 86_400_000);
  const keeper = await keep({ supplied, publicNames: ['console.example'] });
  const { fingerprint } = keeper.current;
  await writeFile(supplied.certificateFile, 'half a fi');
  await assertRefused(keeper.renew(), 'CERTIFICATE_UNREADABLE');
  assert.equal(keeper.current.fingerprint, fingerprint);
  assert.match(warnings.join(''), /CERTIFICATE_UNREADABLE/);
  await supply(clock.now() + 200 * 86_400_000);
  await keeper.renew();
  assert.equal(keeper.current.fingerprint, fingerprint);
  assert.match(warnings.join(''), /the authority of the certificate changed/);
});

test('the names of the certificate are the public ones and those of this computer, each fit for a certificate', async () => {
  const names = listCertificateNames(['https://a.example:8443', 'https://[2001:db8::7]:8443', 'https://b:1']);
  assert.deepEqual(names.slice(0, 3), ['a.example', '2001:db8::7', 'b']);
  for (const name of ['localhost', '127.0.0.1', '::1']) assert.ok(names.includes(name));
  const authority = await createCertificateAuthority(clock.now());
  await issueServerCertificate({ authority, names, nowMs: clock.now() });
});
