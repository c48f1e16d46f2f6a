// Makes this clone ready to run and to test. Everything else calls it by itself.
import { printFault } from './setup/fault.mjs';
import { prepare } from './setup/prepare.mjs';
import { formatDuration } from './setup/step.mjs';

const startedAt = performance.now();
try {
  await prepare({ wanted: ['console', 'agent'] });
  process.stderr.write(`Set up (${formatDuration(performance.now() - startedAt)}).\n`);
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
