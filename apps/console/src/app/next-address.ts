/** Where to go after signing in: only a path of this console, never another site. */
export function nextAddressOf(next: unknown): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/';
  return next.startsWith('/sign-in') ? '/' : next;
}
