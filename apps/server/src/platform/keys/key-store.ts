import { createPrivateKey, createSecretKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { decodeBase64Url, encodeBase64Url } from '@holdfast/kernel';
import { type CertifiedKey, createCertificateAuthority } from '@holdfast/trust/certificates';
import type { Logger } from 'pino';
import { HomeError } from '../home/home.errors.ts';
import { readPrivateFile, writePrivateFile } from '../home/private-file.ts';

/** The keys that make this server this server: losing them orphans every product. */
export interface StoredKeys {
  readonly masterKey: KeyObject;
  readonly authority: CertifiedKey;
}

export interface KeyStoreOptions {
  /** HOLDFAST_HOME/keys. */
  readonly folder: string;
  readonly log: Logger;
}

const MASTER_KEY_BYTES = 32;
const RESTORE_REMEDY =
  'Put the folder "keys" back from a copy of HOLDFAST_HOME, or restore a backup into an empty HOLDFAST_HOME.';

/**
 * Reads the keys, or makes them at the first start. The master key is written last: until it is there nothing has used
 * the others, and a start that was killed in between begins anew.
 *
 * @param hasProducts whether products trust keys that were here before; then missing ones are never replaced
 * @throws HomeError KEYS_MISSING, KEYS_INCOMPLETE, KEYS_DAMAGED
 */
export async function openKeys(
  options: KeyStoreOptions & { readonly nowMs: number; readonly hasProducts: () => Promise<boolean> },
): Promise<StoredKeys> {
  const master = await readKeyFile(options, 'master.key');
  if (master !== undefined) return await readKeys(options, master);
  if (await options.hasProducts()) {
    throw new HomeError(
      'KEYS_MISSING',
      'The database has registered products, but the keys of this server are gone.',
      {
        facts: { folder: options.folder },
        remedy: `New keys would lock every product out. ${RESTORE_REMEDY}`,
      },
    );
  }
  return await createKeys(options);
}

async function createKeys(options: KeyStoreOptions & { readonly nowMs: number }): Promise<StoredKeys> {
  const authority = await createCertificateAuthority(options.nowMs);
  const bytes = randomBytes(MASTER_KEY_BYTES);
  const write = async (name: string, content: string): Promise<void> =>
    await writePrivateFile(path.join(options.folder, name), content);
  await write('ca.key', exportPrivateKey(authority.privateKey));
  await write('ca.crt', authority.certificate);
  await write('master.key', `${encodeBase64Url(bytes)}\n`);
  options.log.info({ folder: options.folder }, 'the keys of this server were made');
  return { masterKey: createSecretKey(bytes), authority };
}

async function readKeys(options: KeyStoreOptions, master: string): Promise<StoredKeys> {
  const bytes = decodeBase64Url(master.trim());
  if (bytes?.length !== MASTER_KEY_BYTES) throw damaged(options, 'master.key');
  const [key, certificate] = [await readKeyFile(options, 'ca.key'), await readKeyFile(options, 'ca.crt')];
  if (key === undefined || certificate === undefined) {
    const file = key === undefined ? 'ca.key' : 'ca.crt';
    throw new HomeError('KEYS_INCOMPLETE', `The file keys/${file} of this server is gone.`, {
      facts: { folder: options.folder, file },
      remedy: RESTORE_REMEDY,
    });
  }
  const privateKey = readAs(options, 'ca.key', () => createPrivateKey(key));
  const parsed = readAs(options, 'ca.crt', () => new X509Certificate(certificate));
  if (!parsed.checkPrivateKey(privateKey)) throw damaged(options, 'ca.crt');
  return { masterKey: createSecretKey(bytes), authority: { certificate, privateKey } };
}

function readAs<Value>(options: KeyStoreOptions, file: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    throw damaged(options, file, cause);
  }
}

function damaged(options: KeyStoreOptions, file: string, cause?: unknown): HomeError {
  return new HomeError('KEYS_DAMAGED', `The file keys/${file} of this server is damaged.`, {
    cause,
    facts: { folder: options.folder, file },
    remedy: RESTORE_REMEDY,
  });
}

/** One file of the keys folder; a mode that lets others read is mended and told. */
export async function readKeyFile(options: KeyStoreOptions, name: string): Promise<string | undefined> {
  return await readPrivateFile(path.join(options.folder, name), (mode) => {
    options.log.warn(
      { file: name, mode: mode.toString(8) },
      'a key file was open to other users and is closed now; think of who may have read it',
    );
  });
}

export function exportPrivateKey(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
