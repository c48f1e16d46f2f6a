// npm run build: builds what browsers and devices run, the console and the agent, where a source has changed.
import { relative } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare({ wanted: ['console', 'agent'] });
  for (const path of [place.consoleRelease, place.agentRelease]) {
    process.stdout.write(`${relative(process.cwd(), path) || '.'}\n`);
  }
});
