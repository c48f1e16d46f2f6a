/** What the archives of the agent need of the tar format (POSIX ustar). Times and owners are always the same, so that equal content is an equal archive. */
export interface TarEntry {
  /** Relative, with `/`; a folder ends with one. At most 100 bytes. */
  readonly name: string;
  /** Permission bits. */
  readonly mode: number;
  /** Bytes; 0 for a folder. */
  readonly sizeBytes: number;
}

const BLOCK_BYTES = 512;
const MAX_NAME_BYTES = 100;
// Eleven octal digits.
const MAX_FILE_BYTES = 0o77777777777;

/** The block in front of an entry's content. @throws RangeError when it does not fit the format */
export function formatTarHeader({ name, mode, sizeBytes }: TarEntry): Buffer {
  if (Buffer.byteLength(name) > MAX_NAME_BYTES || !/^[A-Za-z0-9._/-]+$/u.test(name))
    throw new RangeError(`name: expected at most ${MAX_NAME_BYTES} plain characters, got ${name.length}`);
  if (!(sizeBytes >= 0 && sizeBytes <= MAX_FILE_BYTES))
    throw new RangeError(`sizeBytes: expected at most ${MAX_FILE_BYTES}, got ${sizeBytes}`);
  const header = Buffer.alloc(BLOCK_BYTES);
  const isFolder = name.endsWith('/');
  header.write(name, 0);
  header.write(octal(mode, 7), 100);
  // Owner 0, group 0, changed at the beginning of the epoch.
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(sizeBytes, 11), 124);
  header.write(octal(0, 11), 136);
  header.write(isFolder ? '5' : '0', 156);
  header.write('ustar\u000000', 257);
  // The sum is made with blanks in its own place.
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${octal(sum, 6)}\u0000 `, 148);
  return header;
}

/** Zeros behind the content of an entry, up to the next block. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}

/** Two empty blocks end an archive. */
export const tarEnd: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
