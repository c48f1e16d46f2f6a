import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { PostgresBinaries } from './binaries.ts';
import { DatabaseError } from './database.errors.ts';
import { runProgram } from './program.ts';
import type { SystemUser } from './system-user.ts';

/** The role that owns the cluster. Only the supervisor signs in with it. */
export const SUPERVISOR_ROLE = 'holdfast_supervisor';

export interface CreateClusterOptions {
  readonly binaries: PostgresBinaries;
  /** Where the cluster appears, whole, at the end. */
  readonly dataFolder: string;
  readonly user: SystemUser | undefined;
  readonly password: string;
  /** False for throw-away clusters of tests only. */
  readonly isDurable: boolean;
  /** Lines for `postgresql.conf`, where an administrator may change them later. */
  readonly configuration: readonly string[];
}

const INITDB_TIMEOUT_MS = 120_000;

/** Major version of the cluster in a folder; undefined when the folder does not exist or is empty. */
export async function findClusterMajor(dataFolder: string): Promise<number | undefined> {
  const names = await readdir(dataFolder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (names.length === 0) return undefined;
  const version = await readFile(path.join(dataFolder, 'PG_VERSION'), 'utf8').catch(() => '');
  const major = Number(version.trim());
  if (Number.isInteger(major) && major > 0) return major;
  throw new DatabaseError(
    'DATABASE_FOLDER_DAMAGED',
    `The database folder "${dataFolder}" holds files, but no PostgreSQL cluster. Nothing was changed.`,
    {
      facts: { folder: dataFolder },
      remedy: 'Move the folder away and restore a backup, or start with another HOLDFAST_HOME.',
    },
  );
}

/**
 * Makes a new cluster. Invariant: `dataFolder` exists whole or not at all: the cluster is built beside it,
 * is on disk, and appears by a rename. A kill at any moment leaves at most a work folder, which
 * `removeUnfinishedClusters` clears away.
 *
 * @throws DatabaseError DATABASE_INITIALISATION_FAILED, DATABASE_DISK_FULL
 */
export async function createCluster(options: CreateClusterOptions): Promise<void> {
  const { dataFolder, user } = options;
  // A name of its own for each attempt: an `initdb` that outlived a killed server may still be writing.
  const workFolder = `${dataFolder}.new-${process.pid}-${randomBytes(4).toString('hex')}`;
  const passwordFile = path.join(workFolder, 'password');
  const cluster = path.join(workFolder, 'cluster');
  try {
    await mkdir(workFolder, { mode: 0o700 });
    await writeFile(passwordFile, `${options.password}\n`, { mode: 0o600, flag: 'wx' });
    if (user !== undefined) {
      await chown(passwordFile, user.uid, user.gid);
      await chown(workFolder, user.uid, user.gid);
    }
    await runInitdb(options, cluster, passwordFile);
    await rm(passwordFile);
    await appendFile(
      path.join(cluster, 'postgresql.conf'),
      `\n# Holdfast\n${options.configuration.join('\n')}\n`,
    );
    if (options.isDurable) await syncPath(path.join(cluster, 'postgresql.conf'));
    // An empty folder may stand in the way, made by a package or by hand; a full one makes the rename fail.
    await rm(dataFolder, { recursive: false }).catch(() => {});
    await rename(cluster, dataFolder);
    if (options.isDurable) await syncPath(path.dirname(dataFolder));
  } finally {
    await rm(workFolder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Removes what killed attempts left behind. What cannot be removed now is tried again at the next start. */
export async function removeUnfinishedClusters(dataFolder: string): Promise<void> {
  const parent = path.dirname(dataFolder);
  const prefix = `${path.basename(dataFolder)}.new-`;
  for (const name of await readdir(parent)) {
    if (!name.startsWith(prefix)) continue;
    await rm(path.join(parent, name), { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  }
}

async function runInitdb(
  options: CreateClusterOptions,
  cluster: string,
  passwordFile: string,
): Promise<void> {
  const { binaries, user } = options;
  const initdb = path.join(binaries.folder, 'initdb');
  const common = [
    `--pgdata=${cluster}`,
    `--username=${SUPERVISOR_ROLE}`,
    `--pwfile=${passwordFile}`,
    '--auth-local=scram-sha-256',
    '--auth-host=reject',
    '--encoding=UTF8',
    '--lc-messages=C',
    '--data-checksums',
    ...(options.isDurable ? [] : ['--no-sync']),
  ];
  let errors = '';
  for (const locale of localeArguments(binaries.major)) {
    const result = await runProgram(initdb, [...common, ...locale], { user, timeoutMs: INITDB_TIMEOUT_MS });
    if (result.exitCode === 0) {
      await chmod(cluster, 0o700);
      return;
    }
    errors = result.errors;
    if (!/invalid locale|locale .*(not|no) /i.test(errors)) break;
    await rm(cluster, { recursive: true, force: true });
  }
  if (/No space left on device/.test(errors)) {
    throw new DatabaseError(
      'DATABASE_DISK_FULL',
      'The database cannot be created because the disk is full.',
      {
        retry: 'safe',
        remedy: 'Free at least 200 MB on the file system that holds HOLDFAST_HOME, then start again.',
      },
    );
  }
  throw new DatabaseError(
    'DATABASE_INITIALISATION_FAILED',
    `The database could not be created: ${lastLine(errors)}`,
    {
      facts: { program: initdb },
      remedy:
        'Check that the folder HOLDFAST_HOME can be written and that PostgreSQL is installed completely.',
    },
  );
}

/** Text sorts by code point and folds case as Unicode does; where the system cannot do that, ASCII only. */
function localeArguments(major: number): readonly (readonly string[])[] {
  if (major >= 17) return [['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']];
  return [['--locale=C.UTF-8'], ['--locale=C']];
}

function lastLine(text: string): string {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !/removing (contents|data)/.test(line));
  return lines.at(-1)?.trim() ?? 'no reason was given';
}

async function syncPath(target: string): Promise<void> {
  const handle = await open(target, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
