// npm run setup: makes this clone ready to run and to test; with "run", as npm start does, to run only. Everything else calls it by itself.
import { SetupFault } from './setup/fault.mjs';
import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';
import { formatDuration } from './setup/step.mjs';

const RUN_MS = 1_000;

await runProgram(async () => {
  const [extent = 'all', ...more] = process.argv.slice(2);
  if (!['all', 'run'].includes(extent) || more.length > 0)
    throw new SetupFault(`There is nothing to set up called "${[extent, ...more].join(' ')}".`, {
      remedy: 'Run npm run setup, or npm start.',
    });
  const startedAt = performance.now();
  await prepare({ wanted: ['console', 'agent', 'programs'], packages: extent });
  const took = performance.now() - startedAt;
  // Whoever starts Holdfast for the hundredth time does not care.
  if (extent === 'all' || took > RUN_MS) process.stderr.write(`Set up (${formatDuration(took)}).\n`);
});
