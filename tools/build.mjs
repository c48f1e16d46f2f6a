// npm run build: builds the console, the agent and the programs of server and command line, where a source has changed.
import { relative } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare({ wanted: ['console', 'agent', 'programs'], packages: 'run' });
  for (const path of [place.consoleRelease, place.agentRelease, place.programs]) {
    process.stdout.write(`${relative(process.cwd(), path) || '.'}\n`);
  }
});
