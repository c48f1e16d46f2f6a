import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { SetupFault } from './fault.mjs';
import { runNpm } from './npm.mjs';
import { hashFiles, readStamp, writeStamp } from './stamp.mjs';

const SECTIONS = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The folders of all workspaces, relative to the root: the ones that the root package.json names. */
export function listWorkspaces(place) {
  const { workspaces = [] } = readJson(join(place.root, 'package.json'));
  const folders = [];
  for (const pattern of workspaces) {
    const parent = pattern.replace(/\/\*$/, '');
    for (const entry of readdirSync(join(place.root, parent), { withFileTypes: true })) {
      const folder = `${parent}/${entry.name}`;
      if (entry.isDirectory() && existsSync(join(place.root, folder, 'package.json'))) folders.push(folder);
    }
  }
  return folders.sort();
}

/** What the installed packages depend on: the lock file, what each package.json asks for, and the runtime. */
export function dependenciesHash(place, runtimeStamp) {
  const asked = ['', ...listWorkspaces(place)].map((folder) => {
    const manifest = readJson(join(place.root, folder, 'package.json'));
    return [folder, manifest.name, ...SECTIONS.map((section) => manifest[section] ?? {})];
  });
  return hashFiles(
    place.root,
    [join(place.root, 'package-lock.json')],
    `${runtimeStamp}${JSON.stringify(asked)}`,
  );
}

function stampOf(place) {
  return join(place.modules, '.holdfast-setup');
}

/** What the stamp says when the packages are there that `extent` means. */
function stampValue(place, runtimeStamp, extent) {
  const hash = dependenciesHash(place, runtimeStamp);
  return extent === 'all' ? hash : `${hash} ${extent}`;
}

/** @param extent `run`: what building and running needs; `all`: also what checks and tests need */
export function areDependenciesReady(place, runtimeStamp, extent) {
  const extents = extent === 'all' ? ['all'] : ['all', extent];
  const stamp = readStamp(stampOf(place));
  return extents.some((present) => stamp === stampValue(place, runtimeStamp, present));
}

function sameRecord(left = {}, right = {}) {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** The workspaces whose package.json asks for something else than the lock file says. */
function findDisagreements(place, lock) {
  return ['', ...listWorkspaces(place)].filter((folder) => {
    const manifest = readJson(join(place.root, folder, 'package.json'));
    return (
      lock[folder] === undefined ||
      !SECTIONS.every((section) => sameRecord(manifest[section], lock[folder]?.[section]))
    );
  });
}

function readLock(place) {
  return readJson(join(place.root, 'package-lock.json')).packages;
}

/** True when node_modules already holds exactly what the lock file says: nothing has to be fetched then. */
export function isInstalled(place, extent) {
  try {
    const lock = readLock(place);
    const installed = readJson(join(place.modules, '.package-lock.json')).packages;
    if (findDisagreements(place, lock).length > 0) return false;
    for (const [path, wanted] of Object.entries(lock)) {
      if (!path.includes('node_modules/')) continue;
      const present = installed[path];
      if (present === undefined && extent === 'run' && (wanted.dev ?? wanted.devOptional) === true) continue;
      if (present === undefined) {
        // Made for another platform.
        if (wanted.optional === true) continue;
        return false;
      }
      if (present.version !== wanted.version || present.integrity !== wanted.integrity) return false;
      if (!existsSync(join(place.root, path, 'package.json'))) return false;
      if (wanted.link === true && !lstatSync(join(place.root, path)).isSymbolicLink()) return false;
    }
    return Object.entries(installed).every(
      ([path, { optional }]) => lock[path] !== undefined || optional === true,
    );
  } catch {
    // A missing or damaged record of what is installed: install again.
    return false;
  }
}

/**
 * Installs exactly what the lock file says, running npm under the pinned runtime: under an older Node it would
 * pick older packages. No install script of any package runs.
 *
 * Not `npm ci`: it refuses a lock file in which an optional package of another platform is missing, and a
 * registry that mirrors only some platforms produces just such lock files. What `npm ci` promises beyond
 * `npm install` is checked here: package.json and lock file agree, nothing half-installed is built upon, and
 * the result is what the lock file says.
 */
export async function installDependencies(place, runtimeStamp, wantedExtent) {
  // npm would take away what a developer had installed before.
  const stamp = readStamp(stampOf(place));
  const hadAll = stamp !== undefined && !stamp.endsWith(' run');
  const extent = hadAll ? 'all' : wantedExtent;
  if (!isInstalled(place, extent)) {
    const disagreeing = findDisagreements(place, readLock(place));
    if (disagreeing.length > 0) {
      const files = disagreeing.map((folder) => join(folder, 'package.json')).join(', ');
      throw new SetupFault(`package-lock.json does not agree with ${files}.`, {
        remedy:
          'Whoever changed a package.json has to run npm install (under the pinned runtime) and commit package-lock.json with it.',
      });
    }
    if (!existsSync(stampOf(place))) rmSync(place.modules, { recursive: true, force: true });
    rmSync(stampOf(place), { force: true });
    const development = extent === 'all' ? '--include=dev' : '--omit=dev';
    const args = ['install', '--no-save', '--ignore-scripts', development, '--include=optional'];
    await runNpm(place, place.node, [...args, '--no-audit', '--no-fund', '--loglevel=error'], place.root);
    if (!isInstalled(place, extent)) {
      throw new SetupFault('npm finished, but node_modules does not hold what package-lock.json says.', {
        remedy: 'Remove node_modules and run the command again.',
      });
    }
  }
  writeStamp(stampOf(place), stampValue(place, runtimeStamp, extent));
}
