// npm run bench [-- NAME [arguments]]: runs one benchmark of bench/, or lists them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { SetupFault } from './setup/fault.mjs';
import { here } from './setup/place.mjs';
import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';

const ENDING = '.bench.ts';

await runProgram(async () => {
  const folder = join(here.root, 'bench');
  const names = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []))
    : [];
  const [name, ...args] = process.argv.slice(2);
  const list = `Benchmarks: ${names.sort().join(', ')}`;
  if (name === undefined) {
    process.stdout.write(`Usage: npm run bench -- NAME\n\n${list}\n`);
    return 0;
  }
  if (!names.includes(name))
    throw new SetupFault(`There is no benchmark called "${name}".`, { remedy: list });
  const place = await prepare({ wanted: ['console', 'agent', 'programs'] });
  const file = join(folder, `${name}${ENDING}`);
  const options = { saysItself: false };
  return (await becomeProgram(`The benchmark ${name}`, place.node, [file, ...args], options)).code;
});
