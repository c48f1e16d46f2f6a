import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { pipeline, type Transform } from 'node:stream';
import { createZstdDecompress } from 'node:zlib';
import { BackupError, createDamagedError } from './backup.errors.ts';
import {
  End,
  FORMAT_VERSION,
  MAGIC,
  Manifest,
  MAX_PREAMBLE_BYTES,
  MAX_RECORD_BYTES,
  PartEnd,
  PartStart,
  parseJson,
  Preamble,
  RecordType,
} from './backup-format.ts';
import { createHashCheckingStream } from './hashed-stream.ts';
import { openPassphraseKey } from './passphrase-key.ts';
import { createOpeningStream } from './sealed-stream.ts';

/** What a backup yields, in this order: the manifest; for each part its start, its data and its end. */
export type BackupItem =
  | { readonly kind: 'manifest'; readonly manifest: Manifest; readonly isEncrypted: boolean }
  | { readonly kind: 'part-start'; readonly part: PartStart }
  | { readonly kind: 'data'; readonly data: Buffer }
  | { readonly kind: 'part-end'; readonly part: PartStart; readonly end: PartEnd };

export interface ReadBackupOptions {
  readonly file: string;
  readonly readPassphrase?: (() => string | Promise<string>) | undefined;
}

/**
 * Reads a backup from its first byte to its last and checks it on the way. Only the end of the iteration says
 * that the whole is sound: whoever acts on the items must be able to take it all back until then.
 *
 * @throws BackupError BACKUP_NOT_FOUND, BACKUP_NOT_READABLE, BACKUP_NOT_A_BACKUP, BACKUP_FORMAT_NEWER,
 *   BACKUP_PASSPHRASE_MISSING, BACKUP_PASSPHRASE_WRONG, BACKUP_DAMAGED
 */
export async function* readBackup(options: ReadBackupOptions): AsyncGenerator<BackupItem, void, undefined> {
  const handle = await openBackup(options.file);
  try {
    const { bytes, preamble } = await readPreamble(handle);
    const plain = await openBody(options, bytes, preamble);
    const digest = createHash('sha256').update(bytes);
    const isEncrypted = preamble.protection.kind === 'passphrase';
    yield* checkItems(readRecords(plain), digest, isEncrypted);
  } catch (error) {
    throw wrapReadError(error);
  } finally {
    await handle.close();
  }
}

async function openBackup(file: string): Promise<FileHandle> {
  try {
    return await open(file, 'r');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new BackupError(
      isMissing ? 'BACKUP_NOT_FOUND' : 'BACKUP_NOT_READABLE',
      isMissing ? `There is no backup "${file}".` : `The backup "${file}" cannot be read.`,
      { cause: error, facts: { file } },
    );
  }
}

async function readPreamble(
  handle: FileHandle,
): Promise<{ readonly bytes: Buffer; readonly preamble: Preamble }> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(MAX_PREAMBLE_BYTES), 0, MAX_PREAMBLE_BYTES, 0);
  const start = buffer.subarray(0, bytesRead);
  const firstEnd = start.indexOf('\n');
  const version = new RegExp(`^${MAGIC} (?<version>\\d{1,6})$`).exec(
    start.subarray(0, Math.max(firstEnd, 0)).toString('latin1'),
  );
  if (version === null) {
    throw new BackupError('BACKUP_NOT_A_BACKUP', 'This file is no backup of Holdfast.', {
      remedy: 'Name a file that "holdfast backup" has made.',
    });
  }
  if (Number(version.groups?.['version']) !== FORMAT_VERSION) {
    throw new BackupError(
      'BACKUP_FORMAT_NEWER',
      'This backup has a form that this version of Holdfast does not know.',
      {
        remedy: 'Restore it with the version of Holdfast that made it, or a newer one.',
      },
    );
  }
  const secondEnd = start.indexOf('\n', firstEnd + 1);
  if (secondEnd < 0) throw createDamagedError('its preamble does not end');
  const preamble = parseJson(Preamble, start.subarray(firstEnd + 1, secondEnd), 'its preamble');
  return { bytes: Buffer.from(start.subarray(0, secondEnd + 1)), preamble };
}

