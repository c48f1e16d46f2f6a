import { closeSync, openSync, readSync, rmSync } from 'node:fs';
import { limits } from '@holdfast/protocol';
import { writePrivateFile } from '../../platform/private-file.ts';
import { isMissing } from '../../platform/system-error.ts';

/** Takes the place of one that was kept before. @throws AgentStateError STATE_DISK_FULL */
export function keepToken(path: string, tokenText: string): void {
  writePrivateFile(path, `${tokenText}\n`);
}

/** The token with which `run` goes on, or `undefined` when none is kept. Never reads more than a token can be. */
export function findKeptToken(path: string): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const buffer = Buffer.alloc(limits.maxEnrolmentTokenCharacters + 2);
    const length = readSync(file, buffer, 0, buffer.length, 0);
    return buffer.subarray(0, length).toString('utf8').trim();
  } finally {
    closeSync(file);
  }
}

export function forgetToken(path: string): void {
  rmSync(path, { force: true });
}
