import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { syncFolder } from './durable-file.ts';
import { toStateError } from './state.errors.ts';

const OWNER_ONLY = 0o600;

/**
 * Writes a file that only its owner may read, so that a crash leaves the old content or the new one, never
 * a part: beside, fsync, rename, fsync of the folder.
 *
 * @throws AgentStateError STATE_DISK_FULL
 */
export function writePrivateFile(path: string, content: string): void {
  onDisk(path, () => {
    const temporary = writeBeside(path, content);
    try {
      renameSync(temporary, path);
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    }
    syncFolder(dirname(path));
  });
}

/**
 * Like {@link writePrivateFile}, but refuses (`EEXIST`) to replace what is there: a key that is overwritten is
 * lost for good.
 *
 * @throws AgentStateError STATE_DISK_FULL
 */
export function createPrivateFile(path: string, content: string): void {
  onDisk(path, () => {
    const temporary = writeBeside(path, content);
    try {
      linkSync(temporary, path);
    } finally {
      unlinkSync(temporary);
    }
    syncFolder(dirname(path));
  });
}

function onDisk(path: string, write: () => void): void {
  try {
    write();
  } catch (error) {
    throw toStateError(error, path);
  }
}

function writeBeside(path: string, content: string): string {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.new`;
  const descriptor = openSync(temporary, 'wx', OWNER_ONLY);
  try {
    writeFileSync(descriptor, content);
    fsyncSync(descriptor);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(descriptor);
  }
  return temporary;
}
