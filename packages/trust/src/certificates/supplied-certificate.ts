import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { isIpAddress } from './address.ts';
import {
  type CertificateFacts,
  describeCertificate,
  fingerprintOf,
  parseCertificates,
} from './certificate-facts.ts';
import { CertificateError } from './certificate.errors.ts';

/** An administrator's own certificate, ready for TLS. */
export interface VerifiedServerCertificate {
  readonly verified: true;
  /** PEM: the server certificate and its intermediates, without the authority. */
  readonly chain: string;
  readonly privateKey: KeyObject;
  /** PEM: what agents pin. */
  readonly authority: string;
  readonly facts: CertificateFacts;
  readonly authorityFingerprint: string;
}

const MIN_RSA_BITS = 2_048;

/**
 * Checks an administrator's own certificate before the server uses it: readable, key matches and is strong enough, in its
 * time, good for the names, and linked by signatures to the authority that agents will pin.
 *
 * @throws CertificateError with any of its codes; each says what to do
 */
export function verifySuppliedCertificate(supplied: {
  /** PEM, the server certificate first, intermediates after it. */
  readonly certificate: string;
  /** PEM, not encrypted. */
  readonly privateKey: string;
  /** PEM of the authority that signed it, directly or through the intermediates. */
  readonly authority: string;
  /** Host names and addresses that agents and browsers use. */
  readonly names: readonly string[];
  readonly nowMs: number;
}): VerifiedServerCertificate {
  const certificates = parseCertificates(supplied.certificate);
  const [leaf, ...others] = certificates;
  const privateKey = readPrivateKey(supplied.privateKey);
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new CertificateError(
      'CERTIFICATE_KEY_MISMATCH',
      'The private key does not belong to the certificate.',
      {
        remedy:
          'Supply the key that the certificate was issued for; the server certificate must come first in its file.',
      },
    );
  }
  requireStrongKey(leaf);
  const authority = readAuthority(supplied.authority);
  const chain = buildChain(leaf, others, authority);
  for (const certificate of [...chain, authority]) requireInTime(certificate, supplied.nowMs);
  for (const name of supplied.names) requireName(leaf, name);
  return {
    verified: true,
    chain: chain.map((certificate) => certificate.toString()).join(''),
    privateKey,
    authority: authority.toString(),
    facts: describeCertificate(leaf),
    authorityFingerprint: fingerprintOf(authority),
  };
}

function readPrivateKey(pem: string): KeyObject {
  try {
    return createPrivateKey({ key: pem, format: 'pem' });
  } catch (cause) {
    const isEncrypted = /ENCRYPTED/.test(pem);
    throw new CertificateError(
      'CERTIFICATE_KEY_UNREADABLE',
      isEncrypted ? 'The private key is protected by a passphrase.' : 'The private key cannot be read.',
      {
        cause,
        remedy: 'Supply the private key in PEM form without a passphrase, readable by the server alone.',
      },
    );
  }
}

function requireStrongKey(leaf: X509Certificate): void {
  const { asymmetricKeyType, asymmetricKeyDetails } = leaf.publicKey;
  const isStrongRsa =
    asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
  if (isStrongRsa || asymmetricKeyType === 'ec' || asymmetricKeyType === 'ed25519') return;
  throw new CertificateError(
    'CERTIFICATE_KEY_WEAK',
    'The key of the certificate is too weak or of an unusable kind.',
    {
      remedy: `Use a P-256 key, or RSA with at least ${MIN_RSA_BITS} bits.`,
    },
  );
}

function readAuthority(pem: string): X509Certificate {
  let authority: X509Certificate;
  try {
    [authority] = parseCertificates(pem);
  } catch (cause) {
    throw new CertificateError('AUTHORITY_UNREADABLE', 'The authority file holds no readable certificate.', {
      cause,
      remedy: 'Supply the certificate of the authority in PEM form.',
    });
  }
  if (!authority.ca) {
    throw new CertificateError(
      'AUTHORITY_NOT_AN_AUTHORITY',
      'The authority certificate is not allowed to issue certificates.',
      {
        remedy:
          'Supply the certificate of the authority that issued the server certificate, not the server certificate itself.',
      },
    );
  }
  return authority;
}

/** The path from the leaf up to, and without, the authority. Each link is proven by its signature. */
function buildChain(
  leaf: X509Certificate,
  others: readonly X509Certificate[],
  authority: X509Certificate,
): readonly X509Certificate[] {
  const chain = [leaf];
  // Each turn uses up one certificate, so the loop ends even when the files name each other in a circle.
  const left = new Set(others);
  for (let current = leaf; ; ) {
    if (isIssuedBy(current, authority)) return chain;
    const issuer: X509Certificate | undefined = [...left].find(
      (candidate) => candidate.ca && isIssuedBy(current, candidate),
    );
    if (issuer === undefined) {
      throw new CertificateError(
        'CERTIFICATE_CHAIN_BROKEN',
        'The certificate does not lead to the authority.',
        {
          facts: {
            missingIssuerOf: current.subject.slice(0, 200),
            wantedIssuer: current.issuer.slice(0, 200),
          },
          remedy: 'Add the intermediate certificates to the certificate file, or supply the right authority.',
        },
      );
    }
    left.delete(issuer);
    chain.push(issuer);
    current = issuer;
  }
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function requireInTime(certificate: X509Certificate, nowMs: number): void {
  const { subject, notBeforeMs, notAfterMs } = describeCertificate(certificate);
  const facts = { subject: subject.slice(0, 200) };
  // Written so that a NaN refuses.
  if (!(nowMs < notAfterMs)) {
    throw new CertificateError('CERTIFICATE_EXPIRED', 'A certificate of the chain has expired.', {
      facts: { ...facts, notAfter: new Date(notAfterMs).toISOString() },
      remedy: 'Supply a renewed certificate.',
    });
  }
  if (!(nowMs >= notBeforeMs)) {
    throw new CertificateError('CERTIFICATE_NOT_YET_VALID', 'A certificate of the chain is not valid yet.', {
      facts: { ...facts, notBefore: new Date(notBeforeMs).toISOString() },
      remedy: "Check this computer's clock, or wait until the certificate is valid.",
    });
  }
}

function requireName(leaf: X509Certificate, name: string): void {
  const isCovered = (isIpAddress(name) ? leaf.checkIP(name) : leaf.checkHost(name)) !== undefined;
  if (isCovered) return;
  throw new CertificateError(
    'CERTIFICATE_NAME_MISSING',
    `The certificate is not good for "${name.slice(0, 253)}".`,
    {
      facts: { names: describeCertificate(leaf).names.slice(0, 20) },
      remedy:
        'Have the certificate issued for every name in the public address, or change the public address.',
    },
  );
}
