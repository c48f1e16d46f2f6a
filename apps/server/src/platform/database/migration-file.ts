import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRelease, type Release } from '@holdfast/kernel';
import { DatabaseError } from './database.errors.ts';

export interface MigrationFile {
  readonly number: number;
  /** File name without folder. */
  readonly name: string;
  readonly text: string;
  /** SHA-256 of the text with Unix line ends, so that a checkout with other line ends is not a change. */
  readonly checksum: string;
  /**
   * False when the first line is `-- no transaction`: for the few statements that PostgreSQL refuses inside
   * one. Such a file holds exactly one statement, and that statement must stand being repeated.
   */
  readonly isTransactional: boolean;
  /**
   * The oldest release whose server can still work on the database after this migration, from the line `-- serves: 0.1.0` at its head.
   * `null` for those that were made before there was such a line: they are in every release that could ask.
   */
  readonly serves: Release | null;
}

const FILE_NAME = /^(?<number>\d{4})_[a-z0-9]+(?:_[a-z0-9]+)*\.sql$/;
const NO_TRANSACTION_LINE = '-- no transaction';
const SERVES_LINE = /^-- serves: (?<release>\S+)$/;
/** Whatever somebody may have meant to be that line. */
const LIKE_SERVES_LINE = /^\s*--\s*serves\b/i;
/** From here on every migration says whom it leaves able to work. */
const FIRST_WITH_SERVES = 16;

/** Where the migrations of this very source tree lie. */
export const defaultMigrationsFolder = fileURLToPath(new URL('../../../migrations/', import.meta.url));

/** @throws DatabaseError MIGRATION_INVALID */
export function parseMigrationFile(name: string, rawText: string): MigrationFile {
  const digits = FILE_NAME.exec(name)?.groups?.['number'];
  if (digits === undefined) {
    throw new DatabaseError(
      'MIGRATION_INVALID',
      `The migration "${name}" is not named NNNN_module_what.sql.`,
    );
  }
  const text = rawText.replaceAll('\r\n', '\n');
  return {
    number: Number(digits),
    name,
    text,
    checksum: createHash('sha256').update(text).digest('hex'),
    ...parseHead(name, Number(digits), text),
  };
}

function parseHead(
  name: string,
  number: number,
  text: string,
): Pick<MigrationFile, 'isTransactional' | 'serves'> {
  const lines = text.split('\n');
  const isTransactional = lines[0]?.trim() !== NO_TRANSACTION_LINE;
  const place = isTransactional ? 0 : 1;
  const release = SERVES_LINE.exec(lines[place] ?? '')?.groups?.['release'];
  const stray = lines.findIndex((line, index) => index !== place && LIKE_SERVES_LINE.test(line));
  const isMissing = release === undefined && number >= FIRST_WITH_SERVES;
  const isWrong = release === undefined ? LIKE_SERVES_LINE.test(lines[place] ?? '') : !isRelease(release);
  if (isMissing || isWrong || stray !== -1) {
    throw new DatabaseError(
      'MIGRATION_INVALID',
      `The migration "${name}" does not say at its head, once, which is the oldest release that can still work on the database after it.`,
      {
        facts: { migration: name, ...(stray === -1 ? {} : { line: stray + 1 }) },
        remedy: `Make line ${place + 1} of the file "-- serves: 0.1.0", with the release that fits.`,
      },
    );
  }
  return { isTransactional, serves: release ?? null };
}

/** All migrations of a folder in their order. @throws DatabaseError MIGRATION_INVALID */
export async function readMigrationFiles(
  folder: string = defaultMigrationsFolder,
): Promise<readonly MigrationFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  if (names.length === 0)
    throw new DatabaseError('MIGRATION_INVALID', 'The folder of migrations holds no migration.');
  const files: MigrationFile[] = [];
  for (const name of names) {
    const file = parseMigrationFile(name, await readFile(path.join(folder, name), 'utf8'));
    const twin = files.find((other) => other.number === file.number);
    if (twin !== undefined) {
      throw new DatabaseError(
        'MIGRATION_INVALID',
        `The migrations "${twin.name}" and "${name}" carry the same number.`,
      );
    }
    files.push(file);
  }
  return files;
}
