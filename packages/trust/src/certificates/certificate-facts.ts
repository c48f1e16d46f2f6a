import { createHash, X509Certificate } from 'node:crypto';
import { canonicalAddress } from './address.ts';
import { CertificateError } from './certificate.errors.ts';

/** What people and the server want to know of a certificate. */
export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Lower-case hexadecimal. */
  readonly serialNumber: string;
  /** base64url SHA-256 of the DER. */
  readonly fingerprint: string;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Host names and IP addresses it is good for. */
  readonly names: readonly string[];
  readonly isAuthority: boolean;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
const MAX_PEM_CHARACTERS = 131_072;
const MAX_CHAIN_LENGTH = 10;

/**
 * The facts of the first certificate in a PEM text.
 *
 * @throws CertificateError `CERTIFICATE_UNREADABLE`
 */
export function readCertificateFacts(pem: string): CertificateFacts {
  const [certificate] = parseCertificates(pem);
  return describeCertificate(certificate);
}

/** base64url SHA-256 of the DER of the first certificate in a PEM text: what an enrolment token pins. */
export function calculateFingerprint(pem: string): string {
  return fingerprintOf(parseCertificates(pem)[0]);
}

/**
 * The certificates of a PEM text, in order, at least one.
 *
 * @throws CertificateError `CERTIFICATE_UNREADABLE` when there is none, one is malformed, or there are more than ten
 */
export function parseCertificates(pem: string): readonly [X509Certificate, ...X509Certificate[]] {
  if (pem.length > MAX_PEM_CHARACTERS) throw unreadable();
  let certificates: X509Certificate[];
  try {
    certificates = (pem.match(PEM_BLOCK) ?? []).map((block) => new X509Certificate(block));
  } catch (cause) {
    throw unreadable(cause);
  }
  const [first, ...rest] = certificates;
  if (first === undefined || certificates.length > MAX_CHAIN_LENGTH) throw unreadable();
  return [first, ...rest];
}

function unreadable(cause?: unknown): CertificateError {
  return new CertificateError('CERTIFICATE_UNREADABLE', 'The file holds no readable certificate.', {
    cause,
    remedy: 'Supply certificates in PEM form, at most ten, the server certificate first.',
  });
}

export function describeCertificate(certificate: X509Certificate): CertificateFacts {
  return {
    subject: certificate.subject.replaceAll('\n', ', '),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    serialNumber: certificate.serialNumber.toLowerCase(),
    fingerprint: fingerprintOf(certificate),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    names: readNames(certificate.subjectAltName),
    isAuthority: certificate.ca,
  };
}

export function fingerprintOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}

// The runtime writes "DNS:a, IP Address:b"; names that would need quoting are none that a server answers to.
function readNames(subjectAltName: string | undefined): readonly string[] {
  return (subjectAltName ?? '')
    .split(', ')
    .flatMap((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.slice(1, 2) ?? [])
    .map(canonicalAddress);
}
