// Bundles one program into one file. Usage: bundle.mjs <entry> <output file> [--minify]
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { rolldown } from 'rolldown';

import { toAscii } from './ascii.mjs';

const [entry, file, option] = process.argv.slice(2);
if (entry === undefined || file === undefined)
  throw new Error('usage: bundle.mjs <entry> <output file> [--minify]');

const bundle = await rolldown({ input: entry, platform: 'node', treeshake: true, logLevel: 'warn' });
const { output } = await bundle.generate({
  format: 'esm',
  codeSplitting: false,
  ...(option === '--minify' ? { minify: true } : {}),
  comments: { legal: true, annotation: false, jsdoc: false },
});
await bundle.close();
mkdirSync(dirname(file), { recursive: true });
writeFileSync(file, toAscii(output[0].code));
