const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** True for a lower-case UUID of versions 1 to 8 (RFC 9562). */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/**
 * A version 7 UUID (RFC 9562 section 5.7): 48 bits of time, so that rows made together lie together in
 * an index, and 74 random bits.
 *
 * @param nowMs wall time in milliseconds
 * @param random 10 bytes from a cryptographic source
 */
export function createUuidV7(nowMs: number, random: Uint8Array): string {
  if (!(nowMs >= 0 && nowMs < 2 ** 48)) throw new RangeError(`"nowMs" expected 0 to 2^48-1, got ${nowMs}`);
  if (random.length !== 10) throw new RangeError(`"random" expected 10 bytes, got ${random.length}`);
  const time = Math.floor(nowMs).toString(16).padStart(12, '0');
  const tail = Uint8Array.from(random);
  const [first = 0, , third = 0] = tail;
  tail[0] = (first & 0x0f) | 0x70;
  tail[2] = (third & 0x3f) | 0x80;
  const hex = Buffer.from(tail).toString('hex');
  return `${time.slice(0, 8)}-${time.slice(8)}-${hex.slice(0, 4)}-${hex.slice(4, 8)}-${hex.slice(8)}`;
}
