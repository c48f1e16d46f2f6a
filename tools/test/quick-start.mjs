// Preloaded into every process of a run: one that begins with a program that was bundled for it begins with the bundle. The runtime
// needs a second to find, read and link the thousand files of the server, and a tenth of that for a few.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folders = ['.runtime/programs/', '.cache/programs/'].map(
  (path) => new URL(`../../${path}`, import.meta.url),
);

function findBundle(main) {
  const path = relative(root, main).split(sep).join('/');
  for (const folder of folders) {
    const programs = JSON.parse(readFileSync(new URL('programs.json', folder), 'utf8'));
    if (Object.hasOwn(programs, path)) return new URL(programs[path], folder).href;
  }
  return undefined;
}

const [, main = ''] = process.argv;
const bundle = main.endsWith('.ts') ? findBundle(main) : undefined;
if (bundle !== undefined) {
  const source = `import ${JSON.stringify(bundle)};`;
  const address = pathToFileURL(main).href;
  registerHooks({
    load: (url, context, next) =>
      url === address ? { format: 'module', source, shortCircuit: true } : next(url, context),
  });
}
