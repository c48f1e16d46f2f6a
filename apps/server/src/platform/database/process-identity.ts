import { readdir, readFile, readlink } from 'node:fs/promises';

/** Names one process for ever: a number alone is given to another process sooner or later. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between boot and start; empty where the system does not tell. */
  readonly startTicks: string;
  /** Identifies the boot that the ticks count from; empty where the system does not tell. */
  readonly bootId: string;
}

/** The process that has this number now; undefined when there is none, or when it only waits to be reaped. */
export async function findProcess(pid: number): Promise<ProcessIdentity | undefined> {
  if (!isSignalable(pid)) return undefined;
  if (process.platform !== 'linux') return { pid, startTicks: '', bootId: '' };
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The second field is the program's name in brackets and may itself hold spaces and brackets.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  const bootId = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '');
  return { pid, startTicks: fields[18] ?? '', bootId: bootId.trim() };
}

/** True while exactly this process lives. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  const current = await findProcess(identity.pid);
  return current?.startTicks === identity.startTicks && current.bootId === identity.bootId;
}

/**
 * Numbers of the processes that work in `folder`. PostgreSQL's processes all stay in their data folder, so
 * this finds those whose parent is gone. Empty where the system has no /proc.
 */
export async function listProcessesIn(folder: string): Promise<readonly number[]> {
  const found: number[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    if (/^\d+$/.test(name) && (await findWorkingFolder(Number(name))) === folder) found.push(Number(name));
  }
  return found;
}

/** The folder that a process works in; undefined when it is gone or belongs to somebody else. */
export async function findWorkingFolder(pid: number): Promise<string | undefined> {
  return await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
}

function isSignalable(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
