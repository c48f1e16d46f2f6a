import { createSecretKey, hkdfSync, type KeyObject, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { decodeBase64Url, encodeBase64Url } from '@holdfast/kernel';
import { BackupError, createDamagedError } from './backup.errors.ts';
import type { Protection } from './backup-format.ts';

const ITERATIONS = 600_000;
const KEY_BYTES = 32;
const SALT_BYTES = 32;
export const MIN_PASSPHRASE_LENGTH = 12;

type PassphraseProtection = Extract<Protection, { kind: 'passphrase' }>;

export interface PassphraseKey {
  readonly key: KeyObject;
  readonly protection: PassphraseProtection;
}

/** A new key for one backup. @throws BackupError BACKUP_PASSPHRASE_TOO_SHORT */
export async function createPassphraseKey(
  passphrase: string,
  iterations = ITERATIONS,
): Promise<PassphraseKey> {
  if ([...passphrase].length < MIN_PASSPHRASE_LENGTH) {
    throw new BackupError(
      'BACKUP_PASSPHRASE_TOO_SHORT',
      `The passphrase of a backup has at least ${MIN_PASSPHRASE_LENGTH} characters.`,
      { remedy: 'Choose a longer one, for example five random words.' },
    );
  }
  const salt = randomBytes(SALT_BYTES);
  const { key, commitment } = await derive(passphrase, salt, iterations);
  return {
    key,
    protection: {
      kind: 'passphrase',
      kdf: 'pbkdf2-hmac-sha512',
      iterations,
      salt: encodeBase64Url(salt),
      commitment: encodeBase64Url(commitment),
    },
  };
}

/** The key of an existing backup. @throws BackupError BACKUP_PASSPHRASE_WRONG */
export async function openPassphraseKey(
  passphrase: string,
  protection: PassphraseProtection,
): Promise<KeyObject> {
  const salt = decodeBase64Url(protection.salt);
  const stated = decodeBase64Url(protection.commitment);
  if (salt === undefined || stated === undefined)
    throw createDamagedError('its preamble does not have its shape');
  const { key, commitment } = await derive(passphrase, salt, protection.iterations);
  if (timingSafeEqual(commitment, stated)) return key;
  throw new BackupError('BACKUP_PASSPHRASE_WRONG', 'The passphrase does not open this backup.', {
    remedy:
      'Check for capital letters and spaces. Without the passphrase the backup cannot be opened by anybody.',
  });
}

/**
 * The commitment ties the file to one key: AES-GCM alone would let a made-up file open under two. It tells
 * nothing about the key, because both come from the same secret by a one-way function with different labels.
 */
async function derive(
  passphrase: string,
  salt: Uint8Array,
  iterations: number,
): Promise<{ readonly key: KeyObject; readonly commitment: Uint8Array }> {
  const stretched = await promisify(pbkdf2)(
    passphrase.normalize('NFC'),
    salt,
    iterations,
    KEY_BYTES,
    'sha512',
  );
  const secret = createSecretKey(stretched);
  const expand = (label: string): Uint8Array =>
    new Uint8Array(hkdfSync('sha256', secret, salt, `holdfast backup ${label}`, KEY_BYTES));
  return { key: createSecretKey(expand('key')), commitment: expand('commitment') };
}
