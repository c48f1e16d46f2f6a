export interface ByteRange {
  readonly start: number;
  /** The last byte, itself included. */
  readonly end: number;
}

/**
 * The part of a file that the header `Range` asks for. Several parts, other units and what is written wrongly count as no header at
 * all, as RFC 9110 allows: the answer is then the whole file.
 *
 * @returns 'none' for the whole file, 'unsatisfiable' when nothing of the file is asked for
 */
export function parseByteRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'none' | 'unsatisfiable' {
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/u.exec(header ?? '');
  if (match === null) return 'none';
  const [, first = '', last = ''] = match;
  if (first === '') {
    if (last === '') return 'none';
    const length = Math.min(Number(last), sizeBytes);
    return length === 0 ? 'unsatisfiable' : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(first);
  if (last !== '' && Number(last) < start) return 'none';
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
}
