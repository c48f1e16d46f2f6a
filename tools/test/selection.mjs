import { join, relative, resolve, sep } from 'node:path';

import { listFiles } from '../setup/stamp.mjs';

const FOLDERS = ['packages', 'tools', 'apps', 'bench', 'e2e'];
const TEST_FILE = /\.test\.(ts|mts|mjs)$/;

function isElsewhere(name) {
  return name === 'node_modules' || name === 'dist' || name.startsWith('.');
}

/** All test files of the clone, relative, with forward slashes, in the order in which they run. */
export function listTestFiles(root) {
  return FOLDERS.flatMap((folder) => listFiles(join(root, folder), isElsewhere))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => TEST_FILE.test(path));
}

/** The files that one of the filters names: a part of the path, or a path as the shell completes it. */
export function selectTestFiles(root, files, filters, folder = process.cwd()) {
  if (filters.length === 0) return files;
  const wanted = filters.map((filter) => {
    const asPath = relative(root, resolve(folder, filter)).split(sep).join('/');
    return { text: filter.split(sep).join('/').replace(/^\.\//, ''), asPath };
  });
  return files.filter((file) =>
    wanted.some(({ text, asPath }) => file.includes(text) || (asPath !== '' && file.startsWith(asPath))),
  );
}

/** Whole-system tests start servers and browsers: they run last, one at a time, with more patience. */
export function groupTestFiles(files) {
  const isSerial = (file) => file.startsWith('e2e/') || file.startsWith('bench/');
  return [
    { files: files.filter((file) => !isSerial(file)), isSerial: false, limitSeconds: 240 },
    { files: files.filter(isSerial), isSerial: true, limitSeconds: 600 },
  ].filter((group) => group.files.length > 0);
}

/** What has to be built before these files can run. */
export function neededReleases(files) {
  const needs = (folders) => files.some((file) => folders.some((folder) => file.startsWith(folder)));
  const wanted = [];
  if (needs(['e2e/', 'bench/'])) wanted.push('console');
  if (needs(['e2e/', 'bench/', 'apps/agent/', 'apps/cli/'])) wanted.push('agent');
  return wanted;
}
