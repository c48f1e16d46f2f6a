import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { renameDurably, syncFolder } from './durable-file.ts';
import { type ArchiveLimits, readArchive } from './tar-reader.ts';

/**
 * Unpacks an archive into the folder, which is there as a whole or not at all, and stays as it is when it is there already. May be
 * repeated after an end at any step.
 *
 * @throws ArchiveError ARCHIVE_INVALID
 */
export async function unpackArchive(archive: string, folder: string, limits: ArchiveLimits): Promise<void> {
  if (existsSync(folder)) return;
  const incoming = `${folder}.incoming`;
  rmSync(incoming, { force: true, recursive: true });
  const folders = new Set<string>();
  const makeFolder = (name: string): void => {
    const path = join(incoming, name);
    if (folders.has(path)) return;
    if (name !== '.') makeFolder(dirname(name));
    mkdirSync(path, { recursive: true });
    // Others may read it, whatever the umask of this process.
    chmodSync(path, 0o755);
    folders.add(path);
  };
  makeFolder('.');
  let descriptor: number | undefined;
  try {
    await readArchive(archive, limits, {
      begin: ({ name, kind, isExecutable }) => {
        if (kind === 'folder') return makeFolder(name);
        makeFolder(dirname(name));
        descriptor = openSync(join(incoming, name), 'wx', 0o600);
        fchmodSync(descriptor, isExecutable ? 0o755 : 0o644);
      },
      content: (bytes) => {
        if (descriptor === undefined) return;
        for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
      },
      end: () => {
        if (descriptor === undefined) return;
        fsyncSync(descriptor);
        closeSync(descriptor);
        descriptor = undefined;
      },
    });
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(incoming, { force: true, recursive: true });
    throw error;
  }
  for (const one of folders) syncFolder(one);
  renameDurably(incoming, folder);
}
