import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { findProcess, findWorkingFolder, type ProcessIdentity } from './process-identity.ts';

/** What PostgreSQL says about itself in its data folder while it runs, and after it was killed. */
export interface PostmasterPid {
  readonly pid: number;
  readonly socketFolder: string;
  readonly status: 'starting' | 'stopping' | 'ready' | 'standby' | 'unknown';
}

const STATUSES = ['starting', 'stopping', 'ready', 'standby'] as const;

/** Reads the lines of `postmaster.pid`; undefined for a file that is cut short. */
export function parsePostmasterPid(text: string): PostmasterPid | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  const status = STATUSES.find((one) => one === lines[7]?.trim()) ?? 'unknown';
  return { pid, socketFolder: lines[4]?.trim() ?? '', status };
}

export async function findPostmasterPid(dataFolder: string): Promise<PostmasterPid | undefined> {
  const text = await readFile(path.join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : parsePostmasterPid(text);
}

/**
 * The living process that serves `dataFolder`, if the file names one. The number may belong to a stranger by
 * now: PostgreSQL works inside its data folder, a stranger does not.
 */
export async function findLivingPostmaster(dataFolder: string): Promise<ProcessIdentity | undefined> {
  const stated = await findPostmasterPid(dataFolder);
  if (stated === undefined) return undefined;
  const found = await findProcess(stated.pid);
  if (found === undefined || process.platform !== 'linux') return found;
  return (await findWorkingFolder(stated.pid)) === (await realpath(dataFolder)) ? found : undefined;
}
