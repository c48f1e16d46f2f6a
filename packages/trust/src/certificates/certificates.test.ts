import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { hasCode } from '@holdfast/kernel';
import { calculateFingerprint, parseCertificates, readCertificateFacts } from './certificate-facts.ts';
import {
  type CertifiedKey,
  createCertificateAuthority,
  isRenewalDue,
  issueServerCertificate,
} from './certificate-authority.ts';
import { verifySuppliedCertificate } from './supplied-certificate.ts';
import { issueChain } from './test-authority.testing.ts';

const DAY_MS = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22, 12);
const names = ['Server.Example', '192.0.2.7', '2001:DB8:0:0:0:0:0:1', '*.branch.example'];
const authority = await createCertificateAuthority(nowMs);
const issued = await issueServerCertificate({ authority, names, nowMs });

const pemOf = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const supplied = {
  certificate: issued.certificate,
  privateKey: pemOf(issued.privateKey),
  authority: authority.certificate,
  names: ['server.example', '192.0.2.7', '2001:db8::1', 'desk.branch.example'],
  nowMs,
};

function refuses(changes: Partial<typeof supplied>, code: string): void {
  assert.throws(
    () => verifySuppliedCertificate({ ...supplied, ...changes }),
    (error) => {
      assert(hasCode(error, code), `${String((error as { code?: string }).code)} instead of ${code}`);
      assert((error as { remedy?: string }).remedy !== undefined);
      return true;
    },
  );
}

test('the authority may issue end certificates and nothing else, for ten years', () => {
  const facts = readCertificateFacts(authority.certificate);
  assert.equal(facts.isAuthority, true);
  assert.equal(facts.subject, facts.issuer);
  assert.equal(Math.round((facts.notAfterMs - nowMs) / DAY_MS), 3_652);
  const certificate = new X509Certificate(authority.certificate);
  assert(certificate.verify(certificate.publicKey));
  assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
  assert(certificate.publicKey.equals(createPublicKey(authority.privateKey)));
});

test('two authorities differ in name, serial number and fingerprint', async () => {
  const other = readCertificateFacts((await createCertificateAuthority(nowMs)).certificate);
  const facts = readCertificateFacts(authority.certificate);
  assert.notEqual(other.subject, facts.subject);
  assert.notEqual(other.serialNumber, facts.serialNumber);
  assert.notEqual(other.fingerprint, facts.fingerprint);
  assert.match(facts.serialNumber, /^[4-7][0-9a-f]{31}$/);
});

