// Bundles the programs that tests start, with what they share in common files. Usage: bundle-programs.mjs <root> <target folder>
import { readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

import { rolldown } from 'rolldown';

const [root, target] = process.argv.slice(2);
if (root === undefined || target === undefined)
  throw new Error('usage: bundle-programs.mjs <root> <target folder>');

/** Named so because a process begins with it. */
const PROGRAM = /(^|[/.])(main|test-process)\.ts$|^apps\/agent\/src\/testing\/counting-agent\.ts$/;

function listPrograms() {
  return ['apps/agent', 'apps/cli', 'apps/server', 'packages/testkit'].flatMap((folder) =>
    readdirSync(join(root, folder, 'src'), { recursive: true })
      .map((name) => [folder, 'src', ...name.split(sep)].join('/'))
      .filter((path) => PROGRAM.test(path)),
  );
}

const bundle = await rolldown({
  input: listPrograms().map((path) => join(root, path)),
  platform: 'node',
  logLevel: 'warn',
  plugins: [
    {
      name: 'place-of-the-source',
      // A program looks for its files from where its source lies.
      transform: (code, id) =>
        code.includes('import.meta.url')
          ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href))
          : undefined,
    },
  ],
});
const { output } = await bundle.write({
  dir: target,
  format: 'esm',
  entryFileNames: '[name]-[hash].mjs',
  comments: false,
});
await bundle.close();
const programs = output
  .filter(({ isEntry }) => isEntry)
  .map(({ facadeModuleId, fileName }) => [relative(root, facadeModuleId).split(sep).join('/'), fileName]);
writeFileSync(join(target, 'programs.json'), JSON.stringify(Object.fromEntries(programs), undefined, 2));
