import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { formatTarHeader, tarEnd, tarPadding } from './tar-entry.ts';

/** A file that goes into an archive. */
export interface ArchivedFile {
  readonly name: string;
  readonly mode: number;
  readonly path: string;
}

export interface WrittenArchive {
  readonly sha256: string;
  readonly sizeBytes: number;
}

const CHUNK_BYTES = 256 * 1024;
// Higher levels take three times as long for one part in three hundred.
const GZIP_LEVEL = 6;

/**
 * Writes a compressed archive, beside and renamed, with all files in one folder. The same files give the same bytes. Reading,
 * compressing and writing happen on other threads than the one that answers.
 *
 * @throws the error of the system when a file cannot be read or written, or changes meanwhile
 */
export async function writeArchive(
  target: string,
  folder: string,
  files: readonly ArchivedFile[],
): Promise<WrittenArchive> {
  const incoming = `${target}.incoming`;
  await rm(incoming, { force: true });
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const output = await open(incoming, 'wx', 0o600);
  try {
    await pipeline(
      tarOf(folder, files),
      createGzip({ level: GZIP_LEVEL, chunkSize: CHUNK_BYTES }),
      async (parts) => {
        for await (const part of parts as AsyncIterable<Buffer>) {
          hash.update(part);
          sizeBytes += part.length;
          await output.writeFile(part);
        }
      },
    );
    await output.sync();
  } catch (error) {
    await rm(incoming, { force: true });
    throw error;
  } finally {
    await output.close();
  }
  await rename(incoming, target);
  return { sha256: hash.digest('hex'), sizeBytes };
}

async function* tarOf(folder: string, files: readonly ArchivedFile[]): AsyncGenerator<Buffer> {
  yield formatTarHeader({ name: `${folder}/`, mode: 0o755, sizeBytes: 0 });
  for (const file of files) {
    const { size } = await stat(file.path);
    yield formatTarHeader({ name: `${folder}/${file.name}`, mode: file.mode, sizeBytes: size });
    let left = size;
    for await (const chunk of createReadStream(file.path, {
      highWaterMark: CHUNK_BYTES,
    }) as AsyncIterable<Buffer>) {
      left -= chunk.length;
      if (left < 0) break;
      yield chunk;
    }
    if (left !== 0) throw new Error(`${file.path} changed while it was read`);
    yield tarPadding(size);
  }
  yield tarEnd;
}
