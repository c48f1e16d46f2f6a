import { createHash } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { CliError } from '../cli.errors.ts';

export interface ExpectedFile {
  readonly target: string;
  /** In hexadecimal. */
  readonly sha256: string;
  readonly maxBytes: number;
}

/** Hands over what arrives, piece by piece, and goes on when the piece is written. Resolves with the status of the answer. */
export type Fetch = (write: (chunk: Buffer) => Promise<void>) => Promise<number>;

/**
 * Beside, compared, renamed: what stands there under its name is what the server meant.
 *
 * @throws CliError DOWNLOAD_DAMAGED
 */
export async function saveFile({ target, sha256, maxBytes }: ExpectedFile, fetch: Fetch): Promise<void> {
  const incoming = `${target}.incoming`;
  await rm(incoming, { force: true });
  const hash = createHash('sha256');
  let size = 0;
  const output = await open(incoming, 'wx', 0o644);
  try {
    const status = await fetch(async (chunk) => {
      size += chunk.length;
      if (size > maxBytes) throw damaged(target, `it has more than ${maxBytes} bytes`);
      hash.update(chunk);
      await output.writeFile(chunk);
    });
    if (status !== 200) throw damaged(target, `status ${status}`);
    if (hash.digest('hex') !== sha256) throw damaged(target, 'another checksum');
    await output.close();
    await rename(incoming, target);
  } catch (error) {
    await output.close();
    await rm(incoming, { force: true });
    throw error;
  }
}

function damaged(target: string, why: string): CliError {
  const name = basename(target);
  return new CliError('DOWNLOAD_DAMAGED', `${name} did not arrive as the server described it (${why}).`, {
    remedy: 'Run the command again; the server may have been updated meanwhile.',
  });
}
