import type { Platform } from '../../platform/platform.ts';
import { type AdministratorRow, findAdministrator } from './administrators.store.ts';
import { assertUsable, createInvalidLinkError } from './one-time-link-use.ts';
import { findOneTimeLink, type OneTimeLinkRow } from './one-time-links.store.ts';
import { hashSecret, isOpaqueSecret } from './secret-text.ts';

type LinkPlatform = Pick<Platform, 'database' | 'clock'>;

/** A link for one account, and the account. */
export interface AccountLink {
  readonly link: OneTimeLinkRow;
  readonly account: AdministratorRow;
}

/** @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED */
export async function openLink(
  { database, clock }: LinkPlatform,
  secret: string,
  kind: OneTimeLinkRow['kind'],
): Promise<OneTimeLinkRow> {
  if (!isOpaqueSecret(secret)) throw createInvalidLinkError();
  return assertUsable(await findOneTimeLink(database, hashSecret(secret)), kind, clock.now());
}

/**
 * The same for a link that is for one account, which has to be in this state.
 *
 * @throws AccountError ONE_TIME_LINK_INVALID, _EXPIRED, _USED
 */
export async function openAccountLink(
  platform: LinkPlatform,
  secret: string,
  wanted: { readonly kind: OneTimeLinkRow['kind']; readonly state: AdministratorRow['state'] },
): Promise<AccountLink> {
  const link = await openLink(platform, secret, wanted.kind);
  const id = link.administrator_id;
  const account = id === null ? undefined : await findAdministrator(platform.database, id);
  if (account?.state !== wanted.state) throw createInvalidLinkError();
  return { link, account };
}

/** What whoever holds the link is shown. */
export function describeAccountLink({ link, account }: AccountLink) {
  return {
    name: account.name,
    displayName: account.display_name,
    expiresAt: link.expires_at.toISOString(),
  };
}
