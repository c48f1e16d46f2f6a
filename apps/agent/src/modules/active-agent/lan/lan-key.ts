import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';

const KEY_BYTES = 32;
const ID_BYTES = 8;
const NO_SALT = new Uint8Array(0);

/** What the agents of one organisation have in common on a LAN. Strangers, and agents of other organisations, do not have it. */
export interface LanKey {
  /** 8 bytes that say which key it is and nothing about it; they travel in each datagram. */
  readonly id: Uint8Array;
  /** Seals datagrams. */
  readonly datagramKey: KeyObject;
  /** The pre-shared key of connections to the Active Agent, 32 bytes. */
  readonly transferKey: KeyObject;
}

/**
 * The keys of one purpose each, out of the secret that the server gives to all agents of an organisation: HKDF-SHA-256 without salt.
 *
 * @throws RangeError when the secret is not a secret key of 32 bytes
 */
export function deriveLanKey(secret: KeyObject): LanKey {
  if (secret.type !== 'secret' || secret.symmetricKeySize !== KEY_BYTES) {
    throw new RangeError(`"secret" expected a secret key of ${KEY_BYTES} bytes`);
  }
  const derive = (info: string): KeyObject => {
    const bytes = new Uint8Array(hkdfSync('sha256', secret, NO_SALT, info, KEY_BYTES));
    const key = createSecretKey(bytes);
    bytes.fill(0);
    return key;
  };
  const name = derive('holdfast lan key id v1').export();
  return {
    // One way once more, so that an id never is the beginning of a key.
    id: Uint8Array.from(createHash('sha256').update(name).digest().subarray(0, ID_BYTES)),
    datagramKey: derive('holdfast lan datagram v1'),
    transferKey: derive('holdfast lan transfer v1'),
  };
}
