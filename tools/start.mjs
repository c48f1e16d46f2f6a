// npm start: sets up, then runs server, database, console and an agent for this computer until Ctrl-C.
import { join } from 'node:path';

import { prepare } from './setup/prepare.mjs';
import { becomeProgram, runProgram } from './setup/program.mjs';

await runProgram(async () => {
  const place = await prepare({ wanted: ['console', 'agent'] });
  const main = join(place.root, 'apps', 'cli', 'src', 'main.ts');
  const args = ['--disable-sigusr1', main, 'up', ...process.argv.slice(2)];
  const { code, wasAsked } = await becomeProgram('Holdfast', place.node, args);
  // Ending because somebody asked for it is success: npm prints an error for anything but 0.
  return wasAsked && code > 128 ? 0 : code;
});
