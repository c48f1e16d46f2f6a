// npm test [-- [--name <pattern>] [--jobs <n>] [part of a path ...]]: sets up, then runs the tests.
import { parseArgs } from 'node:util';

import { printFault, SetupFault } from './setup/fault.mjs';
import { onNpmGone } from './setup/parent.mjs';
import { here } from './setup/place.mjs';
import { prepare } from './setup/prepare.mjs';
import { stopAllFiles } from './test/file-run.mjs';
import { isGood } from './test/outcome.mjs';
import { runGroups } from './test/run.mjs';
import { groupTestFiles, listTestFiles, neededReleases, selectTestFiles } from './test/selection.mjs';
import { describeMissing } from './test/system.mjs';

function failedBuild(name, error) {
  const reason =
    error instanceof SetupFault ? `${error.message}\n${error.details ?? ''}` : String(error?.stack ?? error);
  const failures = [{ path: ['the build'], error: reason }];
  return { file: `the ${name}`, passed: 0, failed: 1, skipped: 0, failures, skips: [], output: '' };
}

function stop(code) {
  stopAllFiles();
  process.exit(code);
}
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
onNpmGone(() => stop(143));

try {
  const { values, positionals } = parseArgs({
    options: { name: { type: 'string' }, jobs: { type: 'string' } },
    allowPositionals: true,
  });
  const files = selectTestFiles(here.root, listTestFiles(here.root), positionals, process.env.INIT_CWD);
  if (files.length === 0) {
    throw new SetupFault(`No test file matches: ${positionals.join(' ') || '(all)'}`, {
      remedy: 'Give a part of a path, for example: npm test -- packages/kernel',
    });
  }
  await prepare();
  const broken = [];
  for (const name of neededReleases(files)) {
    // What cannot be built is one failure among the others: most tests do not need it.
    await prepare({ wanted: [name] }).catch((error) => broken.push(failedBuild(name, error)));
  }
  const missing = describeMissing();
  if (missing.length > 0)
    process.stdout.write(`\nThis computer cannot run every test:\n${missing.join('\n')}\n\n`);
  const total = await runGroups(here, groupTestFiles(files), {
    namePattern: values.name,
    broken,
    jobs: values.jobs === undefined ? undefined : Math.max(1, Number(values.jobs)),
  });
  process.exitCode = isGood(total) ? 0 : 1;
} catch (error) {
  printFault(error);
  process.exitCode = 1;
}
