import { createCipheriv, createPrivateKey, type KeyObject, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

/**
 * A private key as a PKCS#8 file that a passphrase protects (RFC 5958 section 3, RFC 8018 section 6.2: PBES2 with
 * PBKDF2-HMAC-SHA-256 and AES-256-CBC). `openssl pkey` reads it. The runtime writes such files too, but with 2,048 rounds
 * only, which a guessing machine does not notice.
 */

// What OWASP's Password Storage Cheat Sheet recommends for PBKDF2-HMAC-SHA-256.
const ROUNDS = 600_000;
const SALT_BYTES = 16;
const IV_BYTES = 16;
const KEY_BYTES = 32;

const OID_PBES2 = Buffer.from('06092a864886f70d01050d', 'hex');
const OID_PBKDF2 = Buffer.from('06092a864886f70d01050c', 'hex');
const OID_HMAC_SHA256 = Buffer.from('06082a864886f70d0209', 'hex');
const OID_AES_256_CBC = Buffer.from('060960864801650304012a', 'hex');
const NULL = Buffer.from('0500', 'hex');

/** PEM of `key`, encrypted. */
export async function encryptPrivateKey(key: KeyObject, passphrase: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const secret = await promisify(pbkdf2)(passphrase, salt, ROUNDS, KEY_BYTES, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', secret, iv);
  const plain = key.export({ format: 'der', type: 'pkcs8' });
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const derivation = sequence(
    OID_PBKDF2,
    sequence(octets(salt), integer(ROUNDS), sequence(OID_HMAC_SHA256, NULL)),
  );
  const scheme = sequence(OID_AES_256_CBC, octets(iv));
  const der = sequence(sequence(OID_PBES2, sequence(derivation, scheme)), octets(encrypted));
  return toPem('ENCRYPTED PRIVATE KEY', der);
}

/** @throws Error when it is no private key, or the passphrase is another one */
export function decryptPrivateKey(pem: string, passphrase: string): KeyObject {
  return createPrivateKey({ key: pem, format: 'pem', passphrase });
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  if (length < 0x100) return Buffer.concat([Buffer.from([tag, 0x81, length]), content]);
  return Buffer.concat([Buffer.from([tag, 0x82, length >> 8, length & 0xff]), content]);
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return tagged(0x04, content);
}

/** Three bytes hold every number of rounds that is meant here. */
function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value >> 16, (value >> 8) & 0xff, value & 0xff]));
}
