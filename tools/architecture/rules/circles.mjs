import { posix } from 'node:path';

import { createRule } from '../rule.mjs';

/** Names of packages and the paths of our files that they stand for, so that a circle through a package is one. */
const PACKAGE = /^@holdfast\/([^/]+)$/;

function targetOf(imported, known) {
  const own = PACKAGE.exec(imported.specifier)?.[1];
  const target =
    own === undefined ? imported.target && posix.normalize(imported.target) : `packages/${own}/src/index.ts`;
  return known.has(target) ? target : undefined;
}

/** The files of each circle: the strongly connected parts of the graph of imports (Tarjan 1972), each with its first import. */
function findCircles(sources) {
  const known = new Map(sources.map((source) => [source.path, source]));
  const edges = new Map(
    sources.map((source) => [
      source.path,
      source.imports
        .map((imported) => ({ line: imported.line, target: targetOf(imported, known) }))
        .filter(({ target }) => target !== undefined),
    ]),
  );
  const places = new Map();
  const open = [];
  const circles = [];
  const visit = (path) => {
    const place = { index: places.size, low: places.size, isOpen: true };
    places.set(path, place);
    open.push(path);
    for (const { target } of edges.get(path)) {
      if (!places.has(target)) place.low = Math.min(place.low, visit(target).low);
      else if (places.get(target).isOpen) place.low = Math.min(place.low, places.get(target).index);
    }
    if (place.low !== place.index) return place;
    const members = open.splice(open.indexOf(path));
    for (const member of members) places.get(member).isOpen = false;
    const isLoop = members.length > 1 || edges.get(path).some(({ target }) => target === path);
    if (isLoop) circles.push(members);
    return place;
  };
  for (const { path } of sources) if (!places.has(path)) visit(path);
  return circles.map((members) => {
    const [first] = members;
    const inside = new Set(members);
    const { line } = edges.get(first).find(({ target }) => inside.has(target));
    return { source: known.get(first), line, members };
  });
}

export const circles = createRule({
  name: 'no circle of files, types included',
  because: 'of two files that need each other neither can be read, tested or moved alone',
  atLeast: 500,
  check(tree, { see, complain }) {
    for (const source of tree.sources) see(source);
    for (const { source, line, members } of findCircles(tree.sources)) {
      complain(source, line, `is in a circle: ${members.join(' → ')}`);
    }
  },
  planted: [
    {
      at: 'apps/server/src/a.ts',
      files: {
        'apps/server/src/a.ts': "import { b } from './b.ts';\nexport const a = b;",
        'apps/server/src/b.ts': "import type { A } from './c.ts';\nexport const b = 1 as A;",
        'apps/server/src/c.ts': "import { a } from './a.ts';\nexport type A = typeof a;",
      },
    },
    {
      at: 'packages/api/src/a.ts',
      files: {
        'packages/api/src/a.ts': "import { b } from '@holdfast/api';\nexport const a = b;",
        'packages/api/src/index.ts': "export { a as b } from './a.ts';",
      },
    },
    { at: 'apps/cli/src/a.ts', files: { 'apps/cli/src/a.ts': "export type A = import('./a.ts').A;" } },
  ],
  allowed: [
    {
      'apps/server/src/a.ts':
        "import { b } from './b.ts';\nimport { c } from './c.ts';\nexport const a = [b, c];",
      'apps/server/src/b.ts': "import { c } from './c.ts';\nexport const b = c;",
      'apps/server/src/c.ts': 'export const c = 1;',
    },
  ],
});
