import { limits } from './limits.ts';

/**
 * The canonical origin of a server address, such as `https://host:8443`, or `undefined` when the text is not one: only
 * `https`, no user, path, query or fragment. Plain HTTP does not exist in the protocol.
 */
export function parseServerAddress(text: string): string | undefined {
  if (text.length > limits.maxServerAddressCharacters || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const isOrigin =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  if (url.protocol !== 'https:' || url.hostname === '' || !isOrigin) return undefined;
  return url.origin;
}

/** Host (without brackets) and port of a canonical address. */
export function splitServerAddress(address: string): { readonly host: string; readonly port: number } {
  const url = new URL(address);
  return { host: url.hostname.replace(/^\[|\]$/gu, ''), port: url.port === '' ? 443 : Number(url.port) };
}
