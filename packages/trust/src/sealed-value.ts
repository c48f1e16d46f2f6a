import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { decodeBase64Url, encodeBase64Url } from '@holdfast/kernel';

const MAC_BYTES = 16;

/**
 * Binary values that the server hands out and later takes back as its own: base64url(content ‖ HMAC-SHA-256/128). They are
 * authentic, not secret. Each kind has its own key, so one kind is never taken for another.
 */
export function sealValue(key: KeyObject, content: Uint8Array): string {
  return encodeBase64Url(Buffer.concat([content, mac(key, content)]));
}

/** The content of a sealed value, or `undefined` when this key did not seal it. */
export function openValue(key: KeyObject, text: string, maxCharacters: number): Buffer | undefined {
  if (!(text.length <= maxCharacters)) return undefined;
  const bytes = decodeBase64Url(text);
  if (bytes === undefined || bytes.length < MAC_BYTES) return undefined;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - MAC_BYTES);
  return timingSafeEqual(mac(key, content), bytes.subarray(bytes.length - MAC_BYTES)) ? content : undefined;
}

function mac(key: KeyObject, content: Uint8Array): Buffer {
  return createHmac('sha256', key).update(content).digest().subarray(0, MAC_BYTES);
}

/** Writes an integer of up to 2^53-1 as u64, big-endian. */
export function writeInteger64(out: Buffer, offset: number, value: number): void {
  out.writeBigUInt64BE(BigInt(value), offset);
}

/** Reads a u64; `undefined` beyond 2^53-1. */
export function readInteger64(bytes: Buffer, offset: number): number | undefined {
  const value = bytes.readBigUInt64BE(offset);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}
