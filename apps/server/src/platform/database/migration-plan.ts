import { compareReleases, isRelease, type Release } from '@holdfast/kernel';
import { DatabaseError } from './database.errors.ts';
import type { MigrationFile } from './migration-file.ts';

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
  /** As its file said: see `MigrationFile`. Absent where nobody wrote it down. */
  readonly serves?: Release | null;
}

export interface MigrationPlan {
  /** Files that are still to be applied, in their order. */
  readonly pending: readonly MigrationFile[];
  /** Names of migrations of later releases that the database has, and that let this release work on it. */
  readonly newer: readonly string[];
}

/**
 * What there is to do.
 *
 * @param release that of this server; undefined: one that works on no database that is newer
 * @throws DatabaseError DATABASE_NEWER_THAN_SERVER when the database has migrations that this server does not know, and they do not
 *   let its release work on it; MIGRATION_CHANGED when a file differs from what was applied or is gone; MIGRATION_OUT_OF_ORDER when
 *   a file would be applied after a later one
 */
export function planMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
  release?: Release,
): MigrationPlan {
  const newestFile = files.at(-1);
  const newestNumber = newestFile?.number ?? 0;
  const unknown = applied.filter((entry) => entry.number > newestNumber);
  if (unknown.length > 0) assertServed(unknown, { newestFile, release });
  const byNumber = new Map(files.map((file) => [file.number, file]));
  for (const entry of applied) {
    if (entry.number > newestNumber) continue;
    const file = byNumber.get(entry.number);
    if (file?.checksum === entry.checksum) continue;
    const what = file === undefined ? 'is missing from' : 'was edited in';
    throw new DatabaseError(
      'MIGRATION_CHANGED',
      `The migration "${entry.name}" was applied to the database and ${what} this server. Nothing was changed.`,
      {
        facts: { migration: entry.name },
        remedy: 'Put the original file back and make a new migration for the change.',
      },
    );
  }
  const appliedNumbers = new Set(applied.map((entry) => entry.number));
  const newestApplied = Math.max(0, ...appliedNumbers);
  const pending = files.filter((file) => !appliedNumbers.has(file.number));
  const late = pending.find((file) => file.number < newestApplied);
  if (late !== undefined) {
    throw new DatabaseError(
      'MIGRATION_OUT_OF_ORDER',
      `The migration "${late.name}" is new, but later ones were applied already. Nothing was changed.`,
      { facts: { migration: late.name }, remedy: 'Give the new migration the next free number.' },
    );
  }
  return { pending, newer: unknown.map((entry) => entry.name) };
}

function assertServed(
  unknown: readonly AppliedMigration[],
  own: { readonly newestFile: MigrationFile | undefined; readonly release: Release | undefined },
): void {
  const needed = findOldestServed(unknown);
  if (needed !== undefined && own.release !== undefined && compareReleases(own.release, needed) >= 0) return;
  const databaseAt = unknown.at(-1)?.name ?? '';
  const serverKnows = own.newestFile?.name ?? 'none';
  const whose = own.release === undefined ? 'this server' : `this server, Holdfast ${own.release},`;
  throw new DatabaseError(
    'DATABASE_NEWER_THAN_SERVER',
    `The database was prepared by a newer Holdfast: it is at migration "${databaseAt}", ${whose} knows up to "${serverKnows}". Nothing was changed.`,
    {
      facts: { databaseAt, serverKnows, ...(needed === undefined ? {} : { neededRelease: needed }) },
      remedy:
        needed === undefined
          ? 'Start the newer version of Holdfast again, or restore a backup that was made with this version.'
          : `Start Holdfast ${needed} or newer, or restore a backup that was made with this version.`,
    },
  );
}

/** The oldest release that all of them let work; undefined when one of them does not say. */
function findOldestServed(migrations: readonly AppliedMigration[]): Release | undefined {
  let oldest: Release = '0.0.0';
  for (const { serves } of migrations) {
    // It stands in the database, where anybody may have put it.
    if (serves == null || !isRelease(serves)) return undefined;
    if (compareReleases(serves, oldest) > 0) oldest = serves;
  }
  return oldest;
}
