/** What the contract allows as a sign-in name. */
export function isSignInName(name: string): boolean {
  return /^[A-Za-z0-9._@-]{1,64}$/.test(name);
}
