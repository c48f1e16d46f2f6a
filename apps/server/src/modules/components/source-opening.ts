import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { FileSource } from '@holdfast/components/client';
import { createFolderSource, createHttpSource } from '@holdfast/components/transfer';
import { openSecret, Secret, sealSecret } from '@holdfast/trust';
import type { SourceRecord } from './sources.store.ts';

/** A source that can be read. */
export interface OpenedSource extends FileSource {
  /** Ends connections that are kept. */
  close(): void;
}

export type SecretOfSource = 'password' | 'proxy-password' | 'key';

/** Opens for this source and this purpose only, when rows are exchanged. */
export function sealSourceSecret(key: KeyObject, id: string, of: SecretOfSource, text: string): Uint8Array {
  return sealSecret(key, `${id} ${of}`, new Secret(text));
}

/** The key with which the server renews what lies in the folder of a source, where it has one. */
export function openSourceKey(
  { id, sealedKey }: Pick<SourceRecord, 'id' | 'sealedKey'>,
  key: KeyObject,
): KeyObject | undefined {
  if (sealedKey === null) return undefined;
  return createPrivateKey(openSecret(key, `${id} key`, sealedKey).reveal());
}

/** Passwords are opened here, and live as long as the source is open. */
export function openSource(source: SourceRecord, key: KeyObject): OpenedSource {
  const { id, name, kind, address, proxy, userName, proxyUserName } = source;
  if (kind === 'folder') return { ...createFolderSource({ name, folder: address }), close: () => undefined };
  const reveal = (of: SecretOfSource, sealed: Uint8Array | null): string =>
    sealed === null ? '' : openSecret(key, `${id} ${of}`, sealed).reveal();
  const headers: Readonly<Record<string, string>> =
    userName === null
      ? {}
      : { authorization: formatBasic(userName, reveal('password', source.sealedPassword)) };
  return createHttpSource({
    name,
    base: address,
    headers: async () => headers,
    ...(proxy === null
      ? {}
      : {
          proxy: {
            url: proxy,
            ...(proxyUserName === null
              ? {}
              : {
                  userName: proxyUserName,
                  password: reveal('proxy-password', source.sealedProxyPassword),
                }),
          },
        }),
  });
}

/** RFC 7617, as UTF-8. */
function formatBasic(userName: string, password: string): string {
  return `Basic ${Buffer.from(`${userName}:${password}`, 'utf8').toString('base64')}`;
}
