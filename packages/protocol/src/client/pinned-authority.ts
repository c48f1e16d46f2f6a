import { createHash, verify, X509Certificate } from 'node:crypto';
import { limits } from '../limits.ts';
import type { AuthorityAnswer } from '../messages/authority.ts';
import { formatSuccession } from '../succession.ts';
import { McpClientError } from './client.errors.ts';

/** The authorities that a product pins: everything it trusts about its server. */
export interface PinnedAuthority {
  /** PEM: the server's authority, then those that are trusted beside it, such as the one that will follow. */
  readonly certificate: string;
  /** base64url SHA-256 of the DER of the first. */
  readonly fingerprint: string;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Fingerprints of all that is pinned, the first one first. */
export function fingerprintsOf({ certificate }: Pick<PinnedAuthority, 'certificate'>): readonly string[] {
  return (certificate.match(PEM_BLOCK) ?? []).map((block) => fingerprintOf(new X509Certificate(block)));
}

/**
 * Pins these authority certificates.
 *
 * @returns undefined when one is no authority certificate, or there are none or too many
 */
export function pinAuthorities(pems: readonly string[]): PinnedAuthority | undefined {
  const certificates = pems.map(readAuthority);
  const [first] = certificates;
  if (first === undefined || certificates.length > limits.maxAuthorities) return undefined;
  // Written anew from the parsed certificates, so that nothing that stood beside them in the text is pinned along.
  const texts = certificates.flatMap((certificate) =>
    certificate === undefined ? [] : [certificate.toString()],
  );
  if (texts.length < certificates.length) return undefined;
  return { certificate: texts.join(''), fingerprint: fingerprintOf(first) };
}

/**
 * The authority of an answer, if it is one of those that are trusted or follows one of them by a chain of successions, each signed
 * with the key of the one before.
 *
 * @param trusted fingerprints
 * @throws McpClientError `SERVER_FINGERPRINT_MISMATCH`
 */
export function verifyAuthority(
  { certificate: pem, successions = [] }: Pick<AuthorityAnswer, 'certificate' | 'successions'>,
  trusted: readonly string[],
): PinnedAuthority {
  const pinned = pinAuthorities([pem]);
  if (pinned === undefined) throw mismatch();
  if (trusted.includes(pinned.fingerprint)) return pinned;
  let isTrusted = false;
  for (const [index, { certificate, signature }] of successions.entries()) {
    const former = readAuthority(certificate);
    const follower = successions[index + 1];
    const next =
      follower === undefined ? pinned.fingerprint : fingerprintOf(readAuthority(follower.certificate));
    if (former === undefined || next === undefined) throw mismatch();
    isTrusted ||= trusted.includes(fingerprintOf(former));
    // What leads to a trusted one is of no concern; from there on each step has to be proven.
    if (isTrusted && !isSignedBy(former, formatSuccession(next), signature)) throw mismatch();
  }
  if (!isTrusted) throw mismatch();
  return pinned;
}

function isSignedBy(authority: X509Certificate, text: string, signature: string): boolean {
  const key = { key: authority.publicKey, dsaEncoding: 'ieee-p1363' } as const;
  return verify('sha256', Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64url'));
}

function readAuthority(pem: string): X509Certificate | undefined {
  try {
    const certificate = new X509Certificate(pem);
    return certificate.ca ? certificate : undefined;
  } catch {
    // No certificate at all: its reader says what that means.
    return undefined;
  }
}

function fingerprintOf(certificate: X509Certificate): string;
function fingerprintOf(certificate: X509Certificate | undefined): string | undefined;
function fingerprintOf(certificate: X509Certificate | undefined): string | undefined {
  if (certificate === undefined) return undefined;
  return createHash('sha256').update(certificate.raw).digest('base64url');
}

function mismatch(): McpClientError {
  return new McpClientError(
    'SERVER_FINGERPRINT_MISMATCH',
    'The server at this address is not the one that the enrolment token is for.',
    {
      remedy:
        'Check the address with your administrator, or create a new enrolment token on the right server.',
    },
  );
}
