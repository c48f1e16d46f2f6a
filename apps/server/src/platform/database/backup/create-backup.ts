import { createHash, type Hash } from 'node:crypto';
import { link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { callbackify } from 'node:util';
import { createZstdCompress } from 'node:zlib';
import type { Clock } from '@holdfast/kernel';
import type { ClientBase } from 'pg';
import type { ConnectionSettings } from '../connection-settings.ts';
import { cutConnection } from '../cut-connection.ts';
import { connectOnce } from '../database.ts';
import { wrapStatementError } from '../sql-state.ts';
import { MIGRATION_LOCK_KEY, readAppliedMigrations } from '../migrate.ts';
import { BackupError } from './backup.errors.ts';
import {
  encodeJsonRecord,
  encodeRecord,
  FORMAT_VERSION,
  MAGIC,
  type Manifest,
  MAX_RECORD_BYTES,
  type PartStart,
  type Preamble,
  RecordType,
} from './backup-format.ts';
import { COPY_DIALECT, copyOut } from './copy-stream.ts';
import { createHashingStream } from './hashed-stream.ts';
import { findAgentKey, readKeyFiles, syncFolder } from './key-files.ts';
import { createPassphraseKey } from './passphrase-key.ts';
import { createSealingStream } from './sealed-stream.ts';
import { listTables, quoteTable, readSequences, type TableDescription } from './table-list.ts';
import { verifyBackup } from './verify-backup.ts';

export interface BackupProgress {
  /** Parts done, and how many there are. */
  readonly done: number;
  readonly total: number;
  readonly part: string;
}

export interface CreateBackupOptions {
  readonly connection: ConnectionSettings;
  /** HOLDFAST_HOME: its keys and the key of this computer's agent are in the backup. */
  readonly home: string;
  /** Where the backup appears, whole, at the end. Must not exist. */
  readonly file: string;
  /** Absent: the backup is not encrypted. */
  readonly passphrase?: string | undefined;
  /** Work of turning the passphrase into a key. Less than the default is for tests. */
  readonly keyIterations?: number;
  readonly productVersion: string;
  readonly clock: Clock;
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface CreatedBackup {
  readonly file: string;
  readonly bytes: number;
  readonly createdAt: string;
  readonly tables: number;
  readonly rows: number;
  readonly keyFiles: number;
  readonly isEncrypted: boolean;
}

/**
 * Makes a backup of the running server: all rows as of one instant, the sequences and the keys. Nobody has to
 * stop for it. The file is on disk, was read again and found sound before it gets its name.
 *
 * @throws BackupError; DatabaseError DATABASE_UNAVAILABLE, DATABASE_SIGN_IN_REFUSED
 */
export async function createBackup(options: CreateBackupOptions): Promise<CreatedBackup> {
  const draft = `${options.file}.${process.pid}.partial`;
  await assertTargetFree(options.file);
  const protection =
    options.passphrase === undefined
      ? undefined
      : await createPassphraseKey(options.passphrase, options.keyIterations);
  const client = await connectOnce(options.connection, {
    applicationName: 'holdfast-backup',
    statementTimeoutMs: 0,
    connectTimeoutMs: 10_000,
  });
  try {
    await writeDraft(options, client, draft, protection);
    await client.query('commit');
    await client.end();
    const verified = await verifyBackup({ file: draft, readPassphrase: () => options.passphrase ?? '' });
    await publish(draft, options.file);
    return {
      file: options.file,
      bytes: (await stat(options.file)).size,
      createdAt: verified.manifest.createdAt,
      tables: verified.rows.size,
      rows: [...verified.rows.values()].reduce((sum, count) => sum + count, 0),
      keyFiles: verified.keyFiles.length,
      isEncrypted: verified.isEncrypted,
    };
  } catch (error) {
    throw wrapWriteError(wrapStatementError(error), options.file);
  } finally {
    // After a failure the connection may be in the middle of a table.
    cutConnection(client);
    await rm(draft, { force: true });
  }
}

async function writeDraft(
  options: CreateBackupOptions,
  client: ClientBase,
  draft: string,
  protection: Awaited<ReturnType<typeof createPassphraseKey>> | undefined,
): Promise<void> {
  const manifest = await openSnapshot(options, client);
  const preamble: Preamble = {
    createdAt: manifest.createdAt,
    protection: protection?.protection ?? { kind: 'none' },
  };
  const preambleBytes = Buffer.from(`${MAGIC} ${FORMAT_VERSION}\n${JSON.stringify(preamble)}\n`);
  await mkdir(path.dirname(options.file), { recursive: true, mode: 0o700 });
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.appendFile(preambleBytes);
    const records = writeRecords(options, client, manifest, createHash('sha256').update(preambleBytes));
    const output = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        callbackify(async () => await handle.appendFile(chunk))((error) => callback(error));
      },
    });
    const end = { signal: options.signal ?? new AbortController().signal };
    const seal =
      protection === undefined
        ? createHashingStream(preambleBytes)
        : createSealingStream(protection.key, createHash('sha256').update(preambleBytes).digest());
    await pipeline(records, createZstdCompress(), seal, output, end);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** From here on the connection sees the database as it is at this instant, whatever others write. */
