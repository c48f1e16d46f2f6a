import path from 'node:path';
import { createAddressInvalid } from './components.errors.ts';

/** Where a source lies, in one form for one place. @throws ComponentsError COMPONENT_SOURCE_ADDRESS_INVALID */
export function parseSourceAddress(kind: 'web' | 'folder', text: string): string {
  if (kind === 'folder') {
    if (!path.isAbsolute(text) || text.includes('\0'))
      throw createAddressInvalid('A folder is named by its whole path.', 'Begin at the root of the disk.');
    return path.normalize(text);
  }
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw createAddressInvalid('The address begins with neither https:// nor http://.', 'Name a web folder.');
  if (`${url.username}${url.password}${url.search}${url.hash}` !== '')
    throw createAddressInvalid(
      'The address holds more than a place.',
      'Leave credentials, query and fragment out; user name and password have fields of their own.',
    );
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url.href;
}

/** @throws ComponentsError COMPONENT_SOURCE_ADDRESS_INVALID */
export function parseProxyAddress(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined &&
    (url.protocol === 'https:' || url.protocol === 'http:') &&
    `${url.username}${url.password}${url.search}${url.hash}` === '' &&
    url.pathname === '/';
  if (!isPlain)
    throw createAddressInvalid('The proxy is not of the form http://HOST:PORT.', 'Name host and port only.');
  return url.origin;
}
