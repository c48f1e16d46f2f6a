import { createHash } from 'node:crypto';
import { constants, type Stats } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import path from 'node:path';
import { isRepositoryPath } from './repository-path.ts';

/** An open file of the folder. Whoever got it closes it. */
export interface ServedFile {
  readonly handle: FileHandle;
  readonly sizeBytes: number;
  /** Of its content, in hexadecimal. */
  readonly sha256: string;
}

export interface ServedFolder {
  /** The file at a path of the repository; undefined when there is none that may be served. */
  open(repositoryPath: string): Promise<ServedFile | undefined>;
}

/** A target of a repository has its digest in its name, and whoever fetches it checks it. */
const NAMED_BY_DIGEST = /(?:^|\/)(?<sha256>[0-9a-f]{64})\.[^/]+$/u;
/** What lies beside a file while it comes: it has not been verified, or is not whole. */
const UNFINISHED = /\.(?:new|partial|unverified)$/u;
/** Metadata are shorter than this; what is longer and has no digest in its name is none of ours. */
const MAX_HASHED_BYTES = 32 * 1024 * 1024;
const MAX_REMEMBERED = 1_000;
const READ_BYTES = 256 * 1024;
const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENAMETOOLONG', 'ENXIO']);

/**
 * Opens regular files below one folder by their path in the repository, and nothing else: no link is followed, neither at the end
 * nor on the way, what lies outside cannot be named, and what is still being written is not there yet.
 */
export function createServedFolder(folder: string): ServedFolder {
  const digests = new Map<string, string>();

  return {
    open: async (repositoryPath) => {
      if (!isRepositoryPath(repositoryPath) || UNFINISHED.test(repositoryPath)) return undefined;
      const handle = await openFile(folder, repositoryPath);
      if (handle === undefined) return undefined;
      try {
        const found = await handle.stat();
        const sha256 =
          NAMED_BY_DIGEST.exec(repositoryPath)?.groups?.['sha256'] ?? (await digestOf(handle, found));
        if (sha256 !== undefined) return { handle, sizeBytes: found.size, sha256 };
      } catch (error) {
        await handle.close();
        throw error;
      }
      await handle.close();
      return undefined;
    },
  };

  /** Read once for each content that a file has. */
  async function digestOf(handle: FileHandle, found: Stats): Promise<string | undefined> {
    if (found.size > MAX_HASHED_BYTES) return undefined;
    const identity = `${found.dev} ${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
    const known = digests.get(identity);
    if (known !== undefined) return known;
    const sha256 = await hash(handle, found.size);
    if (digests.size >= MAX_REMEMBERED) digests.clear();
    digests.set(identity, sha256);
    return sha256;
  }
}

async function openFile(folder: string, repositoryPath: string): Promise<FileHandle | undefined> {
  try {
    // The folder itself may be reached by a link: an administrator has said so.
    const root = await realpath(folder);
    const file = path.join(root, ...repositoryPath.split('/'));
    // Where a folder on the way is a link, the file really lies elsewhere.
    if ((await realpath(file)) !== file) return undefined;
    // Not following at the end, and not waiting for somebody to write into a pipe. Both are zero where a system has no such thing.
    const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
    const handle = await open(file, flags);
    const [opened, named] = await Promise.all([handle.stat(), lstat(file)]);
    // What was looked at is what was opened.
    if (opened.isFile() && opened.dev === named.dev && opened.ino === named.ino) return handle;
    await handle.close();
    return undefined;
  } catch (error) {
    if (GONE.has(String((error as NodeJS.ErrnoException).code))) return undefined;
    throw error;
  }
}

async function hash(handle: FileHandle, sizeBytes: number): Promise<string> {
  const digest = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(READ_BYTES, Math.max(1, sizeBytes)));
  for (let position = 0; position < sizeBytes; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) break;
    digest.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
  return digest.digest('hex');
}
