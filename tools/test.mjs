// npm test [-- [--changed [--since <commit>]] [--name <pattern>] [--jobs <n>] [part of a path ...]]: sets up, then runs
// the tests.
import { parseArgs } from 'node:util';

import { SetupFault } from './setup/fault.mjs';
import { onNpmGone } from './setup/parent.mjs';
import { here } from './setup/place.mjs';
import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';
import { isReleaseReady } from './setup/releases.mjs';
import { listChanges, selectChanged } from './test/changes.mjs';
import { readDurations, writeDurations } from './test/durations.mjs';
import { isGood } from './test/outcome.mjs';
import { readReferences } from './test/references.mjs';
import { runFiles } from './test/run.mjs';
import { describeTestFiles, listTestFiles, neededReleases, selectTestFiles } from './test/selection.mjs';
import { describeMissing } from './test/system.mjs';
import { stopAllFiles } from './test/test-process.mjs';

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

/** Those of the files that a change touches, and tells how many. */
async function keepTouched(files, since) {
  const changes = await listChanges(here.root, since);
  const touched = selectChanged(changes, files, readReferences(here.root));
  process.stdout.write(
    `Changed files: ${changes.length}. Test files that they touch: ${touched.length} of ${files.length}.\n`,
  );
  return touched;
}

await runProgram(async () => {
  const { values, positionals } = parseArgs({
    options: {
      changed: { type: 'boolean' },
      since: { type: 'string' },
      name: { type: 'string' },
      jobs: { type: 'string' },
    },
    allowPositionals: true,
  });
  const everything = listTestFiles(here.root);
  const named = selectTestFiles(here.root, everything, positionals, process.env.INIT_CWD);
  if (named.length === 0) {
    throw new SetupFault(`No test file matches: ${positionals.join(' ') || '(all)'}`, {
      remedy: 'Give a part of a path, for example: npm test -- packages/kernel',
    });
  }
  if (values.jobs !== undefined && !/^[1-9]\d?$/.test(values.jobs)) {
    throw new SetupFault(`--jobs ${values.jobs}: how many files run side by side, from 1 to 99.`);
  }
  const isChanged = values.changed === true || values.since !== undefined;
  const files = isChanged ? await keepTouched(named, values.since) : named;
  await prepare();
  const broken = [];
  const needed = neededReleases(files);
  for (const name of needed) {
    // What cannot be built is one failure among the others: most tests do not need it.
    await prepare({ wanted: [name] }).catch((error) => broken.push(failedBuild(name, error)));
  }
  const missing = describeMissing();
  if (missing.length > 0)
    process.stdout.write(`\nThis computer cannot run every test:\n${missing.join('\n')}\n\n`);
  const { total, outcomes } = await runFiles(here, describeTestFiles(here.root, files), {
    namePattern: values.name,
    broken,
    jobs: values.jobs === undefined ? undefined : Number(values.jobs),
    durations: readDurations(here),
    isBundled: ['programs', 'test-programs'].every(
      (name) => needed.includes(name) && isReleaseReady(here, name),
    ),
  });
  if (values.name === undefined) writeDurations(here, outcomes, new Set(everything));
  return isGood(total) || files.length === 0 ? 0 : 1;
});
