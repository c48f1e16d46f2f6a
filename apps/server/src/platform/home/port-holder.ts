import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

const LISTENING = '0A';
// UDP sockets have no state; a bound one shows as closed.
const BOUND = '07';

/**
 * Which program uses a port, for a message to people: as much as this user may see, `undefined` when that is nothing.
 * Linux only.
 */
export async function findPortHolder(port: number, protocol: 'tcp' | 'udp'): Promise<string | undefined> {
  const inodes = await listSocketInodes(port, protocol);
  if (inodes.size === 0) return undefined;
  const processes = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const target = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${await readProgramName(pid)} (process ${pid})`;
    }
  }
  return undefined;
}

async function listSocketInodes(port: number, protocol: 'tcp' | 'udp'): Promise<ReadonlySet<string>> {
  const wantedPort = port.toString(16).toUpperCase().padStart(4, '0');
  const wantedState = protocol === 'tcp' ? LISTENING : BOUND;
  const inodes = new Set<string>();
  for (const file of [`/proc/net/${protocol}`, `/proc/net/${protocol}6`]) {
    const text = await readFile(file, 'utf8').catch(() => '');
    for (const line of text.split('\n').slice(1)) {
      const fields = line.trim().split(/\s+/);
      const [, local = '', , state, , , , , , inode] = fields;
      if (local.endsWith(`:${wantedPort}`) && state === wantedState && inode !== undefined) inodes.add(inode);
    }
  }
  return inodes;
}

async function readProgramName(pid: string): Promise<string> {
  // The first argument only: later ones may hold what is not for everybody.
  const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const name = path.basename(commandLine.split('\0')[0] ?? '');
  // A program chooses its own name; a terminal must not obey it.
  return name.replaceAll(/[^\x21-\x7e]/g, '').slice(0, 60) || 'a program';
}
