import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { wrapFileError } from './home.errors.ts';

/** Content of a file that only this user may read, or `undefined` when there is none. Too open a mode is mended. */
export async function readPrivateFile(
  file: string,
  onOpenMode: (mode: number) => void,
): Promise<string | undefined> {
  try {
    const { mode } = await stat(file);
    if ((mode & 0o077) !== 0) {
      onOpenMode(mode & 0o777);
      await chmod(file, 0o600);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw wrapFileError(error, file);
  }
}

/**
 * Writes a file that only this user may read. Invariant: at every instant the file is whole, old or new: written
 * beside, on disk, renamed, and the rename on disk.
 */
export async function writePrivateFile(file: string, content: string): Promise<void> {
  const draft = `${file}.${process.pid}.partial`;
  try {
    const handle = await open(draft, 'w', 0o600);
    try {
      await handle.chmod(0o600);
      await handle.writeFile(content);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
    const folder = await open(path.dirname(file), 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  } catch (error) {
    // The first failure is the one to report.
    await rm(draft, { force: true }).catch(() => {});
    throw wrapFileError(error, file);
  }
}
