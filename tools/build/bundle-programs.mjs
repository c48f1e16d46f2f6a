// Bundles programs with what they share in common files, and lists them. Usage: bundle-programs.mjs <root> <target folder> <set>
import { readdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';

import { rolldown } from 'rolldown';

import { createPlace } from '../setup/place.mjs';

const [root, target, set] = process.argv.slice(2);
if (set === undefined) throw new Error('usage: bundle-programs.mjs <root> <target folder> product|tests');
const place = createPlace(root);

/** A program is known by its name: a process, or a thread, begins with it. */
const PRODUCT = /^(apps\/(cli|server)|packages\/components)\/.*([/.]main)\.ts$/;
const TESTS = /(^|[/.])(main|test-process)\.ts$|^apps\/agent\/src\/testing\/counting-agent\.ts$/;

/** Which of them, and where they lie in the end. */
const { isWanted, folder } = {
  product: { isWanted: (path) => isProduct(path), folder: place.programs },
  tests: { isWanted: (path) => TESTS.test(path) && !isProduct(path), folder: place.testPrograms },
}[set];

function isProduct(path) {
  return PRODUCT.test(path) && !basename(path).startsWith('test-');
}

/** `apps/server/src/main.ts` is `server`, every other one has the first word of its file. */
function nameOf(path) {
  const [, app] = /^apps\/([a-z]+)\/src\/main\.ts$/.exec(path) ?? [];
  return app ?? basename(path).replace(/\.[a-z.-]+$/, '');
}

const wanted = ['apps/agent', 'apps/cli', 'apps/server', 'packages/components', 'packages/testkit']
  .flatMap((part) =>
    readdirSync(join(root, part, 'src'), { recursive: true }).map((name) =>
      [part, 'src', ...name.split(sep)].join('/'),
    ),
  )
  .filter(isWanted);
const names = new Map();
for (const path of wanted) {
  const isTaken = [...names.values()].includes(nameOf(path));
  names.set(join(root, path), isTaken ? `${nameOf(path)}-${names.size}` : nameOf(path));
}

/** From where a bundle lies to where its source does: a program looks for its files from there, and the clone may move. */
function findFromBundle(path) {
  return `new URL(${JSON.stringify(relative(folder, path).split(sep).join('/'))}, import.meta.url)`;
}

const bundle = await rolldown({
  input: Object.fromEntries([...names].map(([path, name]) => [name, path])),
  platform: 'node',
  logLevel: 'warn',
  // Only definitions: what a program does not use of them, it does without.
  treeshake: { moduleSideEffects: [{ test: /\/packages\/(api|kernel|protocol)\//, sideEffects: false }] },
  plugins: [
    {
      name: 'places',
      transform: (code, id) =>
        code.includes('import.meta.url')
          ? code
              .replace(/new URL\('(\.[^']+)', import\.meta\.url\)/g, (written, path) => {
                const name = names.get(resolve(dirname(id), path));
                return name === undefined ? written : `new URL('./${name}.mjs', import.meta.bundle)`;
              })
              .replaceAll('import.meta.url', `${findFromBundle(id)}.href`)
              .replaceAll('import.meta.bundle', 'import.meta.url')
          : undefined,
    },
  ],
});
await bundle.write({
  dir: target,
  format: 'esm',
  entryFileNames: '[name].mjs',
  chunkFileNames: 'shared-[hash].mjs',
  comments: false,
});
await bundle.close();
const programs = [...names].map(([path, name]) => [relative(root, path).split(sep).join('/'), `${name}.mjs`]);
writeFileSync(join(target, 'programs.json'), JSON.stringify(Object.fromEntries(programs), undefined, 2));