async function openBody(options: ReadBackupOptions, bytes: Buffer, preamble: Preamble): Promise<Transform> {
  const { protection } = preamble;
  const decompress = createZstdDecompress();
  // The pipeline destroys all its streams when one fails; the failure reaches the reader of the last one.
  const ignore = (): void => {};
  if (protection.kind === 'none') {
    const check = createHashCheckingStream(bytes);
    return pipeline(createReadStream(options.file, { start: bytes.length }), check, decompress, ignore);
  }
  if (options.readPassphrase === undefined) {
    throw new BackupError('BACKUP_PASSPHRASE_MISSING', 'This backup is encrypted and needs its passphrase.', {
      remedy: 'Give the passphrase that was used when the backup was made.',
    });
  }
  const key = await openPassphraseKey(await options.readPassphrase(), protection);
  const unseal = createOpeningStream(key, createHash('sha256').update(bytes).digest());
  return pipeline(createReadStream(options.file, { start: bytes.length }), unseal, decompress, ignore);
}

interface ReadRecord {
  readonly type: number;
  readonly content: Buffer;
  readonly bytes: Buffer;
}

async function* readRecords(plain: AsyncIterable<Buffer>): AsyncGenerator<ReadRecord, void, undefined> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of plain) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let offset = 0;
    while (pending.length - offset >= 5) {
      const length = pending.readUInt32BE(offset + 1);
      if (length > MAX_RECORD_BYTES) throw createDamagedError('a record is too long');
      if (pending.length - offset < 5 + length) break;
      const bytes = pending.subarray(offset, offset + 5 + length);
      yield { type: bytes.readUInt8(0), content: bytes.subarray(5), bytes };
      offset += 5 + length;
    }
    pending = pending.subarray(offset);
  }
  if (pending.length > 0) throw createDamagedError('it ends within a record');
}

async function* checkItems(
  records: AsyncIterable<ReadRecord>,
  digest: Hash,
  isEncrypted: boolean,
): AsyncGenerator<BackupItem, void, undefined> {
  let expected: 'manifest' | 'part' | 'data' | 'nothing' = 'manifest';
  let part: PartStart | undefined;
  let partHash = createHash('sha256');
  let partBytes = 0;
  let parts = 0;
  for await (const { type, content, bytes } of records) {
    if (expected === 'nothing') throw createDamagedError('something follows its end');
    if (type === RecordType.End && expected === 'part') {
      const end = parseJson(End, content, 'its end');
      if (end.parts !== parts || end.sha256 !== digest.digest('hex'))
        throw createDamagedError('its content does not match its hash');
      expected = 'nothing';
      continue;
    }
    digest.update(bytes);
    if (type === RecordType.Manifest && expected === 'manifest') {
      yield { kind: 'manifest', manifest: parseJson(Manifest, content, 'its manifest'), isEncrypted };
      expected = 'part';
    } else if (type === RecordType.PartStart && expected === 'part') {
      part = parseJson(PartStart, content, 'the start of a part');
      partHash = createHash('sha256');
      partBytes = 0;
      yield { kind: 'part-start', part };
      expected = 'data';
    } else if (type === RecordType.Data && expected === 'data') {
      partHash.update(content);
      partBytes += content.length;
      yield { kind: 'data', data: content };
    } else if (type === RecordType.PartEnd && expected === 'data' && part !== undefined) {
      const end = parseJson(PartEnd, content, 'the end of a part');
      if (end.bytes !== partBytes || end.sha256 !== partHash.digest('hex'))
        throw createDamagedError('a part does not match its hash');
      parts += 1;
      yield { kind: 'part-end', part, end };
      expected = 'part';
    } else {
      throw createDamagedError('its records are not in order');
    }
  }
  if (expected !== 'nothing') throw createDamagedError('its end is missing');
}

function wrapReadError(error: unknown): unknown {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (code === undefined || error instanceof BackupError) return error;
  // The errors of decompression: what is not compressed data, or only the beginning of it.
  if (code.startsWith('ZSTD_') || code.startsWith('Z_') || code.startsWith('ERR_STREAM_PREMATURE')) {
    return createDamagedError('it cannot be decompressed', error);
  }
  return error;
}
