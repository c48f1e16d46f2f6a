// npm run dev [-- options]: the console with live reload, on a server with a fleet of simulated products; see docs/contributing.md.
import { join } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare();
  const args = [join(place.root, 'dev', 'main.ts'), ...process.argv.slice(2)];
  const cwd = process.env.INIT_CWD ?? process.cwd();
  // What is compiled once, also by tests, starts in half the time.
  const env = { ...process.env, NODE_COMPILE_CACHE: join(place.root, '.cache', 'compiled') };
  return (await becomeProgram('The development server', place.node, args, { cwd, env, saysItself: false }))
    .code;
});
