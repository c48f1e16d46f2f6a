import { isRepositoryPath } from './repository-path.ts';
import { createServedFolder } from './served-folder.ts';
import { TransferError } from './transfer.errors.ts';

const READ_BYTES = 256 * 1024;

/** A repository in a folder of this computer, read as an HTTP source is: no link is followed, no byte comes beyond the limit. */
export function createFolderSource({ name, folder }: { readonly name: string; readonly folder: string }): {
  readonly name: string;
  open(
    path: string,
    options: { readonly from: number; readonly limit: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<Uint8Array> | undefined>;
} {
  const served = createServedFolder(folder);
  return {
    name,
    async open(path, { from, limit, signal }) {
      if (!isRepositoryPath(path))
        throw new TransferError('REPOSITORY_PATH_INVALID', 'The path is none of a file in a repository.');
      signal.throwIfAborted();
      const file = await served.open(path);
      if (file === undefined) return undefined;
      const { handle, sizeBytes } = file;
      const refusal =
        sizeBytes < from
          ? new TransferError('SOURCE_FILE_CHANGED', 'The file is shorter than what is there of it.')
          : sizeBytes - from > limit
            ? new TransferError('SOURCE_TOO_LONG', `The file has more than the ${limit} bytes that may come.`)
            : undefined;
      if (refusal !== undefined) {
        await handle.close();
        throw refusal;
      }
      return readFrom(handle, { from, to: sizeBytes, signal });
    },
  };
}

async function* readFrom(
  handle: NonNullable<Awaited<ReturnType<ReturnType<typeof createServedFolder>['open']>>>['handle'],
  { from, to, signal }: { readonly from: number; readonly to: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  try {
    for (let position = from; position < to; ) {
      signal.throwIfAborted();
      const wanted = Math.min(READ_BYTES, to - position);
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, position);
      if (bytesRead === 0)
        throw new TransferError('SOURCE_FILE_CHANGED', 'The file became shorter while it was read.');
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