test('a server certificate is for its names, for TLS servers, for at most 397 days', () => {
  const facts = readCertificateFacts(issued.certificate);
  assert.deepEqual(facts.names, ['server.example', '192.0.2.7', '2001:db8::1', '*.branch.example']);
  assert.equal(facts.isAuthority, false);
  assert(facts.notAfterMs - facts.notBeforeMs <= 397 * DAY_MS);
  const certificate = new X509Certificate(issued.certificate);
  // The runtime calls the extended key usages `keyUsage`.
  assert.deepEqual(certificate.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  assert(certificate.verify(createPublicKey(authority.privateKey)));
  assert(certificate.checkPrivateKey(issued.privateKey));
});

test('certificates begin two days ago, so that a device a day behind can connect', () => {
  for (const { certificate } of [authority, issued]) {
    assert.equal(readCertificateFacts(certificate).notBeforeMs, nowMs - 2 * DAY_MS);
  }
});

test('a server certificate never outlives its authority', async () => {
  const lateMs = nowMs + 3_650 * DAY_MS;
  const late = await issueServerCertificate({ authority, names, nowMs: lateMs });
  assert.equal(
    readCertificateFacts(late.certificate).notAfterMs,
    readCertificateFacts(authority.certificate).notAfterMs,
  );
});

for (const wrong of [
  [],
  ['https://a'],
  ['a b'],
  ['a/b'],
  ['fe80::1%eth0'],
  ['-a'],
  ['a..b'],
  ['256.1.1.1/8'],
  [''],
]) {
  test(`no certificate is issued for ${JSON.stringify(wrong)}`, async () => {
    await assert.rejects(issueServerCertificate({ authority, names: wrong, nowMs }), (error) =>
      hasCode(error, 'CERTIFICATE_NAME_INVALID'),
    );
  });
}

test('renewal is due when two thirds of the life are over, and when it cannot be told', () => {
  const validity = { notBeforeMs: 0, notAfterMs: 300 };
  assert.equal(isRenewalDue(validity, 199), false);
  assert.equal(isRenewalDue(validity, 200), true);
  assert.equal(isRenewalDue(validity, Number.NaN), true);
  assert.equal(isRenewalDue({ notBeforeMs: Number.NaN, notAfterMs: 1 }, 0), true);
});

test("an administrator's certificate that fits is accepted", () => {
  const verified = verifySuppliedCertificate(supplied);
  assert.equal(verified.verified, true);
  assert.equal(verified.authorityFingerprint, calculateFingerprint(authority.certificate));
  assert.equal(verified.facts.fingerprint, calculateFingerprint(issued.certificate));
});

test('a certificate behind an intermediate is accepted, and its chain holds the intermediate', async () => {
  const { root, intermediate, leaf } = await issueChain(nowMs);
  const chain = leaf.certificate + intermediate.certificate;
  const mine = {
    ...supplied,
    names: ['leaf.example'],
    privateKey: pemOf(leaf.privateKey),
    authority: root.certificate,
  };
  const verified = verifySuppliedCertificate({ ...mine, certificate: chain + authority.certificate });
  assert.equal(parseCertificates(verified.chain).length, 2);
  assert.throws(
    () => verifySuppliedCertificate({ ...mine, certificate: leaf.certificate }),
    (error) => hasCode(error, 'CERTIFICATE_CHAIN_BROKEN'),
  );
  assert.throws(
    () => verifySuppliedCertificate({ ...mine, certificate: chain, nowMs: nowMs + 40 * DAY_MS }),
    (error) => hasCode(error, 'CERTIFICATE_EXPIRED'),
  );
});

test('what does not fit is refused with its own code', async () => {
  const stranger: CertifiedKey = await createCertificateAuthority(nowMs);
  const encrypted = issued.privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'a',
  });
  refuses({ certificate: '' }, 'CERTIFICATE_UNREADABLE');
  refuses({ certificate: issued.certificate.slice(0, 300) }, 'CERTIFICATE_UNREADABLE');
  refuses(
    { certificate: issued.certificate.replace(/[A-Za-z0-9+/]{40}/, 'A'.repeat(40)) },
    'CERTIFICATE_UNREADABLE',
  );
  refuses({ certificate: issued.certificate.repeat(11) }, 'CERTIFICATE_UNREADABLE');
  refuses({ privateKey: 'none' }, 'CERTIFICATE_KEY_UNREADABLE');
  refuses({ privateKey: encrypted.toString() }, 'CERTIFICATE_KEY_UNREADABLE');
  refuses({ privateKey: pemOf(stranger.privateKey) }, 'CERTIFICATE_KEY_MISMATCH');
  refuses({ authority: '' }, 'AUTHORITY_UNREADABLE');
  refuses({ authority: issued.certificate }, 'AUTHORITY_NOT_AN_AUTHORITY');
  refuses({ authority: stranger.certificate }, 'CERTIFICATE_CHAIN_BROKEN');
  refuses({ nowMs: nowMs - 3 * DAY_MS }, 'CERTIFICATE_NOT_YET_VALID');
  refuses({ nowMs: nowMs + 396 * DAY_MS }, 'CERTIFICATE_EXPIRED');
  refuses({ nowMs: Number.NaN }, 'CERTIFICATE_EXPIRED');
  refuses({ names: ['other.example'] }, 'CERTIFICATE_NAME_MISSING');
  refuses({ names: ['192.0.2.8'] }, 'CERTIFICATE_NAME_MISSING');
  refuses({ names: ['a.desk.branch.example'] }, 'CERTIFICATE_NAME_MISSING');
});

test('an RSA key below 2,048 bits is refused, and one of 2,048 taken', async () => {
  for (const [bits, isTaken] of [
    [1_024, false],
    [2_048, true],
  ] as const) {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits });
    const { root, leaf } = await issueChain(nowMs, privateKey);
    const mine = {
      ...supplied,
      names: ['leaf.example'],
      privateKey: pemOf(privateKey),
      certificate: leaf.certificate,
    };
    const verify = (): unknown => verifySuppliedCertificate({ ...mine, authority: root.certificate });
    if (isTaken) verify();
    else assert.throws(verify, (error) => hasCode(error, 'CERTIFICATE_KEY_WEAK'));
  }
});
