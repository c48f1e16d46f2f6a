import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { programEnvironment } from './program.ts';
import type { SystemUser } from './system-user.ts';

/** Part of the name of the socket; there is no TCP port. */
export const SOCKET_PORT = 5432;

export interface StartPostmasterOptions {
  readonly binaries: PostgresBinaries;
  readonly dataFolder: string;
  readonly socketFolder: string;
  readonly user: SystemUser | undefined;
  /** Open file that takes the log; must be opened for appending. */
  readonly logDescriptor: number;
  readonly isDurable: boolean;
  /** Program and arguments to start PostgreSQL through; for tests. */
  readonly launcher?: readonly string[];
}

/**
 * Starts the server process of PostgreSQL. It becomes leader of a session of its own, so that a Ctrl-C at
 * our terminal reaches us only and we decide the order of stopping; it survives us when we are killed.
 */
export function startPostmaster(options: StartPostmasterOptions): ChildProcess {
  const durability = options.isDurable ? 'on' : 'off';
  const settings: Readonly<Record<string, string>> = {
    // On the command line, because nothing in a file may weaken these.
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: options.socketFolder,
    unix_socket_permissions: '0700',
    fsync: durability,
    synchronous_commit: durability,
    full_page_writes: durability,
    logging_collector: 'off',
    log_destination: 'stderr',
    lc_messages: 'C',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  const postgres = path.join(options.binaries.folder, 'postgres');
  const args = [
    '-D',
    options.dataFolder,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
  const [file = postgres, ...rest] = [...(options.launcher ?? []), postgres, ...args];
  const child = spawn(file, rest, {
    cwd: '/',
    env: programEnvironment,
    detached: true,
    stdio: ['ignore', options.logDescriptor, options.logDescriptor],
    ...(options.user === undefined || options.launcher !== undefined
      ? {}
      : { uid: options.user.uid, gid: options.user.gid }),
  });
  child.unref();
  return child;
}
