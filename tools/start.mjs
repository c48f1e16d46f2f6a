// npm start: sets up, then runs server, database, console and an agent for this computer until Ctrl-C.
import { join } from 'node:path';

import { printFault } from './setup/fault.mjs';
import { runInForeground } from './setup/foreground.mjs';
import { prepare } from './setup/prepare.mjs';

try {
  const place = await prepare({ wanted: ['console', 'agent'] });
  const main = join(place.root, 'apps', 'cli', 'src', 'main.ts');
  const { code, wasAsked } = await runInForeground(place.node, [main, 'up', ...process.argv.slice(2)]);
  // Ending because somebody asked for it is success: npm prints an error for anything but 0.
  process.exitCode = wasAsked && code > 128 ? 0 : code;
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
