import {
  linkSync,
  mkdirSync,
  openSync,
  readSync,
  closeSync,
  rmSync,
  writeFileSync,
  copyFileSync,
  existsSync,
} from 'node:fs';
import { join } from 'node:path';
import type { ComponentDescription } from '@holdfast/components';
import { toOneLine } from '@holdfast/kernel';
import { findGuardedProgram } from '../../../platform/guarded-program.ts';
import type { RunToEnd } from '../../../platform/program-end.ts';
import { UpdateError } from '../update.errors.ts';
import type { ComponentHandler, StagedRelease } from './component-handler.ts';
import type { PlacedFileOptions } from './plain-file.ts';
import { assertPlace, putFile, takeFileBack } from './placed-file.ts';
import { runReload, runReloadAfterWayBack } from './reload.ts';

/** Lists of signatures as text, told by the ending of their name alone: https://docs.clamav.net/manual/Signatures.html */
const LISTS = ['ndb', 'hdb', 'hsb', 'mdb', 'ldb', 'ndu', 'ldu', 'fp', 'sfp', 'ign2', 'yara'] as const;
/** Where distributions, Homebrew and the installer of ClamAV put it. */
const SCANNERS = [
  '/usr/bin/clamscan',
  '/usr/local/bin/clamscan',
  '/opt/homebrew/bin/clamscan',
  'C:\\Program Files\\ClamAV\\clamscan.exe',
] as const;
const SCANNER_MISSING = 'ClamAV is not installed on this computer, or an ordinary account could change it.';
const CONTAINER_MARK = 'ClamAV-VDB:';
const MAX_OUTPUT_CHARACTERS = 300;
/** clamscan(1), "RETURN CODES". */
const NOTHING_FOUND = 0;
const FOUND = 1;

/**
 * The test file of EICAR (https://www.eicar.org/download-anti-malware-testfile/), which every scanner takes for malware and which is
 * harmless. In two parts, so that no scanner takes this program for it.
 */
const testFile = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-', 'ANTIVIRUS-TEST-FILE!$H+H*'].join('');
const harmlessFile = 'Holdfast looks whether a new database takes this text for malware.\n';

export interface ClamAvOptions extends PlacedFileOptions {
  /** Path of clamscan; `undefined` where ClamAV is not installed. */
  readonly findScanner: () => string | undefined;
}

/**
 * A database of ClamAV. Before it is used, the scanner of this computer loads it alone and looks at two files with it: it must not find
 * anything in a harmless one, and where the database in use finds the test file, so must it.
 */
export function createClamAvHandler(options: ClamAvOptions): ComponentHandler {
  const { files, places, runToEnd, findScanner } = options;
  const placeOf = (component: ComponentDescription): string =>
    join(places.find(component.id).place ?? join(places.usualFolder, 'clamav'), nameOf(component));

  const tryFile = async (staged: StagedRelease, signal: AbortSignal): Promise<void> => {
    const scanner = findScanner();
    if (scanner === undefined) {
      throw new UpdateError('COMPONENT_PROGRAM_MISSING', SCANNER_MISSING, {
        remedy:
          'Install its package `clamav`, so that `clamscan` and all folders above it belong to root and nobody else may write there.',
      });
    }
    const { component } = staged;
    const folder = join(files.folderOf(component.id), 'try');
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(join(folder, 'database'), { recursive: true });
    try {
      const database = join(folder, 'database', nameOf(component));
      linkOrCopy(staged.file, database);
      const scan = async (by: string, content: string): Promise<number> =>
        await scanFile({ runToEnd, scanner, database: by, signal }, join(folder, 'file'), content);
      if ((await scan(database, harmlessFile)) !== NOTHING_FOUND)
        throw createTryError('It takes a harmless text for malware.');
      if ((await scan(database, testFile)) === FOUND) return;
      const inUse = placeOf(component);
      if (existsSync(inUse) && (await scan(inUse, testFile)) === FOUND)
        throw createTryError('It does not find the test file, which the database in use finds.');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };

  return {
    name: 'clamav-database',
    findObstacle: () => (findScanner() === undefined ? SCANNER_MISSING : undefined),
    try: async (staged, signal) => {
      assertPlace(placeOf(staged.component), places.usualFolder);
      assertKind(staged);
      await tryFile(staged, signal);
    },
    switch: async (staged, signal) => {
      const place = placeOf(staged.component);
      assertPlace(place, places.usualFolder);
      await putFile(staged, place, files);
      await runReload(places.find(staged.component.id), runToEnd, signal);
      return 'done';
    },
    rollBack: async (way, signal) => {
      await takeFileBack(way, placeOf(way.from.component), files);
      await runReloadAfterWayBack(places.find(way.from.component.id), runToEnd, signal);
    },
  };
}

/**
 * The program `clamscan` of this computer; `undefined` where there is none that only its administrators can change: the agent runs with
 * their rights, and what Homebrew installs belongs to an ordinary account.
 */
export function findScanner(paths: readonly string[] = SCANNERS): string | undefined {
  return paths.map((path) => findGuardedProgram(path)).find((path) => path !== undefined);
}

/** ClamAV tells by the ending what a file is: a list by the last word of the component's id, else it is a container. */
function nameOf({ id }: ComponentDescription): string {
  const [, name, list] = /^(.+)-([a-z0-9]+)$/u.exec(id) ?? [];
  if (name !== undefined && LISTS.some((known) => known === list)) return `${name}.${list}`;
  return `${id}.cvd`;
}

function assertKind({ component, file }: StagedRelease): void {
  const isContainer = readBeginning(file, CONTAINER_MARK.length) === CONTAINER_MARK;
  if (isContainer === nameOf(component).endsWith('.cvd')) return;
  throw new UpdateError(
    'COMPONENT_FILE_WRONG',
    isContainer
      ? 'The file is a container of ClamAV, and the id of the component says that it is a list.'
      : 'The file is no container of ClamAV, and the id of the component does not say what else it is.',
    {
      remedy: `Name the component so that its id ends with the kind of list: ${LISTS.map((list) => `-${list}`).join(', ')}. A .cvd or .cld has no such end.`,
    },
  );
}

interface Scan {
  readonly runToEnd: RunToEnd;
  readonly scanner: string;
  readonly database: string;
  readonly signal: AbortSignal;
}

/** The exit status: whether something was found. */
async function scanFile(
  { runToEnd, scanner, database, signal }: Scan,
  path: string,
  content: string,
): Promise<number> {
  writeFileSync(path, content);
  const { status, output } = await runToEnd(
    scanner,
    [`--database=${database}`, '--no-summary', '--stdout', path],
    { signal },
  );
  if (status === NOTHING_FOUND || status === FOUND) return status;
  signal.throwIfAborted();
  const how = status === undefined ? 'did not come to its end' : `ended with status ${status}`;
  throw createTryError(`clamscan ${how}: ${toOneLine(output, MAX_OUTPUT_CHARACTERS)}`);
}

function createTryError(what: string): UpdateError {
  return new UpdateError('COMPONENT_TRY_FAILED', what, {
    remedy: 'The database in use stays. Publish another one, or update the ClamAV of this computer.',
  });
}

function readBeginning(path: string, length: number): string {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(path, 'r');
  try {
    return bytes.toString('latin1', 0, readSync(descriptor, bytes));
  } finally {
    closeSync(descriptor);
  }
}

function linkOrCopy(source: string, path: string): void {
  try {
    linkSync(source, path);
  } catch {
    // A file system without links.
    copyFileSync(source, path);
  }
}
