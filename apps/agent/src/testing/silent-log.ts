import type { Log } from '../platform/log.ts';

/** A log that keeps the codes of what it was told. */
export function createSilentLog(): Log & { readonly codes: string[] } {
  const codes: string[] = [];
  const keep = (code: string): void => {
    codes.push(code);
  };
  return { codes, debug: keep, info: keep, warn: keep, error: keep };
}
