import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import { ComponentError } from '../component.errors.ts';
import { isMissing } from '../disk.ts';
import type { FileSource } from './file-source.ts';

const PIECE_BYTES = 256 * 1024;

/** A repository in a folder of this computer, or on a drive that it has mounted. */
export function createFolderSource(folder: string, name: string = folder): FileSource {
  return {
    name,
    async open(relative, { from, limit, signal }) {
      const handle = await openRegularFile(path.join(folder, ...toSegments(relative)), name);
      return handle === undefined ? undefined : readPieces(handle, from, limit, signal);
    },
  };
}

/** Each segment is one name: none of them leads out of the folder. */
function toSegments(relative: string): readonly string[] {
  return relative.split('/').map((encoded) => {
    const segment = decodeSegment(encoded);
    if (
      segment === undefined ||
      segment === '' ||
      segment === '.' ||
      segment === '..' ||
      /[/\\\0]/.test(segment)
    ) {
      throw new ComponentError('SOURCE_REFUSED', 'The path does not name a file of a repository.');
    }
    return segment;
  });
}

function decodeSegment(encoded: string): string | undefined {
  try {
    return decodeURIComponent(encoded);
  } catch {
    // Not percent-encoded UTF-8: it names nothing.
    return undefined;
  }
}

async function openRegularFile(file: string, name: string): Promise<FileHandle | undefined> {
  try {
    // A named pipe would wait for its writer.
    const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw new ComponentError('SOURCE_UNREACHABLE', `${name} cannot be read.`, {
      cause: error,
      retry: 'safe',
    });
  }
  throw new ComponentError('SOURCE_REFUSED', `${name} has something else than a file there.`);
}

async function* readPieces(
  handle: FileHandle,
  from: number,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    let place = from;
    // One byte more, so that whoever reads sees a file that is too long.
    const end = from + limit + 1;
    while (place < end) {
      signal.throwIfAborted();
      const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, end - place));
      const { bytesRead } = await handle.read(piece, 0, piece.length, place);
      if (bytesRead === 0) return;
      place += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
