import { AccountError } from './account.errors.ts';
import type { OneTimeLinkRow } from './one-time-links.store.ts';

const RENEWALS: Readonly<Record<OneTimeLinkRow['kind'], string>> = {
  'set-up': 'Run "holdfast admin setup-link" on the server for a new one.',
  invitation: 'Ask the administrator who invited you for a new link.',
  recovery: 'Run "holdfast admin recover" on the server for a new one.',
};

/** Fails closed: a link of another kind is no link, and a time that is no number has passed. */
export function assertUsable(
  link: OneTimeLinkRow | undefined,
  kind: OneTimeLinkRow['kind'],
  nowMs: number,
): OneTimeLinkRow {
  if (link?.kind !== kind) throw createInvalidLinkError();
  if (link.used_at !== null) {
    throw new AccountError('ONE_TIME_LINK_USED', 'This link was used already. It works once.', {
      remedy: 'Sign in with the account that was created, or ask for a new link.',
    });
  }
  if (!(nowMs < link.expires_at.getTime())) {
    throw new AccountError('ONE_TIME_LINK_EXPIRED', 'This link has expired.', {
      remedy: RENEWALS[kind],
    });
  }
  return link;
}

export function createInvalidLinkError(): AccountError {
  return new AccountError('ONE_TIME_LINK_INVALID', 'This link is not valid.', {
    remedy: 'Check that the whole address was copied. A newer link ends the ones before it.',
  });
}
