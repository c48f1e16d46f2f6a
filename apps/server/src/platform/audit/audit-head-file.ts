import { rm } from 'node:fs/promises';
import { readPrivateFile, writePrivateFile } from '../home/private-file.ts';
import type { ChainHead } from './audit-chain.ts';

/** Where the head of the chain is remembered outside the database. */
export interface HeadMemory {
  /** Undefined while nothing is remembered. */
  read(): Promise<ChainHead | undefined>;
  write(head: ChainHead): Promise<void>;
}

const CONTENT = /^(?<sequence>[1-9]\d{0,15}) (?<hash>[0-9a-f]{64})\n$/;

/**
 * The newest entry of the audit log that this server has seen, in a file of HOLDFAST_HOME: whoever can write to the database, and to
 * nothing else, cannot take entries from the end of the log, nor write all of it anew, without its being seen.
 */
export function openHeadFile(file: string): HeadMemory {
  return {
    async read() {
      const text = await readPrivateFile(file, () => {});
      const { sequence, hash } = CONTENT.exec(text ?? '')?.groups ?? {};
      if (sequence === undefined || hash === undefined) return undefined;
      return { sequence: Number(sequence), hash: Buffer.from(hash, 'hex') };
    },
    write: async ({ sequence, hash }) =>
      await writePrivateFile(file, `${sequence} ${Buffer.from(hash).toString('hex')}\n`),
  };
}

/** After a backup was restored: the log of the database is an earlier one, and that is as it should be. */
export async function removeHeadFile(file: string): Promise<void> {
  await rm(file, { force: true });
}
