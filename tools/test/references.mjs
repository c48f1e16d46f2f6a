import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

import { listFiles } from '../setup/stamp.mjs';

const FOLDERS = ['packages', 'tools', 'apps', 'bench', 'dev', 'e2e', 'docs', 'bin'];
const CODE = /\.(ts|tsx|mts|mjs|js|css|html)$/;
/** What set-up builds, and what it builds it from. */
const RELEASES = { 'apps/agent/dist/': 'apps/agent/src/main.ts', 'apps/console/dist/': 'apps/console/' };

function isElsewhere(name) {
  return name === 'node_modules' || name === 'dist' || name.startsWith('.');
}

/** The public names of our packages, each with the file behind it. */
function readEntryPoints(root) {
  const entryPoints = new Map();
  for (const name of readdirSync(join(root, 'packages'))) {
    const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'));
    for (const [entryPoint, file] of Object.entries(manifest.exports ?? {}))
      entryPoints.set(posix.join(manifest.name, entryPoint), posix.join('packages', name, file));
  }
  return entryPoints;
}

/**
 * The files and folders (with a slash at their end) that a text names: in imports, and as programs, data or folders by a
 * path that is relative to itself. Rather too many than too few: a path in a comment counts.
 */
export function listReferences(path, text, entryPoints) {
  const found = new Set();
  const add = (named) => {
    const whole = named.split('${')[0];
    const target = posix.join(posix.dirname(path), whole === named ? whole : whole.replace(/[^/]*$/, ''));
    // "../" alone stands for a place to begin from, not for all that is there.
    if (/[^./]/.test(whole)) found.add(target);
  };
  for (const [, , named] of text.matchAll(/(['"`])(\.{1,2}\/[^'"`\n]*)\1/g)) add(named);
  for (const [, , named] of text.matchAll(/new URL\(\s*(['"`])([^'"`\n]+)\1,\s*import\.meta/g)) add(named);
  for (const [, name] of text.matchAll(/['"](@[\w-]+\/[\w/-]+)['"]/g)) {
    if (entryPoints.has(name)) found.add(entryPoints.get(name));
  }
  return [...found].map((target) => {
    const release = Object.keys(RELEASES).find((folder) => `${target}/`.startsWith(folder));
    return release === undefined ? target : RELEASES[release];
  });
}

/** For each file with code, what it names. */
export function readReferences(root) {
  const entryPoints = readEntryPoints(root);
  const references = new Map();
  for (const absolute of FOLDERS.flatMap((folder) => listFiles(join(root, folder), isElsewhere))) {
    const path = relative(root, absolute).split(sep).join('/');
    if (CODE.test(path))
      references.set(path, listReferences(path, readFileSync(absolute, 'utf8'), entryPoints));
  }
  return references;
}

/** A path as others may name it: itself, and each folder that it is in. */
function listNames(path) {
  const names = [path];
  for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1))
    names.push(path.slice(0, end), path.slice(0, end + 1));
  return names;
}

/** The changed files and all that reach one of them by what they name, directly or through others. */
export function findReaching(changed, references) {
  const namers = new Map();
  for (const [path, targets] of references) {
    for (const target of targets) namers.set(target, [...(namers.get(target) ?? []), path]);
  }
  const reaching = new Set(changed);
  // A set that grows while it is walked is walked to its end.
  for (const path of reaching) {
    for (const name of listNames(path)) {
      for (const namer of namers.get(name) ?? []) reaching.add(namer);
    }
  }
  return reaching;
}
