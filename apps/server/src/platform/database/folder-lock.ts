import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { DatabaseError } from './database.errors.ts';
import { findProcess, isProcessAlive, type ProcessIdentity } from './process-identity.ts';

export interface FolderLock {
  release(): Promise<void>;
}

const MAX_ATTEMPTS = 5;

/**
 * Takes the database folder for this process. The lock of a process that died is taken over, also when its
 * number is in use again; the lock of a living one never is.
 *
 * @throws DatabaseError DATABASE_FOLDER_IN_USE, which names the process
 */
export async function acquireFolderLock(lockFile: string): Promise<FolderLock> {
  const self = await findProcess(process.pid);
  const content = JSON.stringify(self ?? { pid: process.pid, startTicks: '', bootId: '' });
  const draft = `${lockFile}.${process.pid}-${randomBytes(4).toString('hex')}`;
  await writeFile(draft, content, { mode: 0o600, flag: 'wx' });
  try {
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
      // A link appears whole and fails when the name is taken: the file system decides who is first.
      if (await tryLink(draft, lockFile)) return { release: () => releaseLock(lockFile, content) };
      await removeDeadLock(lockFile, draft);
    }
  } finally {
    await rm(draft, { force: true });
  }
  throw new DatabaseError(
    'DATABASE_FOLDER_IN_USE',
    'Several servers are trying to take the same database folder.',
    {
      retry: 'safe',
      remedy: 'Start one server only for each HOLDFAST_HOME.',
    },
  );
}

async function tryLink(draft: string, lockFile: string): Promise<boolean> {
  try {
    await link(draft, lockFile);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeDeadLock(lockFile: string, draft: string): Promise<void> {
  const content = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (content === undefined) return; // Released in this moment.
  const holder = parseHolder(content);
  if (holder !== undefined && (await isProcessAlive(holder))) {
    throw new DatabaseError(
      'DATABASE_FOLDER_IN_USE',
      `Holdfast is already running on this folder, as process ${holder.pid}.`,
      {
        facts: { pid: holder.pid },
        remedy: 'Use the running server, stop it first, or set HOLDFAST_HOME to another folder.',
      },
    );
  }
  // Moved aside before it is removed: if another process replaced it in between, its lock is put back.
  const aside = `${draft}.dead`;
  await rename(lockFile, aside).catch(() => {});
  const moved = await readFile(aside, 'utf8').catch(() => content);
  if (moved !== content) await tryLink(aside, lockFile);
  await rm(aside, { force: true });
}

async function releaseLock(lockFile: string, content: string): Promise<void> {
  const current = await readFile(lockFile, 'utf8').catch(() => undefined);
  if (current === content) await rm(lockFile, { force: true });
}

/** Undefined for content that a power loss damaged; such a lock belongs to nobody. */
function parseHolder(content: string): ProcessIdentity | undefined {
  try {
    const value = JSON.parse(content) as Partial<ProcessIdentity> | null;
    if (!Number.isSafeInteger(value?.pid)) return undefined;
    return {
      pid: Number(value?.pid),
      startTicks: String(value?.startTicks ?? ''),
      bootId: String(value?.bootId ?? ''),
    };
  } catch {
    return undefined;
  }
}
