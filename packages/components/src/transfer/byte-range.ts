/** Bytes of a file, the last one included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Longer headers ask for nothing that one range could not. */
const MAX_HEADER = 100;

/**
 * The part of a file that a `Range` header asks for (RFC 9110, section 14). What is written wrongly, another unit, and several
 * ranges count as no header at all, as section 14.2 allows: the answer is then the whole file.
 *
 * @param sizeBytes of the file
 * @returns 'whole', or 'unsatisfiable' where nothing of the file is asked for (416)
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'whole' | 'unsatisfiable' {
  if (header === undefined || header.length > MAX_HEADER) return 'whole';
  // Section 14.1: names of units are compared without regard to capitals; section 5.6.1 allows empty elements and spaces in lists.
  const match = /^bytes=[ \t,]*(\d*)-(\d*)[ \t,]*$/iu.exec(header);
  if (match === null) return 'whole';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'whole';
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  // Numbers beyond 2^53 lose digits, and are beyond the end of any file in either form.
  const start = Number(first);
  const end = last === '' ? Number.POSITIVE_INFINITY : Number(last);
  if (end < start) return 'whole';
  return start >= sizeBytes ? 'unsatisfiable' : { start, end: Math.min(end, sizeBytes - 1) };
}

/** What a `Content-Range` header says of an answer, or undefined for what this channel does not understand. */
export function parseContentRange(
  header: string | undefined,
): { readonly range: ByteRange | undefined; readonly sizeBytes: number } | undefined {
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(\d{1,15})$/iu.exec(header ?? '');
  if (match === null) return undefined;
  const [, start, end, size] = match;
  const sizeBytes = Number(size);
  if (start === undefined || end === undefined) return { range: undefined, sizeBytes };
  const range = { start: Number(start), end: Number(end) };
  return range.start <= range.end && range.end < sizeBytes ? { range, sizeBytes } : undefined;
}
