import { createDamagedError } from './backup.errors.ts';
import { type Manifest, MAX_FILE_BYTES, MAX_FILES, parseJson, Sequences } from './backup-format.ts';
import type { KeyFile } from './key-files.ts';
import { readBackup, type ReadBackupOptions } from './read-backup.ts';

/** What a backup holds. Exists only for a backup that was read to its end and found sound. */
export interface VerifiedBackup {
  readonly manifest: Manifest;
  readonly isEncrypted: boolean;
  /** Rows by table. */
  readonly rows: ReadonlyMap<string, number>;
  readonly sequences: Sequences;
  readonly keyFiles: readonly KeyFile[];
}

/**
 * Reads the whole backup and checks every hash. Changes nothing.
 *
 * @throws BackupError the codes of `readBackup`
 */
export async function verifyBackup(options: ReadBackupOptions): Promise<VerifiedBackup> {
  let manifest: Manifest | undefined;
  let isEncrypted = false;
  let sequences: Sequences | undefined;
  const rows = new Map<string, number>();
  const keyFiles: KeyFile[] = [];
  let content: Buffer[] = [];
  let size = 0;
  let isKept = false;
  for await (const item of readBackup(options)) {
    switch (item.kind) {
      case 'manifest':
        ({ manifest, isEncrypted } = item);
        break;
      case 'part-start':
        isKept = item.part.kind !== 'table';
        content = [];
        size = 0;
        break;
      case 'data':
        if (!isKept) break;
        size += item.data.length;
        if (size > MAX_FILE_BYTES) throw createDamagedError('a key file is too large');
        content.push(Buffer.from(item.data));
        break;
      case 'part-end': {
        const { part, end } = item;
        if (part.kind === 'sequences')
          sequences = parseJson(Sequences, Buffer.concat(content), 'its list of sequences');
        else if (part.kind === 'table' && !rows.has(part.name)) rows.set(part.name, end.rows);
        else if (
          part.kind === 'file' &&
          keyFiles.length < MAX_FILES &&
          keyFiles.every((file) => file.name !== part.name)
        ) {
          keyFiles.push({ name: part.name, mode: part.mode, content: Buffer.concat(content) });
        } else throw createDamagedError('a part appears twice');
        break;
      }
    }
  }
  if (manifest === undefined || sequences === undefined) throw createDamagedError('a part is missing');
  const missing = manifest.tables.find((table) => !rows.has(table.name));
  if (missing !== undefined || rows.size !== manifest.tables.length)
    throw createDamagedError('a table is missing');
  return { manifest, isEncrypted, rows, sequences, keyFiles };
}
