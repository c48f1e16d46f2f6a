import type { KeyObject } from 'node:crypto';
import { openValue, readInteger64, sealValue, writeInteger64 } from './sealed-value.ts';
import { TrustError } from './trust.errors.ts';

export interface AccessTokenContent {
  readonly productNumber: number;
  /** Only a token of the product's current epoch is good; the caller compares. */
  readonly epoch: number;
  readonly expiresAtMs: number;
}

export type VerifiedAccessToken = AccessTokenContent & { readonly verified: true };

const VERSION = 1;
/** version u8 ‖ product number u64 ‖ epoch u32 ‖ expiry u48 in milliseconds. */
const CONTENT_BYTES = 19;
const MAX_CHARACTERS = 512;

/**
 * A token for the HTTPS calls of one product and epoch.
 *
 * @param key derived under `KeyLabel.accessToken`
 * @throws RangeError when a number is out of range
 */
export function createAccessToken(key: KeyObject, content: AccessTokenContent): string {
  const bytes = Buffer.alloc(CONTENT_BYTES);
  bytes.writeUInt8(VERSION, 0);
  writeInteger64(bytes, 1, content.productNumber);
  bytes.writeUInt32BE(content.epoch, 9);
  bytes.writeUIntBE(content.expiresAtMs, 13, 6);
  return sealValue(key, bytes);
}

/**
 * @throws TrustError `ACCESS_TOKEN_INVALID` when this server did not make it, `ACCESS_TOKEN_EXPIRED` when its time is over
 */
export function verifyAccessToken(key: KeyObject, token: string, nowMs: number): VerifiedAccessToken {
  const content = openValue(key, token, MAX_CHARACTERS);
  const productNumber =
    content?.length === CONTENT_BYTES && content[0] === VERSION ? readInteger64(content, 1) : undefined;
  if (content === undefined || productNumber === undefined) {
    throw new TrustError('ACCESS_TOKEN_INVALID', 'The access token is not valid.', {
      remedy: 'Make a new handshake.',
    });
  }
  const expiresAtMs = content.readUIntBE(13, 6);
  if (!(nowMs < expiresAtMs)) {
    throw new TrustError('ACCESS_TOKEN_EXPIRED', 'The access token has expired.', {
      remedy: 'Make a new handshake.',
    });
  }
  return { verified: true, productNumber, epoch: content.readUInt32BE(9), expiresAtMs };
}
