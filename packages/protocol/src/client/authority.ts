import { limits } from '../limits.ts';
import { AuthorityAnswerSchema } from '../messages/authority.ts';
import { mcpPath } from '../messages/path.ts';
import { readMessage } from './answer.ts';
import { McpClientError } from './client.errors.ts';
import { createHttpsExchange, type HttpsExchange } from './https-exchange.ts';
import { fingerprintsOf, type PinnedAuthority, verifyAuthority } from './pinned-authority.ts';

/**
 * Fetches the server's authority certificate and accepts it only when its SHA-256 is the expected fingerprint, or it follows the one
 * whose fingerprint that is. The connection itself is not trusted and carries no secret. Addresses are tried in order; one that gives
 * another authority (a portal, another server) does not stop the search.
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
        return await fetchFrom(exchange, address, [options.fingerprint]);
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
 * The authority that follows those which are pinned, as the server at this address says and can prove.
 *
 * @returns undefined when it is one of the pinned ones already
 * @throws McpClientError `SERVER_FINGERPRINT_MISMATCH`, `SERVER_UNREACHABLE`, `SERVER_ANSWER_INVALID`
 */
export async function fetchSuccessor(options: {
  readonly address: string;
  readonly pinned: PinnedAuthority;
  readonly timeoutMs: number;
}): Promise<PinnedAuthority | undefined> {
  const exchange = createHttpsExchange({ trust: 'unproven', timeoutMs: options.timeoutMs });
  try {
    const trusted = fingerprintsOf(options.pinned);
    const found = await fetchFrom(exchange, options.address, trusted);
    return trusted.includes(found.fingerprint) ? undefined : found;
  } finally {
    exchange.close();
  }
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
    await fetchFrom(exchange, address, fingerprintsOf(authority));
  } finally {
    exchange.close();
  }
}

async function fetchFrom(
  exchange: HttpsExchange,
  address: string,
  trusted: readonly string[],
): Promise<PinnedAuthority> {
  const answer = await exchange.send({
    address,
    method: 'GET',
    path: mcpPath.authority,
    headers: { accept: 'application/json' },
    maxAnswerBytes: limits.maxAnswerBytes,
  });
  return verifyAuthority(readMessage(answer, AuthorityAnswerSchema), trusted);
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
