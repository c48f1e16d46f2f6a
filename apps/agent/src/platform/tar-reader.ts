import { createReadStream } from 'node:fs';
import { AppError } from '@holdfast/kernel';

const BLOCK_BYTES = 512;
/** One segment of a name: nothing hidden, nothing that a shell, a terminal or a file system takes for something else. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._+@-]*$/u;
const MAX_DEPTH = 8;

export class ArchiveError extends AppError<'ARCHIVE_INVALID'> {}

export interface ArchiveEntry {
  /** Relative, with `/`, each segment of plain characters. */
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly isExecutable: boolean;
  /** Bytes; 0 for a folder. */
  readonly length: number;
}

export interface ArchiveLimits {
  readonly maxEntries: number;
  /** Of all files together. */
  readonly maxBytes: number;
}

/** Told of an archive, piece by piece, in its order. Whatever it throws ends the reading. */
export interface ArchiveVisitor {
  begin(entry: ArchiveEntry): void;
  /** Content of the file that has begun last. Valid until it returns. */
  content(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Reads a tar archive (POSIX ustar) of files and folders, in a stream. Strict: links, devices, long names, names with `..`, two entries of
 * one name, a file as a folder, bytes behind the end, an end that is missing: all of it is refused.
 *
 * @throws ArchiveError ARCHIVE_INVALID
 */
export async function readArchive(
  path: string,
  limits: ArchiveLimits,
  visitor: ArchiveVisitor,
): Promise<void> {
  const names: ClaimedNames = { entries: new Map(), parents: new Set() };
  let block = Buffer.alloc(0);
  let left = 0;
  let padding = 0;
  let total = 0;
  let emptyBlocks = 0;

  const takeHeader = (header: Buffer): void => {
    if (header.every((byte) => byte === 0)) {
      emptyBlocks++;
      return;
    }
    if (emptyBlocks > 0) throw invalid('has something behind its end');
    const entry = readHeader(header);
    claimName(names, entry);
    total += entry.length;
    if (names.entries.size > limits.maxEntries) throw invalid(`has more than ${limits.maxEntries} entries`);
    if (!(total <= limits.maxBytes)) throw invalid(`has more than ${limits.maxBytes} bytes`);
    visitor.begin(entry);
    left = entry.length;
    padding = (BLOCK_BYTES - (left % BLOCK_BYTES)) % BLOCK_BYTES;
    if (left === 0) visitor.end();
  };

  for await (const read of createReadStream(path, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
    let rest = read;
    while (rest.length > 0) {
      if (left > 0) {
        const part = rest.subarray(0, left);
        visitor.content(part);
        left -= part.length;
        rest = rest.subarray(part.length);
        if (left === 0) visitor.end();
      } else if (padding > 0) {
        const part = rest.subarray(0, padding);
        if (part.some((byte) => byte !== 0)) throw invalid('has something between its files');
        padding -= part.length;
        rest = rest.subarray(part.length);
      } else {
        const part = rest.subarray(0, BLOCK_BYTES - block.length);
        block = Buffer.concat([block, part]);
        rest = rest.subarray(part.length);
        if (block.length < BLOCK_BYTES) continue;
        takeHeader(block);
        block = Buffer.alloc(0);
      }
    }
  }
  if (left > 0 || padding > 0 || block.length > 0 || emptyBlocks < 2) throw invalid('ends too early');
}

function readHeader(header: Buffer): ArchiveEntry {
  if (header.toString('latin1', 257, 263) !== 'ustar\0') throw invalid('is not of the kind ustar');
  const counted = Buffer.from(header);
  counted.fill(' ', 148, 156);
  const sum = counted.reduce((total, byte) => total + byte, 0);
  if (readOctal(header, 148, 8) !== sum) throw invalid('has a header with a wrong sum');
  const prefix = readText(header, 345, 155);
  const stored = readText(header, 0, 100);
  const whole = prefix === '' ? stored : `${prefix}/${stored}`;
  const type = header.toString('latin1', 156, 157);
  const length = readOctal(header, 124, 12);
  if (type === '5') {
    if (length !== 0) throw invalid('has a folder with content');
    const name = assertName(whole.endsWith('/') ? whole.slice(0, -1) : whole);
    return { name, kind: 'folder', isExecutable: true, length: 0 };
  }
  if (type !== '0') throw invalid('has an entry that is neither file nor folder');
  return {
    name: assertName(whole),
    kind: 'file',
    isExecutable: (readOctal(header, 100, 8) & 0o100) !== 0,
    length,
  };
}

interface ClaimedNames {
  readonly entries: Map<string, ArchiveEntry['kind']>;
  /** Folders in which something lies. */
  readonly parents: Set<string>;
}

/** A name once, and below a file nothing. */
function claimName({ entries, parents }: ClaimedNames, { name, kind }: ArchiveEntry): void {
  if (entries.has(name)) throw invalid(`has ${name} twice`);
  if (kind === 'file' && parents.has(name)) throw invalid(`has ${name} as a file and as a folder`);
  entries.set(name, kind);
  for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
    const parent = name.slice(0, end);
    if (entries.get(parent) === 'file') throw invalid(`has ${name} below a file`);
    parents.add(parent);
  }
}

function assertName(name: string): string {
  const segments = name.split('/');
  if (segments.length <= MAX_DEPTH && segments.every((segment) => SEGMENT.test(segment))) return name;
  throw invalid('has an entry whose name cannot be used');
}

function readText(header: Buffer, start: number, length: number): string {
  const field = header.subarray(start, start + length);
  const end = field.indexOf(0);
  return field.toString('latin1', 0, end === -1 ? length : end);
}

/** Octal digits, ended by blanks or zeros, as every writer of ustar makes them. */
function readOctal(header: Buffer, start: number, length: number): number {
  const [, digits] = /^ *([0-7]{1,11})[ \0]*$/u.exec(header.toString('latin1', start, start + length)) ?? [];
  if (digits === undefined) throw invalid('has a number that is none');
  return Number.parseInt(digits, 8);
}

function invalid(what: string): ArchiveError {
  return new ArchiveError('ARCHIVE_INVALID', `The archive ${what}.`, {
    remedy: 'Publish the component anew, from an archive of the kind ustar with plain files and folders.',
  });
}
