import { chmod, mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError, hasCode } from '@holdfast/kernel';
import type { Logger } from 'pino';
import { acquireFolderLock, type FolderLock } from '../database/folder-lock.ts';
import { HomeError, wrapFileError } from './home.errors.ts';

/** Paths inside HOLDFAST_HOME. */
export interface HomeLayout {
  readonly folder: string;
  readonly keys: string;
  readonly run: string;
  readonly backups: string;
  readonly log: string;
  /** A file: the newest entry of the audit log. */
  readonly auditHead: string;
  /** Made when the first archive is. */
  readonly agentArchives: string;
  /** Made by whoever brings a runtime. */
  readonly agentRuntimes: string;
  /** Made by the first download of components. */
  readonly components: string;
}

export function homeLayout(home: string): HomeLayout {
  return {
    folder: home,
    keys: path.join(home, 'keys'),
    run: path.join(home, 'run'),
    backups: path.join(home, 'backups'),
    log: path.join(home, 'log'),
    auditHead: path.join(home, 'audit-head'),
    agentArchives: path.join(home, 'agent-archives'),
    agentRuntimes: path.join(home, 'agent-runtimes'),
    components: path.join(home, 'components'),
  };
}

/**
 * Makes the folders that are missing, each closed to everybody else. As root the home itself lets others pass through,
 * because the database runs under an account of its own; what lies inside stays closed by its own mode.
 *
 * @throws HomeError HOME_NOT_WRITABLE, HOME_NOT_A_FOLDER, HOME_DISK_FULL
 */
export async function makeHome(home: string): Promise<HomeLayout> {
  const layout = homeLayout(home);
  await makeFolder(home, process.getuid?.() === 0 ? 0o711 : 0o700);
  for (const folder of [layout.keys, layout.run, layout.backups, layout.log]) await makeFolder(folder, 0o700);
  return layout;
}

async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await makeFolders(folder, mode);
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error('no folder'), { code: 'ENOTDIR' });
  } catch (error) {
    throw wrapFileError(error, folder);
  }
}

// Not by the recursive form of `mkdir`, which never ends where the system makes no folders at all, such as below /proc.
async function makeFolders(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return;
    const parent = path.dirname(folder);
    if (code !== 'ENOENT' || parent === folder || (await isFolder(parent))) throw error;
    await makeFolders(parent, 0o755);
    await mkdir(folder, { mode });
  }
}

async function isFolder(file: string): Promise<boolean> {
  return await stat(file).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

/**
 * Takes the home for this process, so that two servers never share keys and database.
 *
 * @throws HomeError HOME_IN_USE
 */
export async function lockHome(layout: HomeLayout): Promise<FolderLock> {
  const lockFile = path.join(layout.run, 'server.lock');
  try {
    return await acquireFolderLock(lockFile);
  } catch (error) {
    if (!hasCode(error, 'DATABASE_FOLDER_IN_USE')) throw wrapFileError(error, lockFile);
    const pid = error instanceof AppError ? error.facts?.['pid'] : undefined;
    const holder = typeof pid === 'number' ? `Another server, process ${pid},` : 'Another server';
    throw new HomeError('HOME_IN_USE', `${holder} is running on "${layout.folder}".`, {
      cause: error,
      facts: { folder: layout.folder, ...(typeof pid === 'number' ? { pid } : {}) },
      remedy: 'Use the running server, stop it first, or set HOLDFAST_HOME to another folder.',
    });
  }
}

/** Closes the keys to other users. Somebody may have read them already, so it is said aloud. */
export async function closeKeysFolder(layout: HomeLayout, log: Logger): Promise<void> {
  const { mode } = await stat(layout.keys);
  if ((mode & 0o077) === 0) return;
  await chmod(layout.keys, 0o700);
  log.warn(
    { folder: layout.keys, mode: (mode & 0o777).toString(8) },
    'the folder of the keys was open to other users and is closed now; think of who may have read the keys',
  );
}
