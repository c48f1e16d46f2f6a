// npm run simulate -- --server https://localhost:8443 --token-file FILE [options]: a simulated fleet, see docs/simulate.md.
import { join } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare({ packages: 'run' });
  const main = join(place.root, 'packages', 'testkit', 'src', 'fleet', 'simulate.main.ts');
  // The folder in which the command was typed, so that names of files mean what they say.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  const args = [main, ...process.argv.slice(2)];
  return (await becomeProgram('The simulated fleet', place.node, args, { cwd })).code;
});
