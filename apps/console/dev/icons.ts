import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { guardProgram } from '@holdfast/kernel';

// Writes src/shared/icons/icons.ts: the icons that the console uses, out of a package of six thousand in eighteen thousand files
// that nobody has to install who only runs Holdfast. Usage: node dev/icons.ts [--check]

guardProgram(process);
const source = fileURLToPath(new URL('../src', import.meta.url));
const target = join(source, 'shared', 'icons', 'icons.ts');
const packageFolder = dirname(createRequire(import.meta.url).resolve('@tabler/icons-react/package.json'));

async function findUsed(): Promise<string[]> {
  const names = new Set<string>();
  for (const name of await readdir(source, { recursive: true })) {
    if (!/\.tsx?$/u.test(name)) continue;
    const text = await readFile(join(source, name), 'utf8');
    for (const [, list = ''] of text.matchAll(/import \{([^}]*)\} from '[^']*\/icons\/icons\.ts';/gu))
      for (const icon of list.split(',')) if (icon.trim() !== '') names.add(icon.trim());
  }
  return [...names].sort();
}

async function readPaths(name: string): Promise<string[]> {
  const file = join(packageFolder, 'dist', 'esm', 'icons', `${name}.mjs`);
  const { __iconNode: nodes } = (await import(pathToFileURL(file).href)) as {
    __iconNode: readonly (readonly [string, { readonly d?: string }])[];
  };
  return nodes.map(([tag, { d }]) => {
    if (tag !== 'path' || d === undefined) throw new Error(`${name} has a ${tag}; only paths are known.`);
    return d;
  });
}

const { version } = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8')) as {
  version: string;
};
const icons = await Promise.all(
  (await findUsed()).map(async (name) => ({ name, paths: await readPaths(name) })),
);
const text = [
  `// Made by dev/icons.ts from Tabler Icons ${version}, https://tabler.io/icons, © Paweł Kuna, MIT licence.`,
  "import { createIcon } from './icon.tsx';",
  '',
  ...icons.map(
    ({ name, paths }) => `export const ${name} = /* @__PURE__ */ createIcon('${paths.join('|')}');`,
  ),
  '',
].join('\n');
const before = await readFile(target, 'utf8').catch(() => '');
if (process.argv.includes('--check')) {
  if (before !== text) {
    process.stderr.write(
      'The icons are not those that the console uses: run node apps/console/dev/icons.ts\n',
    );
    process.exitCode = 1;
  }
} else await writeFile(target, text);
