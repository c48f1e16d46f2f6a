import { X509Certificate } from 'node:crypto';
import { isPlausibleTime, releasedAtMs } from '@holdfast/kernel';
import { McpClientError } from './client.errors.ts';

/** Faults of the TLS library that mean: not of an authority that is trusted. */
const UNKNOWN_ISSUER: ReadonlySet<unknown> = new Set([
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_UNTRUSTED',
  'CERT_SIGNATURE_FAILURE',
]);

/** Faults that mean: by the clock of this computer, a certificate is outside its time. */
const OUTSIDE_VALIDITY: ReadonlySet<unknown> = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

export function isOfUnknownIssuer(error: unknown): boolean {
  if (!(error instanceof McpClientError) || error.code !== 'SERVER_CERTIFICATE_INVALID') return false;
  const { fault } = error.facts;
  // The authority itself may have ended: one that follows it has not.
  return UNKNOWN_ISSUER.has(fault) || fault === 'CERT_HAS_EXPIRED';
}

/**
 * Says of a certificate outside its time whose clock is wrong, where that can be known, and that it cannot be known where not. Known is:
 * this computer's, when it says a time before this release was made; the server's, when the authority ended before this release was made.
 * Everything else may be either.
 */
export function explainCertificateFault(
  error: McpClientError,
  authorityPem: string,
  nowMs: number,
): McpClientError {
  const { fault } = error.facts;
  if (error.code !== 'SERVER_CERTIFICATE_INVALID' || !OUTSIDE_VALIDITY.has(fault)) return error;
  const now = new Date(nowMs).toISOString();
  const { validFromDate, validToDate } = new X509Certificate(authorityPem);
  const explain = (wrongClock: string, message: string, remedy: string): McpClientError =>
    new McpClientError('SERVER_CERTIFICATE_INVALID', message, {
      cause: error.cause,
      retry: 'safe',
      facts: { ...error.facts, wrongClock },
      remedy,
    });
  if (!isPlausibleTime(nowMs)) {
    return explain(
      'this-computer',
      `The clock of this computer is wrong: it says ${now}, which is before this release was made (${new Date(releasedAtMs).toISOString()}). So no certificate seems to be valid.`,
      'Set the clock of this computer; nothing else has to be done.',
    );
  }
  if (validToDate.getTime() < releasedAtMs) {
    return explain(
      'server',
      `The authority of the server ended at ${validToDate.toISOString()}, before this release was made: it was made while the clock of the server was wrong.`,
      'Make another authority on the server (`holdfast authority renew --now`); this computer follows by itself.',
    );
  }
  if (nowMs >= validToDate.getTime()) {
    return explain(
      'unknown',
      `The authority of the server ended at ${validToDate.toISOString()}. The clock of this computer says ${now}.`,
      'If that time is right, renew the authority on the server (`holdfast authority renew --now`); this computer follows by itself. If it is not, set the clock of this computer.',
    );
  }
  if (nowMs < validFromDate.getTime()) {
    return explain(
      'unknown',
      `The authority of the server begins at ${validFromDate.toISOString()}. The clock of this computer says ${now}: either that is behind, or the clock of the server was ahead when it made the authority.`,
      'Compare both clocks, and set the one that is wrong. If it was that of the server, make another authority there (`holdfast authority renew --now`).',
    );
  }
  return explain(
    'unknown',
    `The certificate of the server is ${fault === 'CERT_HAS_EXPIRED' ? 'over' : 'not valid yet'} by the clock of this computer, which says ${now}.`,
    'Compare the clocks of this computer and of the server, and set the one that is wrong. If both are right, look at the log of the server: it renews its certificate by itself.',
  );
}
