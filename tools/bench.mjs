// npm run bench [-- NAME [arguments]]: runs one benchmark of bench/, or lists them.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { printFault, SetupFault } from './setup/fault.mjs';
import { runInForeground } from './setup/foreground.mjs';
import { here } from './setup/place.mjs';
import { prepare } from './setup/prepare.mjs';

const ENDING = '.bench.ts';

try {
  const folder = join(here.root, 'bench');
  const names = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (name.endsWith(ENDING) ? [name.slice(0, -ENDING.length)] : []))
    : [];
  const [name, ...args] = process.argv.slice(2);
  const list = `Benchmarks: ${names.sort().join(', ')}`;
  if (name === undefined) {
    process.stdout.write(`Usage: npm run bench -- NAME\n\n${list}\n`);
  } else if (names.includes(name)) {
    const place = await prepare({ wanted: ['console', 'agent'] });
    const { code } = await runInForeground(place.node, [join(folder, `${name}${ENDING}`), ...args]);
    process.exitCode = code;
  } else {
    throw new SetupFault(`There is no benchmark called "${name}".`, { remedy: list });
  }
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
