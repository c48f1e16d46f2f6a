import { join, relative, sep } from 'node:path';

import { listFiles } from '../setup/stamp.mjs';
import { readSource } from './source.mjs';

const FOLDERS = ['packages', 'apps', 'e2e', 'bench', 'dev'];

function isElsewhere(name) {
  return (
    name === 'node_modules' ||
    name === 'dist' ||
    name === 'vectors' ||
    name === 'generated' ||
    name.startsWith('.')
  );
}

/** Parses every TypeScript file of the tree at `root`. */
export function loadTree(root) {
  const sources = FOLDERS.flatMap((folder) => listFiles(join(root, folder), isElsewhere))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.d.ts'))
    .map((path) => readSource(root, path));
  return { root, sources };
}
