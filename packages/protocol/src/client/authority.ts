import { createHash, X509Certificate } from 'node:crypto';
import { limits } from '../limits.ts';
import { AuthorityAnswerSchema } from '../messages/authority.ts';
import { mcpPath } from '../messages/path.ts';
import { readMessage } from './answer.ts';
import { McpClientError } from './client.errors.ts';
import { createHttpsExchange, type HttpsExchange } from './https-exchange.ts';

/** The authority that a product pins: everything it trusts about its server. */
export interface PinnedAuthority {
  /** PEM. */
  readonly certificate: string;
  /** base64url SHA-256 of its DER. */
  readonly fingerprint: string;
}

/**
 * Fetches the server's authority certificate and accepts it only when its SHA-256 is the expected fingerprint. The
 * connection itself is not trusted and carries no secret. Addresses are tried in order; one that gives another
 * authority (a portal, another server) does not stop the search.
 *
 * @throws McpClientError `SERVER_FINGERPRINT_MISMATCH` when a server answered but none had the right authority;
 *   `SERVER_UNREACHABLE`, `SERVER_ANSWER_INVALID`
 */
export async function fetchAuthority(options: {
  readonly addresses: readonly string[];
  /** Out of the enrolment token. */
  readonly fingerprint: string;
  readonly timeoutMs?: number;
}): Promise<PinnedAuthority> {
  const exchange = createHttpsExchange({ trust: 'unproven', timeoutMs: options.timeoutMs ?? 15_000 });
  const failures: unknown[] = [];
  try {
    for (const address of options.addresses) {
      try {
        return await fetchFrom(exchange, address, options.fingerprint);
      } catch (error) {
        failures.push(error);
      }
    }
  } finally {
    exchange.close();
  }
  throw mostTelling(failures);
}

/**
 * Asks whether the server of this authority answers at an address, under a certificate that is good for it.
 *
 * @throws McpClientError `SERVER_CERTIFICATE_INVALID`, `SERVER_FINGERPRINT_MISMATCH`, `SERVER_UNREACHABLE`,
 *   `SERVER_ANSWER_INVALID`
 */
export async function proveServer(options: {
  readonly address: string;
  readonly authority: PinnedAuthority;
  readonly timeoutMs?: number;
}): Promise<void> {
  const { address, authority, timeoutMs = 15_000 } = options;
  const exchange = createHttpsExchange({ trust: { authority: authority.certificate }, timeoutMs });
  try {
    await fetchFrom(exchange, address, authority.fingerprint);
  } finally {
    exchange.close();
  }
}

async function fetchFrom(
  exchange: HttpsExchange,
  address: string,
  fingerprint: string,
): Promise<PinnedAuthority> {
  const answer = await exchange.send({
    address,
    method: 'GET',
    path: mcpPath.authority,
    headers: { accept: 'application/json' },
    maxAnswerBytes: limits.maxSignedBodyBytes,
  });
  const { certificate } = readMessage(answer, AuthorityAnswerSchema);
  return verifyAuthority(certificate, fingerprint);
}

/**
 * Accepts a PEM text that is exactly one authority certificate with this fingerprint.
 *
 * @throws McpClientError `SERVER_FINGERPRINT_MISMATCH`
 */
export function verifyAuthority(pem: string, fingerprint: string): PinnedAuthority {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch (cause) {
    throw mismatch(cause);
  }
  const actual = createHash('sha256').update(certificate.raw).digest('base64url');
  if (actual !== fingerprint || !certificate.ca) throw mismatch();
  // Written anew from the parsed certificate, so that nothing that stood beside it in the text is pinned along.
  return { certificate: certificate.toString(), fingerprint };
}

function mismatch(cause?: unknown): McpClientError {
  return new McpClientError(
    'SERVER_FINGERPRINT_MISMATCH',
    'The server at this address is not the one that the enrolment token is for.',
    {
      cause,
      remedy:
        'Check the address with your administrator, or create a new enrolment token on the right server.',
    },
  );
}

const WEIGHT: Record<string, number> = {
  SERVER_FINGERPRINT_MISMATCH: 3,
  SERVER_CERTIFICATE_INVALID: 2,
  SERVER_ANSWER_INVALID: 1,
};

/** Of the failures of several addresses, the one that tells most; the first of equals. */
export function mostTelling(failures: readonly unknown[]): unknown {
  const weigh = (failure: unknown): number =>
    failure instanceof McpClientError ? (WEIGHT[failure.code] ?? 0) : Number.POSITIVE_INFINITY;
  return failures.reduce((best, failure) => (weigh(failure) > weigh(best) ? failure : best));
}
