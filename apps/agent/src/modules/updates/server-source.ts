import { ComponentError } from '@holdfast/components';
import type { FileSource, MetadataStore } from '@holdfast/components/client';
import {
  createHttpSource,
  type HttpSource,
  toComponentError,
  translateErrors,
} from '@holdfast/components/transfer';
import type { FileAccess } from '@holdfast/protocol';

/** Of the first root; what follows it the client bounds. */
const MAX_ROOT_BYTES = 524_288;

/** The files of the repository as the server of this agent has them, by the access of its last handshake. */
export function createServerSource(findAccess: () => FileAccess | undefined): FileSource & { close(): void } {
  let opened: { readonly key: string; readonly source: HttpSource } | undefined;

  const openSource = (): HttpSource => {
    const access = findAccess();
    if (access === undefined)
      throw new ComponentError('SOURCE_UNREACHABLE', 'There is no connection to the server.', {
        retry: 'safe',
      });
    const { base, authorities } = access;
    const key = `${base} ${authorities}`;
    if (opened?.key === key) return opened.source;
    opened?.source.close();
    const source = createHttpSource({
      name: 'the server',
      base,
      authorities,
      headers: async () => ({ authorization: `Bearer ${findAccess()?.accessToken ?? ''}` }),
    });
    opened = { key, source };
    return source;
  };

  return {
    name: 'the server',
    open: async (path, options) => {
      try {
        const bytes = await openSource().open(path, options);
        return bytes === undefined ? undefined : translateErrors(bytes);
      } catch (error) {
        throw toComponentError(error);
      }
    },
    close: () => opened?.source.close(),
  };
}

/**
 * Takes the first root from the server, whose authority this agent has pinned, when it has none. From then on the root that is trusted
 * says which the next one is, and the server has no say in it.
 *
 * @returns true where it was taken just now
 */
export async function takeFirstRoot(
  store: MetadataStore,
  server: FileSource,
  signal: AbortSignal,
): Promise<boolean> {
  if ((await store.read('root.json')) !== undefined) return false;
  const bytes = await server.open('metadata/1.root.json', { from: 0, limit: MAX_ROOT_BYTES, signal });
  if (bytes === undefined) throw createNothingPublishedError();
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of bytes) {
    total += chunk.length;
    if (total > MAX_ROOT_BYTES)
      throw new ComponentError('METADATA_TOO_LARGE', 'The first root of the repository is too large.');
    chunks.push(chunk);
  }
  await store.write('root.json', Buffer.concat(chunks));
  return true;
}

function createNothingPublishedError(): ComponentError {
  return new ComponentError('METADATA_MISSING', 'The server has no components.', { retry: 'safe' });
}
