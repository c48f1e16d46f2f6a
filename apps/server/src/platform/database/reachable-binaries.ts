import { chmod, cp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { DatabaseError } from './database.errors.ts';
import { linkNpmLibraries } from './npm-binaries.ts';
import { runProgram } from './program.ts';
import type { SystemUser } from './system-user.ts';

const COPY_PREFIX = 'postgresql-';

/**
 * Binaries that the database's account can run. A clone of the repository may lie where only root can read,
 * such as /root: the packaged binaries are then copied once into HOLDFAST_HOME.
 *
 * @throws DatabaseError DATABASE_FOLDER_NOT_REACHABLE
 */
export async function requireReachableBinaries(
  binaries: PostgresBinaries,
  home: string,
  user: SystemUser | undefined,
): Promise<PostgresBinaries> {
  if (user === undefined || (await canRun(binaries.folder, user))) return binaries;
  if (binaries.npm !== undefined) {
    const copy = path.join(home, COPY_PREFIX + binaries.npm.version);
    const folder = path.join(copy, 'native/bin');
    if (!(await canRun(folder, user))) await copyPackage(binaries.npm.packageFolder, copy);
    if (await canRun(folder, user)) return { ...binaries, folder };
  }
  throw new DatabaseError(
    'DATABASE_FOLDER_NOT_REACHABLE',
    `The system user "${user.name}" cannot run the PostgreSQL programs in "${binaries.folder}".`,
    {
      facts: { folder: binaries.folder, systemUser: user.name },
      remedy: 'Let that user read and run them, or name others in HOLDFAST_POSTGRES_BIN.',
    },
  );
}

/** Copies of packaged binaries in HOLDFAST_HOME, as folders that hold `postgres`. */
export async function listCopiedBinaryFolders(home: string): Promise<readonly string[]> {
  const names = await readdir(home).catch(() => []);
  return names
    .filter((name) => name.startsWith(COPY_PREFIX) && !name.endsWith('.partial'))
    .map((name) => path.join(home, name, 'native/bin'));
}

async function canRun(folder: string, user: SystemUser): Promise<boolean> {
  const trial = await runProgram(path.join(folder, 'postgres'), ['--version'], { user });
  return trial.exitCode === 0;
}

async function copyPackage(packageFolder: string, copy: string): Promise<void> {
  const draft = `${copy}.partial`;
  await rm(draft, { recursive: true, force: true });
  await cp(path.join(packageFolder, 'native'), path.join(draft, 'native'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await linkNpmLibraries(draft);
  await openToReaders(draft);
  await rm(copy, { recursive: true, force: true });
  await rename(draft, copy);
}

/** A strict umask of root would otherwise leave the copy closed. */
async function openToReaders(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const isProgram = entry.isDirectory() || path.basename(entry.parentPath) === 'bin';
    await chmod(path.join(entry.parentPath, entry.name), isProgram ? 0o755 : 0o644);
  }
}
