import { type Permission, permissions, type RouteAccess } from '@holdfast/api';

/**
 * Who may call a route of this server. The contract's declarations, and two for managed products: `product`
 * needs a valid access token; `selfProving` calls carry their proof in the body and are checked by their module.
 */
export type ServerRouteAccess =
  | RouteAccess
  | { readonly product: true }
  | { readonly selfProving: true; readonly because: string };

/** True for a complete declaration; a route without one keeps the server from starting. */
export function isServerRouteAccess(value: unknown): value is ServerRouteAccess {
  if (typeof value !== 'object' || value === null) return false;
  const access = value as Record<string, unknown>;
  if (Object.keys(access).some((key) => !KNOWN_KEYS.has(key))) return false;
  const kinds = ['permission', 'signedIn', 'public', 'product', 'selfProving'].filter((key) => key in access);
  if (kinds.length !== 1) return false;
  if ('permission' in access) return permissions.includes(access['permission'] as Permission);
  if ('public' in access) return access['public'] === true && isReason(access['because']);
  if ('selfProving' in access) return access['selfProving'] === true && isReason(access['because']);
  return access['signedIn'] === true || access['product'] === true;
}

/** One line for people and for the list of all routes. */
export function describeAccess(access: ServerRouteAccess): string {
  if ('permission' in access) return access.permission;
  if ('signedIn' in access) return 'signed in';
  if ('product' in access) return 'product with access token';
  if ('selfProving' in access) return `self-proving: ${access.because}`;
  return `public: ${access.because}`;
}

const KNOWN_KEYS = new Set(['permission', 'signedIn', 'public', 'product', 'selfProving', 'because']);

function isReason(value: unknown): boolean {
  return typeof value === 'string' && value.trim().length >= 10;
}
