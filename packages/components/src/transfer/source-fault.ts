import type { IncomingMessage } from 'node:http';
import { TransferError } from './transfer.errors.ts';

/** Faults of the TLS library that mean "not the server that is meant". */
const CERTIFICATE_FAULT =
  /^(ERR_TLS_CERT|CERT_|UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|ERR_TLS_INVALID|INVALID_CA|HOSTNAME_MISMATCH|INVALID_PURPOSE)/u;
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;
const DEFAULT_RETRY_AFTER_MS = 5_000;

/** What a failed connection means. */
export function describeFault(cause: unknown, { origin }: URL): TransferError {
  const fault = codeOf(cause);
  if (CERTIFICATE_FAULT.test(fault))
    return new TransferError(
      'SOURCE_CERTIFICATE_INVALID',
      'The source could not prove that it is the one that is meant.',
      {
        cause,
        retry: 'safe',
        facts: { origin, fault },
        remedy: 'Check the address, and the certificate of the source.',
      },
    );
  return new TransferError('SOURCE_UNREACHABLE', 'The source cannot be reached.', {
    cause,
    retry: 'safe',
    facts: { origin, fault },
    remedy: 'Check the network, the address of the source and the proxy.',
  });
}

export function redirected({ origin }: URL, how: string): TransferError {
  return new TransferError('SOURCE_REDIRECTED', `The source redirects ${how}.`, {
    facts: { origin },
    remedy: 'Name the address that it leads to as the source.',
  });
}

export function invalidAnswer({ origin }: URL, message: string): TransferError {
  return new TransferError('SOURCE_ANSWER_INVALID', message, {
    retry: 'safe',
    facts: { origin },
    remedy: 'Check that the address leads to the repository itself and not to a proxy or portal.',
  });
}

export function changedFile({ origin }: URL): TransferError {
  return new TransferError('SOURCE_FILE_CHANGED', 'The file is another one than before.', {
    retry: 'safe',
    facts: { origin },
    remedy: 'Begin it anew.',
  });
}

export function tooLong({ origin }: URL, limit: number): TransferError {
  return new TransferError(
    'SOURCE_TOO_LONG',
    `The source sends more than the ${limit} bytes that may come.`,
    {
      facts: { origin },
    },
  );
}

export function tooSlow({ origin }: URL): TransferError {
  return new TransferError('SOURCE_TOO_SLOW', 'The source sends too little in its time.', {
    retry: 'safe',
    facts: { origin },
    remedy: 'Try another source, or this one later.',
  });
}

export function brokeOff({ origin }: URL, cause: unknown): TransferError {
  return new TransferError('SOURCE_BROKE_OFF', 'The connection breaks again and again.', {
    cause,
    retry: 'safe',
    facts: { origin, fault: codeOf(cause) },
    remedy: 'Check the network. What has come is kept.',
  });
}

/** What a status means that brings no file. */
export function refusedBy({ origin }: URL, { statusCode = 0, headers }: IncomingMessage): TransferError {
  const facts = { origin, status: statusCode };
  if (statusCode === 429 || statusCode === 503)
    return new TransferError('SOURCE_BUSY', 'The source has no room for another download now.', {
      retry: 'safe',
      facts: { ...facts, retryAfterMs: readRetryAfter(headers['retry-after']) },
      remedy: 'Try again later.',
    });
  if (statusCode === 401 || statusCode === 403 || statusCode === 407)
    return new TransferError('SOURCE_REFUSED', `The source refuses the caller (${statusCode}).`, {
      facts,
      remedy: statusCode === 407 ? 'Check the credentials of the proxy.' : 'Check the credentials.',
    });
  return new TransferError('SOURCE_ANSWER_INVALID', `The source answers ${statusCode}.`, {
    retry: 'safe',
    facts,
    remedy: 'Check that the address leads to the repository itself and not to a proxy or portal.',
  });
}

/** Seconds of RFC 9110, section 10.2.3. A date would need the clock of the other side. */
function readRetryAfter(header: string | undefined): number {
  if (header === undefined || !/^\d{1,9}$/u.test(header)) return DEFAULT_RETRY_AFTER_MS;
  return Math.min(Number(header) * 1_000, MAX_RETRY_AFTER_MS);
}

function codeOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/u.test(code) ? code : 'UNKNOWN';
}
