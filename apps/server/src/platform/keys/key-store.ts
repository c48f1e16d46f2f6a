import { createPrivateKey, createSecretKey, type KeyObject, randomBytes, X509Certificate } from 'node:crypto';
import path from 'node:path';
import { decodeBase64Url, encodeBase64Url } from '@holdfast/kernel';
import { type CertifiedKey, createCertificateAuthority } from '@holdfast/trust/certificates';
import { HomeError } from '../home/home.errors.ts';
import { writePrivateFile } from '../home/private-file.ts';
import { describeAuthority, finishSwitch } from './authority-keeper.ts';
import { assertPlausibleClock, phaseOf } from './authority-time.ts';
import { exportPrivateKey, type KeyStoreOptions, readKeyFile } from './key-file.ts';

/** The keys that make this server this server: losing them orphans every product. */
export interface StoredKeys {
  readonly masterKey: KeyObject;
  readonly authority: CertifiedKey;
}

const MASTER_KEY_BYTES = 32;
const RESTORE_REMEDY =
  'Put the folder "keys" back from a copy of HOLDFAST_HOME, or restore a backup into an empty HOLDFAST_HOME.';

/**
 * Reads the keys, or makes them at the first start. The master key is written last: until it is there nothing has used
 * the others, and a start that was killed in between begins anew.
 *
 * @param hasProducts whether products trust keys that were here before; then missing ones are never replaced
 * @throws HomeError KEYS_MISSING, KEYS_INCOMPLETE, KEYS_DAMAGED; KeysError CLOCK_IMPLAUSIBLE
 */
export async function openKeys(
  options: KeyStoreOptions & { readonly nowMs: number; readonly hasProducts: () => Promise<boolean> },
): Promise<StoredKeys> {
  const master = await readKeyFile(options, 'master.key');
  if (master !== undefined) {
    const stored = await readKeys(options, master);
    const phase = phaseOf(describeAuthority(stored.authority.certificate), options.nowMs);
    const isUsable = phase !== 'ended' && phase !== 'not-yet-valid';
    // Products that trust it have to follow; where there are none, nobody needs it.
    if (isUsable || (await options.hasProducts())) return stored;
    options.log.warn(
      { phase },
      'the authority of this server cannot be used, and nothing trusts it: it is made anew',
    );
    return { ...stored, authority: await createAuthority(options) };
  }
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
  const authority = await createAuthority(options);
  const bytes = randomBytes(MASTER_KEY_BYTES);
  await writePrivateFile(path.join(options.folder, 'master.key'), `${encodeBase64Url(bytes)}\n`);
  options.log.info({ folder: options.folder }, 'the keys of this server were made');
  return { masterKey: createSecretKey(bytes), authority };
}

async function createAuthority(options: KeyStoreOptions & { readonly nowMs: number }): Promise<CertifiedKey> {
  assertPlausibleClock(options.nowMs);
  const authority = await createCertificateAuthority(options.nowMs);
  const write = async (name: string, content: string): Promise<void> =>
    await writePrivateFile(path.join(options.folder, name), content);
  // As a change of the authority: a kill at any moment leaves what the next start can read or finish.
  await write('next-ca.crt', authority.certificate);
  await write('ca.key', exportPrivateKey(authority.privateKey));
  await finishSwitch(options, authority.certificate);
  return authority;
}

async function readKeys(options: KeyStoreOptions, master: string): Promise<StoredKeys> {
  const bytes = decodeBase64Url(master.trim());
  if (bytes?.length !== MASTER_KEY_BYTES) throw damaged(options, 'master.key');
  return { masterKey: createSecretKey(bytes), authority: await readAuthority(options) };
}

/**
 * The present authority alone, brought to the end of a change that was killed.
 *
 * @throws HomeError KEYS_INCOMPLETE, KEYS_DAMAGED
 */
export async function readAuthority(options: KeyStoreOptions): Promise<CertifiedKey> {
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
  if (parsed.checkPrivateKey(privateKey)) return { certificate, privateKey };
  const next = await readKeyFile(options, 'next-ca.crt');
  // A change of the authority was killed after the key was in its place: it is brought to its end.
  if (
    next === undefined ||
    !readAs(options, 'next-ca.crt', () => new X509Certificate(next)).checkPrivateKey(privateKey)
  )
    throw damaged(options, 'ca.crt');
  await finishSwitch(options, next);
  return { certificate: next, privateKey };
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
