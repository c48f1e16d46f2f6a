import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

export function areDependenciesReady(place, runtimeStamp) {
  return readStamp(stampOf(place)) === dependenciesHash(place, runtimeStamp);
}

function sameRecord(left = {}, right = {}) {
  const names = Object.keys(left);
  return names.length === Object.keys(right).length && names.every((name) => left[name] === right[name]);
}

/** True when node_modules already holds exactly what the lock file says: nothing has to be fetched then. */
export function isInstalled(place) {
  try {
    const lock = readJson(join(place.root, 'package-lock.json')).packages;
    const installed = readJson(join(place.modules, '.package-lock.json')).packages;
    for (const folder of ['', ...listWorkspaces(place)]) {
      const manifest = readJson(join(place.root, folder, 'package.json'));
      if (lock[folder] === undefined) return false;
      if (!SECTIONS.every((section) => sameRecord(manifest[section], lock[folder][section]))) return false;
    }
    for (const [path, wanted] of Object.entries(lock)) {
      if (!path.includes('node_modules/')) continue;
      const present = installed[path];
      if (present === undefined) {
        if (wanted.optional === true) continue;
        return false;
      }
      if (present.version !== wanted.version || present.integrity !== wanted.integrity) return false;
      if (!existsSync(join(place.root, path, 'package.json'))) return false;
      if (wanted.link === true && !lstatSync(join(place.root, path)).isSymbolicLink()) return false;
    }
    return Object.keys(installed).every((path) => lock[path] !== undefined);
  } catch {
    // A missing or damaged record of what is installed: install again.
    return false;
  }
}

/**
 * Installs exactly what the lock file says, running npm under the pinned runtime: under an older Node it would
 * pick older packages. No install script of any package runs.
 */
export async function installDependencies(place, runtimeStamp) {
  if (!isInstalled(place)) {
    const args = ['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
    await runNpm(place, place.node, [...args, '--loglevel=error'], place.root);
  }
  writeStamp(stampOf(place), dependenciesHash(place, runtimeStamp));
}
