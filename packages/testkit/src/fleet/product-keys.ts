import { createECDH, createHmac, createPrivateKey } from 'node:crypto';
import { calculateThumbprint, type ProductKey } from '@holdfast/trust';

const KEY_BYTES = 32;
// RFC 5915, ECPrivateKey: version 1, the private key, the curve P-256, the public key as an uncompressed point.
const BEFORE_PRIVATE = Buffer.from('30770201010420', 'hex');
const BEFORE_PUBLIC = Buffer.from('a00a06082a8648ce3d030107a144034200', 'hex');

/**
 * The keys of a fleet. None is kept: each is derived from one secret of the fleet when it is needed, so a hundred
 * thousand products take no memory for them. Whoever has the secret can speak for every product of the fleet.
 */
export class ProductKeys {
  readonly #secret: Buffer;

  /** @param secret 32 random bytes */
  constructor(secret: Uint8Array) {
    if (secret.length !== KEY_BYTES) throw new RangeError(`"secret" expected 32 bytes, got ${secret.length}`);
    this.#secret = Buffer.from(secret);
  }

  /** The key of the product with this number within the fleet; always the same. */
  derive(index: number): ProductKey {
    for (let attempt = 0; ; attempt++) {
      const scalar = createHmac('sha256', this.#secret).update(`product ${index} ${attempt}`).digest();
      const curve = createECDH('prime256v1');
      try {
        curve.setPrivateKey(scalar);
      } catch {
        // Zero, or not below the order of the curve: once in 2^32 keys.
        continue;
      }
      const point = curve.getPublicKey();
      const privateKey = createPrivateKey({
        key: Buffer.concat([BEFORE_PRIVATE, scalar, BEFORE_PUBLIC, point]),
        format: 'der',
        type: 'sec1',
      });
      scalar.fill(0);
      const publicJwk = {
        kty: 'EC',
        crv: 'P-256',
        x: point.subarray(1, 1 + KEY_BYTES).toString('base64url'),
        y: point.subarray(1 + KEY_BYTES).toString('base64url'),
      } as const;
      return { privateKey, publicJwk, thumbprint: calculateThumbprint(publicJwk) };
    }
  }

  /** UUID of one start of a product: made anew with each run and each start, and of the form that the protocol asks for. */
  deriveInstance(index: number, run: string, start: number): string {
    const bytes = createHmac('sha256', this.#secret).update(`start ${index} ${run} ${start}`).digest();
    bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
    const hex = bytes.toString('hex');
    const parts = [
      hex.slice(0, 8),
      hex.slice(8, 12),
      hex.slice(12, 16),
      hex.slice(16, 20),
      hex.slice(20, 32),
    ];
    return parts.join('-');
  }

  /** For the state file. */
  exportSecret(): string {
    return this.#secret.toString('base64url');
  }
}