async function openSnapshot(options: CreateBackupOptions, client: ClientBase): Promise<Manifest> {
  const lock = await client.query<{ is_held: boolean }>('select pg_try_advisory_lock_shared($1) as is_held', [
    MIGRATION_LOCK_KEY,
  ]);
  if (lock.rows[0]?.is_held !== true) {
    throw new BackupError(
      'BACKUP_MIGRATION_RUNNING',
      'A server is changing the structure of the database at this moment.',
      {
        retry: 'safe',
        remedy: 'Wait until the server has started, then make the backup again.',
      },
    );
  }
  await client.query(COPY_DIALECT);
  // Deferrable: waits for a moment whose state no running transaction can make inconsistent.
  await client.query('begin transaction isolation level serializable, read only, deferrable');
  const migrations = await readAppliedMigrations(client);
  if (migrations.length === 0) {
    throw new BackupError('BACKUP_DATABASE_EMPTY', 'This database holds nothing of Holdfast.', {
      remedy: 'Start the server once, or name the right database.',
    });
  }
  const version = await client.query<{ version: string }>(
    `select current_setting('server_version') as version`,
  );
  return {
    productVersion: options.productVersion,
    createdAt: new Date(options.clock.now()).toISOString(),
    postgresVersion: version.rows[0]?.version ?? '',
    migrations: migrations.map(({ number, name, checksum }) => ({ number, name, checksum })),
    tables: (await listTables(client)).map(({ name, columns }) => ({ name, columns: [...columns] })),
  };
}

async function* writeRecords(
  options: CreateBackupOptions,
  client: ClientBase,
  manifest: Manifest,
  digest: Hash,
): AsyncGenerator<Buffer, void, undefined> {
  const total = manifest.tables.length + 2;
  let parts = 0;
  function* counted(records: Iterable<Buffer>): Generator<Buffer, void, undefined> {
    for (const record of records) {
      digest.update(record);
      yield record;
    }
  }
  yield* counted([encodeJsonRecord(RecordType.Manifest, manifest)]);
  for (const table of manifest.tables) {
    options.onProgress?.({ done: parts, total, part: table.name });
    for await (const record of writeTable(client, table)) yield* counted([record]);
    parts += 1;
  }
  options.onProgress?.({ done: parts, total, part: 'sequences' });
  const sequences = Buffer.from(JSON.stringify(await readSequences(client)));
  yield* counted(encodeSmallPart({ kind: 'sequences' }, sequences));
  parts += 1;
  options.onProgress?.({ done: parts, total, part: 'keys' });
  // After the rows: whatever key sealed them is there by now.
  const agentKey = await findAgentKey(options.home);
  const keys = await readKeyFiles(path.join(options.home, 'keys'));
  for (const { name, mode, content } of [...keys, ...(agentKey === undefined ? [] : [agentKey])]) {
    yield* counted(encodeSmallPart({ kind: 'file', name, mode }, content));
    parts += 1;
  }
  yield encodeJsonRecord(RecordType.End, { parts, sha256: digest.digest('hex') });
}

async function* writeTable(
  client: ClientBase,
  table: TableDescription,
): AsyncGenerator<Buffer, void, undefined> {
  const quoted = quoteTable(table);
  yield encodeJsonRecord(RecordType.PartStart, { kind: 'table', name: table.name } satisfies PartStart);
  const hash = createHash('sha256');
  let bytes = 0;
  const copy = copyOut(client, `copy (select ${quoted.columns} from ${quoted.table}) to stdout`);
  for await (const chunk of copy.output as AsyncIterable<Buffer>) {
    // A chunk is one row; only an enormous one needs cutting.
    for (let offset = 0; offset < chunk.length; offset += MAX_RECORD_BYTES) {
      const piece = chunk.subarray(offset, offset + MAX_RECORD_BYTES);
      hash.update(piece);
      bytes += piece.length;
      yield encodeRecord(RecordType.Data, piece);
    }
  }
  yield encodeJsonRecord(RecordType.PartEnd, { bytes, sha256: hash.digest('hex'), rows: copy.rowCount() });
}

function encodeSmallPart(start: PartStart, content: Buffer): readonly Buffer[] {
  return [
    encodeJsonRecord(RecordType.PartStart, start),
    ...(content.length === 0 ? [] : [encodeRecord(RecordType.Data, content)]),
    encodeJsonRecord(RecordType.PartEnd, {
      bytes: content.length,
      sha256: createHash('sha256').update(content).digest('hex'),
      rows: 0,
    }),
  ];
}

async function assertTargetFree(file: string): Promise<void> {
  const existing = await stat(file).catch(() => undefined);
  if (existing !== undefined) throw createExistsError(file);
}

/** A link fails when the name is taken, so that no older backup is ever replaced. */
async function publish(draft: string, file: string): Promise<void> {
  try {
    await link(draft, file);
    await rm(draft);
  } catch (error) {
    // File systems of removable disks know no links.
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    await assertTargetFree(file);
    await rename(draft, file);
  }
  await syncFolder(path.dirname(file));
}

function createExistsError(file: string): BackupError {
  return new BackupError('BACKUP_TARGET_EXISTS', `"${file}" exists already and is not overwritten.`, {
    facts: { file },
    remedy: 'Choose another name for the backup.',
  });
}

function wrapWriteError(error: unknown, file: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EEXIST':
      return createExistsError(file);
    case 'ENOSPC':
    case 'EDQUOT':
      return new BackupError(
        'BACKUP_DISK_FULL',
        `There is no space left to write "${file}". No backup was made.`,
        {
          cause: error,
          facts: { file },
          remedy: 'Free space, or write the backup to another disk.',
        },
      );
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENOTDIR':
      return new BackupError('BACKUP_NOT_WRITABLE', `"${file}" cannot be written. No backup was made.`, {
        cause: error,
        facts: { file },
        remedy: 'Choose a folder that this user may write to.',
      });
    default:
      return error;
  }
}
