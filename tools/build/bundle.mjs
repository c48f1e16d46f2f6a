// Bundles one program into one file. Usage: bundle.mjs <entry> <output file> [--minify]
import { rolldown } from 'rolldown';

const [entry, file, option] = process.argv.slice(2);
if (entry === undefined || file === undefined)
  throw new Error('usage: bundle.mjs <entry> <output file> [--minify]');

const bundle = await rolldown({ input: entry, platform: 'node', treeshake: true, logLevel: 'warn' });
await bundle.write({
  file,
  format: 'esm',
  codeSplitting: false,
  minify: option === '--minify',
  comments: { legal: true },
});
await bundle.close();
