import { chown, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { DatabaseError } from './database.errors.ts';
import { SOCKET_PORT } from './postmaster.ts';
import type { SystemUser } from './system-user.ts';

/** The longest path that the kernel takes as the name of a socket (sun_path without its terminator). */
const MAX_SOCKET_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

export interface SocketFolder {
  readonly folder: string;
  /** Why the socket is not in the data folder. */
  readonly reason: string | undefined;
  remove(): Promise<void>;
}

export function fitsSocket(folder: string): boolean {
  return Buffer.byteLength(path.join(folder, `.s.PGSQL.${SOCKET_PORT}`)) <= MAX_SOCKET_PATH_BYTES;
}

/**
 * Where the socket lies: in the data folder, which is closed to everybody else already. If that path is too
 * long for a socket, in a new private folder among the temporary files.
 *
 * @throws DatabaseError DATABASE_FOLDER_NOT_REACHABLE
 */
export async function prepareSocketFolder(
  dataFolder: string,
  user: SystemUser | undefined,
): Promise<SocketFolder> {
  if (fitsSocket(dataFolder)) return { folder: dataFolder, reason: undefined, remove: async () => {} };
  const parent = [os.tmpdir(), '/tmp'].find((candidate) =>
    fitsSocket(path.join(candidate, 'holdfast-XXXXXX')),
  );
  if (parent === undefined) {
    throw new DatabaseError(
      'DATABASE_FOLDER_NOT_REACHABLE',
      `The path "${dataFolder}" is too long for a socket.`,
      {
        facts: { folder: dataFolder },
        remedy: 'Set HOLDFAST_HOME to a folder with a shorter path.',
      },
    );
  }
  const folder = await mkdtemp(path.join(parent, 'holdfast-'));
  if (user !== undefined) await chown(folder, user.uid, user.gid);
  return {
    folder,
    reason: `The path of the database folder is too long for a socket (${MAX_SOCKET_PATH_BYTES} bytes), so the socket is in ${folder}.`,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
