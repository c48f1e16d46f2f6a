// npm run simulate -- --server https://localhost:8443 --token-file FILE [options]: a simulated fleet, see docs/simulate.md.
import { join } from 'node:path';

import { printFault } from './setup/fault.mjs';
import { runInForeground } from './setup/foreground.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  const place = await prepare();
  const main = join(place.root, 'packages', 'testkit', 'src', 'fleet', 'simulate.main.ts');
  // The folder in which the command was typed, so that names of files mean what they say.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const { code } = await runInForeground(place.node, [main, ...process.argv.slice(2)], { cwd });
  process.exitCode = code;
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
