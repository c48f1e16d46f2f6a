import 'reflect-metadata';
import { createPrivateKey, type KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { encodeHex } from '@holdfast/kernel';
import { canonicalAddress, isIpAddress } from './address.ts';
import { CertificateError } from './certificate.errors.ts';

/** A certificate and its private key. */
export interface CertifiedKey {
  /** PEM. */
  readonly certificate: string;
  readonly privateKey: KeyObject;
}

const DAY_MS = 86_400_000;
/**
 * Certificates start two days in the past: a device whose clock is a day behind must still be able to connect, and be told
 * that its clock is wrong.
 */
const BACKDATED_MS = 2 * DAY_MS;
const AUTHORITY_LIFETIME_MS = 3_652 * DAY_MS;
/** CA/Browser Forum's limit for server certificates, which clients of all kinds enforce. */
const MAX_SERVER_LIFETIME_MS = 397 * DAY_MS;
const MAX_NAMES = 50;
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOST_NAME =
  /^(?=.{1,253}$)(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*$/;

/**
 * Makes the server's certificate authority: ECDSA P-256, valid for ten years, and allowed to issue end certificates only.
 *
 * @param nowMs wall time
 */
export async function createCertificateAuthority(nowMs: number): Promise<CertifiedKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: createSerialNumber(),
      // Different for each installation, so that two authorities in one trust store can be told apart.
      name: [{ CN: [`Holdfast authority ${encodeHex(randomBytes(4))}`] }, { O: ['Holdfast'] }],
      notBefore: new Date(nowMs - BACKDATED_MS),
      notAfter: new Date(nowMs + AUTHORITY_LIFETIME_MS),
      signingAlgorithm: ALGORITHM,
      keys,
      extensions: [
        new BasicConstraintsExtension(true, 0, true),
        new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), privateKey: await exportKey(keys.privateKey) };
}

/**
 * Issues a server certificate with a new P-256 key, for at most 397 days and never beyond the authority's own end.
 *
 * @param names host names and IP addresses, 1 to 50
 * @throws CertificateError `CERTIFICATE_NAME_INVALID`
 */
export async function issueServerCertificate(options: {
  readonly authority: CertifiedKey;
  readonly names: readonly string[];
  readonly nowMs: number;
}): Promise<CertifiedKey> {
  const { authority, nowMs } = options;
  const names = [...new Set(options.names.map(canonicalName))];
  const [commonName] = names;
  if (commonName === undefined || names.length > MAX_NAMES) {
    throw new CertificateError(
      'CERTIFICATE_NAME_INVALID',
      `A server certificate needs 1 to ${MAX_NAMES} names.`,
    );
  }
  const issuer = new X509Certificate(authority.certificate);
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    authority.privateKey.export({ type: 'pkcs8', format: 'der' }),
    ALGORITHM,
    false,
    ['sign'],
  );
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const notAfterMs = Math.min(nowMs - BACKDATED_MS + MAX_SERVER_LIFETIME_MS, issuer.notAfter.getTime());
  const certificate = await X509CertificateGenerator.create(
    {
      serialNumber: createSerialNumber(),
      // RFC 5280 allows 64 characters; nothing reads the common name when there are alternative names.
      subject: [{ CN: [commonName.slice(0, 64)] }],
      issuer: issuer.subjectName,
      notBefore: new Date(nowMs - BACKDATED_MS),
      notAfter: new Date(notAfterMs),
      signingAlgorithm: ALGORITHM,
      publicKey: keys.publicKey,
      signingKey,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
        new SubjectAlternativeNameExtension(
          names.map((value) => ({ type: isIpAddress(value) ? 'ip' : 'dns', value })),
        ),
        await SubjectKeyIdentifierExtension.create(keys.publicKey),
        await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), privateKey: await exportKey(keys.privateKey) };
}

/** True when two thirds of the certificate's life are over, or it cannot be told. */
export function isRenewalDue(
  validity: { readonly notBeforeMs: number; readonly notAfterMs: number },
  nowMs: number,
): boolean {
  const dueAtMs = validity.notBeforeMs + ((validity.notAfterMs - validity.notBeforeMs) * 2) / 3;
  return !(nowMs < dueAtMs);
}

function canonicalName(name: string): string {
  const canonical = canonicalAddress(name);
  if (!isIpAddress(canonical) && !HOST_NAME.test(canonical)) {
    throw new CertificateError(
      'CERTIFICATE_NAME_INVALID',
      `"${name.slice(0, 100)}" is neither a host name nor an IP address.`,
      {
        remedy: 'Name the server by its host name or address, without scheme, port or path.',
      },
    );
  }
  return canonical;
}

/** RFC 5280 section 4.1.2.2: positive, at most 20 bytes; 126 random bits cannot be guessed. */
function createSerialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return encodeHex(bytes);
}

async function exportKey(key: webcrypto.CryptoKey): Promise<KeyObject> {
  const der = await webcrypto.subtle.exportKey('pkcs8', key);
  return createPrivateKey({ key: Buffer.from(der), format: 'der', type: 'pkcs8' });
}
