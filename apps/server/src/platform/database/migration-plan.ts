import { DatabaseError } from './database.errors.ts';
import type { MigrationFile } from './migration-file.ts';

export interface AppliedMigration {
  readonly number: number;
  readonly name: string;
  readonly checksum: string;
}

/**
 * Which files are still to be applied, in their order.
 *
 * @throws DatabaseError DATABASE_NEWER_THAN_SERVER when the database knows migrations that this server does
 *   not; MIGRATION_CHANGED when a file differs from what was applied or is gone; MIGRATION_OUT_OF_ORDER when
 *   a file would be applied after a later one
 */
export function planMigrations(
  files: readonly MigrationFile[],
  applied: readonly AppliedMigration[],
): readonly MigrationFile[] {
  const newestFile = files.at(-1);
  const newestNumber = newestFile?.number ?? 0;
  const unknown = applied.filter((entry) => entry.number > newestNumber).map((entry) => entry.name);
  if (unknown.length > 0) {
    throw new DatabaseError(
      'DATABASE_NEWER_THAN_SERVER',
      `The database was prepared by a newer Holdfast: it is at migration "${unknown.at(-1)}", this server knows up to "${newestFile?.name ?? 'none'}". Nothing was changed.`,
      {
        facts: { databaseAt: unknown.at(-1) ?? '', serverKnows: newestFile?.name ?? '' },
        remedy:
          'Start the newer version of Holdfast again, or restore a backup that was made with this version.',
      },
    );
  }
  const byNumber = new Map(files.map((file) => [file.number, file]));
  for (const entry of applied) {
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
  return pending;
}
