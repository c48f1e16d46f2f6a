// Makes this clone ready to run and to test. Everything else calls it by itself.
import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';
import { formatDuration } from './setup/step.mjs';

await runProgram(async () => {
  const startedAt = performance.now();
  await prepare({ wanted: ['console', 'agent'] });
  process.stderr.write(`Set up (${formatDuration(performance.now() - startedAt)}).\n`);
});
