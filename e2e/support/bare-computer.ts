import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { listDescendants, type RunningProcess, signalProcess, startProcess } from './running-process.ts';

/**
 * A computer that has nothing but what no installation can do without: a root file system of its own with BusyBox as its shell and
 * tools, curl with its libraries, and of glibc and GCC the libraries that the runtime needs. It has a host name, a process table and,
 * where wished for, a network of its own, in which there is nobody.
 */
export interface BareComputer {
  readonly root: string;
  /** Types a line into its shell, as root of this computer. */
  type(line: string, options?: TypeOptions): Promise<TypedLine>;
  /** The same with a line that goes on until it is stopped. */
  start(line: string): RunningProcess;
  remove(): Promise<void>;
}

export interface TypeOptions {
  readonly withNetwork?: boolean;
  readonly input?: string;
}

export interface TypedLine {
  readonly code: number | null;
  readonly output: string;
}

const busybox = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path));
const curl = ['/usr/bin/curl'].find((path) => existsSync(path));

/** Why there can be no such computer here; `false` where there can. */
export const whyNoBareComputer: string | false = findObstacle();

function findObstacle(): string | false {
  if (process.platform !== 'linux') return 'a root file system of its own needs Linux';
  if (busybox === undefined) return 'BusyBox is not installed';
  if (curl === undefined) return 'curl is not installed';
  try {
    execFileSync('unshare', [...unshareArgs(true), '/bin/true'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'neither root nor user namespaces are there';
  }
}

function unshareArgs(withNetwork: boolean): string[] {
  return [
    ...(process.getuid?.() === 0 ? [] : ['--map-root-user']),
    ...['--mount', '--uts', '--pid', '--fork', '--kill-child'],
    ...(withNetwork ? [] : ['--net']),
  ];
}

const STOP_LIMIT_MS = 15_000;

// Runs outside of the new root still: what the computer finds as its devices and processes.
const ENTER = `
mount --rbind /dev "$BARE_ROOT/dev" &&
{ mount -t proc proc "$BARE_ROOT/proc" 2>/dev/null || mount --rbind /proc "$BARE_ROOT/proc"; } &&
hostname "$BARE_NAME" &&
exec chroot "$BARE_ROOT" /bin/env -i PATH=/bin HOME=/root /bin/sh -c "$BARE_LINE"
`;

export async function createBareComputer(
  name: string,
  { withoutLibrary }: { readonly withoutLibrary?: string } = {},
): Promise<BareComputer> {
  if (busybox === undefined || curl === undefined) throw new Error(String(whyNoBareComputer));
  const root = await mkdtemp(join(tmpdir(), 'holdfast-bare-'));
  for (const folder of ['bin', 'dev', 'proc', 'tmp', 'root', 'media', 'etc', 'lib64'])
    await mkdir(join(root, folder), { recursive: true });
  await copyFile(busybox, join(root, 'bin/busybox'));
  // Its own would not check what curl checks.
  for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).split('\n'))
    if (applet !== '' && !['busybox', 'wget'].includes(applet))
      await symlink('busybox', join(root, 'bin', applet));
  await copyFile(curl, join(root, 'bin/curl'));
  const libraries = new Set([...[busybox, curl, process.execPath].flatMap(listLibraries)]);
  for (const library of libraries) {
    if (basename(library) === withoutLibrary) continue;
    await mkdir(dirname(join(root, library)), { recursive: true });
    await copyFile(library, join(root, library));
  }
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n');
  await writeFile(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\n');
  await writeFile(join(root, 'etc/machine-id'), `${Buffer.from(root).toString('hex').slice(-32)}\n`);
  const begin = (line: string, { withNetwork = true, input }: TypeOptions): RunningProcess =>
    startProcess(
      'unshare',
      [...unshareArgs(withNetwork), '/bin/sh', '-c', ENTER],
      { PATH: process.env['PATH'], BARE_ROOT: root, BARE_NAME: name, BARE_LINE: line },
      input,
    );
  return {
    root,
    async type(line, options = {}) {
      const started = begin(line, options);
      const closed = new Promise<void>((resolve) => started.child.once('close', () => resolve()));
      const code = await started.exited;
      await closed;
      return { code, output: started.output() };
    },
    start: (line) => stoppedFromInside(begin(line, {})),
    remove: async () => await rm(root, { recursive: true, force: true, maxRetries: 10 }),
  };
}

/** `unshare` passes no signal on: what it runs is asked to end itself. */
function stoppedFromInside(started: RunningProcess): RunningProcess {
  return {
    ...started,
    async stop(limitMs) {
      for (const { pid } of listDescendants(started.pid)) signalProcess(pid, 'SIGTERM');
      const limit = setTimeout(() => void started.stop(0), limitMs ?? STOP_LIMIT_MS);
      const code = await started.exited;
      clearTimeout(limit);
      return code;
    },
  };
}

/** All that the dynamic linker would load, itself included; nothing for a static program, of which ldd says so by failing. */
function listLibraries(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .flatMap((line) => /(?:=> )?(\/\S+) \(0x/u.exec(line)?.[1] ?? [])
    .filter((path) => existsSync(path));
}
