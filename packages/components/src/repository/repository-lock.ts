import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ComponentError } from '../component.errors.ts';

const SQLITE_BUSY = 5;

/**
 * Does something while no other process changes the repository. The lock is SQLite's on an empty file, which the operating
 * system releases when the process ends, however it ends.
 *
 * @throws ComponentError REPOSITORY_BUSY, REPOSITORY_UNWRITABLE
 */
export async function withRepositoryLock<Value>(folder: string, work: () => Promise<Value>): Promise<Value> {
  const lock = openLock(path.join(folder, 'repository.lock'));
  try {
    return await work();
  } finally {
    lock.close();
  }
}

function openLock(file: string): DatabaseSync {
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file);
    lock.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock?.close();
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) {
      throw new ComponentError('REPOSITORY_BUSY', 'Somebody else is changing this repository.', {
        cause: error,
        retry: 'safe',
        remedy: 'Wait until the other command has ended.',
      });
    }
    throw new ComponentError('REPOSITORY_UNWRITABLE', 'The folder of the repository cannot be written.', {
      cause: error,
    });
  }
}
