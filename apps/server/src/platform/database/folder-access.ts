import { chmod, mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseError } from './database.errors.ts';
import { runProgram } from './program.ts';
import type { SystemUser } from './system-user.ts';

/**
 * Makes HOLDFAST_HOME, and lets the database's account pass through it to its own folder when there is such
 * an account. Whatever else lies inside stays closed by the mode of each subfolder.
 *
 * @returns its path without symbolic links
 * @throws DatabaseError DATABASE_FOLDER_NOT_REACHABLE when that account cannot get there
 */
export async function prepareHome(givenHome: string, user: SystemUser | undefined): Promise<string> {
  await mkdir(givenHome, { recursive: true, mode: user === undefined ? 0o700 : 0o711 });
  const home = await realpath(givenHome);
  if (user === undefined) return home;
  const { mode } = await stat(home);
  if ((mode & 0o111) !== 0o111) await chmod(home, (mode & 0o777) | 0o111);
  const barrier = await findBarrier(home, user);
  if (barrier === undefined) return home;
  throw new DatabaseError(
    'DATABASE_FOLDER_NOT_REACHABLE',
    `The system user "${user.name}", which runs the database, cannot enter the folder "${barrier}".`,
    {
      facts: { folder: barrier, systemUser: user.name },
      remedy: `Set HOLDFAST_HOME to a folder outside "${barrier}", for example /var/lib/holdfast, or let others pass through it: chmod o+x ${barrier}`,
    },
  );
}

/** The first folder on the way to `target`, itself included, that the account may not enter. */
export async function findBarrier(target: string, user: SystemUser): Promise<string | undefined> {
  const parts = target.split(path.sep).filter((part) => part !== '');
  for (let length = 0; length <= parts.length; length += 1) {
    const folder = path.sep + parts.slice(0, length).join(path.sep);
    if (mayEnter(await stat(folder), user)) continue;
    // Access lists and further groups may allow what the mode does not show: the system has the last word.
    const trial = await runProgram('test', ['-x', folder], { user });
    if (trial.exitCode !== 0) return folder;
  }
  return undefined;
}

function mayEnter(
  folder: { readonly mode: number; readonly uid: number; readonly gid: number },
  user: SystemUser,
): boolean {
  if (folder.uid === user.uid) return (folder.mode & 0o100) !== 0;
  if (folder.gid === user.gid) return (folder.mode & 0o010) !== 0;
  return (folder.mode & 0o001) !== 0;
}
