/** Pages whose links carry a one-time secret in the fragment. */
const pages = ['/setup', '/invitation', '/recovery'];

/**
 * The secret of a one-time link, and the address without it: neither the address bar nor the history keeps it.
 * Undefined on every other page, and when the fragment is missing.
 */
export function takeLinkSecret(
  location: Pick<Location, 'pathname' | 'hash' | 'search'>,
  history: Pick<History, 'replaceState' | 'state'>,
): string | undefined {
  if (!pages.includes(location.pathname) || location.hash.length < 2) return undefined;
  const secret = location.hash.slice(1);
  history.replaceState(history.state, '', location.pathname + location.search);
  return secret;
}
