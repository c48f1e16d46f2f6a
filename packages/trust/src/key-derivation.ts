import { createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

/** What a derived key is for. A label is never reused for another purpose, and never changed. */
export const KeyLabel = {
  /** Master heartbeat key: the heartbeat keys of products are derived from it. */
  heartbeat: 'holdfast heartbeat master v1',
  challenge: 'holdfast challenge v1',
  accessToken: 'holdfast access token v1',
  receipt: 'holdfast receipt v1',
  probeNonce: 'holdfast probe nonce v1',
  webhookSecret: 'holdfast webhook secret v1',
  componentSource: 'holdfast component source v1',
} as const;
export type KeyLabel = (typeof KeyLabel)[keyof typeof KeyLabel];

const KEY_BYTES = 32;
const NO_SALT = new Uint8Array(0);

/**
 * A 256-bit key for one purpose out of the server's master key: HKDF-SHA-256 (RFC 5869) without salt, the label as info. The
 * master key is uniformly random, so a salt would add nothing.
 *
 * @throws RangeError when the master key is not a secret key of 32 bytes
 */
export function deriveKey(masterKey: KeyObject, label: KeyLabel): KeyObject {
  if (masterKey.type !== 'secret' || masterKey.symmetricKeySize !== KEY_BYTES) {
    throw new RangeError(`"masterKey" expected a secret key of ${KEY_BYTES} bytes`);
  }
  const bytes = new Uint8Array(hkdfSync('sha256', masterKey, NO_SALT, label, KEY_BYTES));
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}
