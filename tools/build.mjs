// npm run build: builds what browsers and devices run, the console and the agent, where a source has changed.
import { relative } from 'node:path';

import { printFault } from './setup/fault.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  const place = await prepare({ wanted: ['console', 'agent'] });
  for (const path of [place.consoleRelease, place.agentRelease]) {
    process.stdout.write(`${relative(process.cwd(), path) || '.'}\n`);
  }
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
