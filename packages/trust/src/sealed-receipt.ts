import type { KeyObject } from 'node:crypto';
import { decodeUtf8, encodeHex, isUuid } from '@holdfast/kernel';
import { openValue, readInteger64, sealValue, writeInteger64 } from './sealed-value.ts';
import { TrustError } from './trust.errors.ts';

/** What a server has written down about a product and given to it for keeping. */
export interface ReceiptContent {
  readonly productNumber: number;
  /** Thumbprint of the product's key, base64url of 32 bytes. */
  readonly thumbprint: string;
  readonly deviceId: string;
  readonly groupId: string;
  /** Names of the groups from below the top to the product's group. Left empty when it would not fit. */
  readonly groupPath: readonly string[];
  readonly issuedAtMs: number;
}

export type VerifiedReceipt = ReceiptContent & { readonly verified: true };

const VERSION = 1;
/** version u8 ‖ product number u64 ‖ thumbprint 32 ‖ device id 16 ‖ group id 16 ‖ issued at u48 ‖ path (JSON, UTF-8). */
const FIXED_BYTES = 79;
/** Keeps the receipt below the 4,096 characters that the protocol allows. */
const MAX_PATH_BYTES = 2_048;
const MAX_CHARACTERS = 4_096;

/**
 * @param key derived under `KeyLabel.receipt`
 * @throws RangeError when a field is malformed
 */
export function sealReceipt(key: KeyObject, content: ReceiptContent): string {
  const thumbprint = Buffer.from(content.thumbprint, 'base64url');
  if (thumbprint.length !== 32) throw new RangeError('"thumbprint" expected 32 bytes');
  const path = Buffer.from(JSON.stringify(content.groupPath), 'utf8');
  const tail = path.length <= MAX_PATH_BYTES ? path : Buffer.from('[]', 'utf8');
  const bytes = Buffer.alloc(FIXED_BYTES + tail.length);
  bytes.writeUInt8(VERSION, 0);
  writeInteger64(bytes, 1, content.productNumber);
  bytes.set(thumbprint, 9);
  bytes.set(uuidBytes('deviceId', content.deviceId), 41);
  bytes.set(uuidBytes('groupId', content.groupId), 57);
  bytes.writeUIntBE(content.issuedAtMs, 73, 6);
  bytes.set(tail, FIXED_BYTES);
  return sealValue(key, bytes);
}

/**
 * Whether the receipt belongs to the product that shows it is for the caller to compare, by the thumbprint.
 *
 * @throws TrustError `RECEIPT_INVALID` when this server did not seal it
 */
export function verifyReceipt(key: KeyObject, text: string): VerifiedReceipt {
  const bytes = openValue(key, text, MAX_CHARACTERS);
  const productNumber =
    bytes !== undefined && bytes.length >= FIXED_BYTES && bytes[0] === VERSION
      ? readInteger64(bytes, 1)
      : undefined;
  const groupPath =
    bytes === undefined || productNumber === undefined ? undefined : readPath(bytes.subarray(FIXED_BYTES));
  if (bytes === undefined || productNumber === undefined || groupPath === undefined) {
    throw new TrustError('RECEIPT_INVALID', 'The receipt is not one of this server.');
  }
  return {
    verified: true,
    productNumber,
    thumbprint: bytes.subarray(9, 41).toString('base64url'),
    deviceId: uuidText(bytes.subarray(41, 57)),
    groupId: uuidText(bytes.subarray(57, 73)),
    issuedAtMs: bytes.readUIntBE(73, 6),
    groupPath,
  };
}

function readPath(bytes: Buffer): readonly string[] | undefined {
  const text = decodeUtf8(bytes);
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined;
  } catch {
    // The seal was right, so a server of another version wrote it; it is not a receipt that this one can read.
    return undefined;
  }
}

function uuidBytes(name: string, id: string): Buffer {
  if (!isUuid(id)) throw new RangeError(`"${name}" expected a UUID`);
  return Buffer.from(id.replaceAll('-', ''), 'hex');
}

function uuidText(bytes: Uint8Array): string {
  const hex = encodeHex(bytes);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
