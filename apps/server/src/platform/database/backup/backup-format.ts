/**
 * The shape of a backup file, as `docs/backup-format.md` describes it: a preamble in plain text, and a body
 * of records, compressed and, if a passphrase was given, encrypted.
 */
import { type Static, type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { createDamagedError } from './backup.errors.ts';

export const MAGIC = 'holdfast-backup';
export const FORMAT_VERSION = 1;
/** A preamble is one short line; whatever is longer is no backup. */
export const MAX_PREAMBLE_BYTES = 4096;
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Key files are small; more than this is none. */
export const MAX_FILE_BYTES = 1024 * 1024;
export const MAX_FILES = 1000;

export const RecordType = { Manifest: 1, PartStart: 2, Data: 3, PartEnd: 4, End: 5 } as const;
export type RecordType = (typeof RecordType)[keyof typeof RecordType];

const Text = Type.String({ maxLength: 500 });
const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Identifier = Type.String({ pattern: '^[a-z_][a-z0-9_]*$', maxLength: 63 });
const closed = { additionalProperties: false } as const;

export const Protection = Type.Union([
  Type.Object({ kind: Type.Literal('none') }, closed),
  Type.Object(
    {
      kind: Type.Literal('passphrase'),
      kdf: Type.Literal('pbkdf2-hmac-sha512'),
      // Fewer would be weak; many more would keep the reader busy for minutes.
      iterations: Type.Integer({ minimum: 100_000, maximum: 20_000_000 }),
      salt: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
      commitment: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    },
    closed,
  ),
]);
export type Protection = Static<typeof Protection>;

export const Preamble = Type.Object({ createdAt: Text, protection: Protection }, closed);
export type Preamble = Static<typeof Preamble>;

export const Manifest = Type.Object(
  {
    /** Version of Holdfast that made the backup. */
    productVersion: Text,
    createdAt: Text,
    postgresVersion: Text,
    migrations: Type.Array(Type.Object({ number: Count, name: Text, checksum: Sha256 }, closed), {
      minItems: 1,
      maxItems: 10_000,
    }),
    tables: Type.Array(
      Type.Object(
        { name: Identifier, columns: Type.Array(Identifier, { minItems: 1, maxItems: 1600 }) },
        closed,
      ),
      { maxItems: 10_000 },
    ),
  },
  closed,
);
export type Manifest = Static<typeof Manifest>;

export const PartStart = Type.Union([
  Type.Object({ kind: Type.Literal('table'), name: Identifier }, closed),
  Type.Object({ kind: Type.Literal('sequences') }, closed),
  Type.Object(
    {
      kind: Type.Literal('file'),
      // One name without any folder: it can only ever land where it is meant to.
      name: Type.String({ pattern: '^[a-z0-9][a-z0-9._-]*$', maxLength: 100 }),
      mode: Type.Integer({ minimum: 0, maximum: 0o777 }),
    },
    closed,
  ),
]);
export type PartStart = Static<typeof PartStart>;

export const PartEnd = Type.Object({ bytes: Count, sha256: Sha256, rows: Count }, closed);
export type PartEnd = Static<typeof PartEnd>;

export const End = Type.Object({ parts: Count, sha256: Sha256 }, closed);
export type End = Static<typeof End>;

export const Sequences = Type.Array(
  Type.Object({ name: Identifier, lastValue: Count, isCalled: Type.Boolean() }, closed),
  { maxItems: 10_000 },
);
export type Sequences = Static<typeof Sequences>;

/** JSON text as a value of the given shape. @throws BackupError BACKUP_DAMAGED */
export function parseJson<Shape extends TSchema>(
  shape: Shape,
  bytes: Uint8Array,
  what: string,
): Static<Shape> {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw createDamagedError(`${what} is not readable`, error);
  }
  if (!Check(shape, value)) throw createDamagedError(`${what} does not have its shape`);
  return value as Static<Shape>;
}

/** One record: type, length, content. */
export function encodeRecord(type: RecordType, content: Uint8Array): Buffer {
  if (content.length > MAX_RECORD_BYTES)
    throw new RangeError(`"content" expected at most ${MAX_RECORD_BYTES} bytes, got ${content.length}`);
  const record = Buffer.allocUnsafe(5 + content.length);
  record.writeUInt8(type, 0);
  record.writeUInt32BE(content.length, 1);
  record.set(content, 5);
  return record;
}

export function encodeJsonRecord(type: RecordType, value: object): Buffer {
  return encodeRecord(type, Buffer.from(JSON.stringify(value)));
}
