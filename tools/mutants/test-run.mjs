import { SetupFault } from '../setup/fault.mjs';
import { readDurations } from '../test/durations.mjs';
import { runFiles } from '../test/run.mjs';
import { describeTestFiles, listTestFiles, neededReleases, selectTestFiles } from '../test/selection.mjs';

const silent = { write: () => {} };

/** Runs tests of the clone in its copy, as far as the first file that fails unless told, and gives what each file came to. */
export function createTestRun(place, copy, { isEnoughToFail = true } = {}) {
  const all = listTestFiles(place.root);
  const durations = readDurations(place);
  return async ({ tests, limitSeconds = Infinity }) => {
    const paths = selectTestFiles(place.root, all, tests, place.root);
    if (paths.length === 0) throw new SetupFault(`No test file matches: ${tests.join(', ')}`);
    for (const name of neededReleases(paths)) await copy.build(name);
    const files = describeTestFiles(copy.place.root, paths).map((file) => ({
      ...file,
      limitSeconds: Math.min(file.limitSeconds, limitSeconds),
    }));
    const { outcomes } = await runFiles(copy.place, files, {
      out: silent,
      durations,
      isEnoughToFail,
      temporary: copy.temporary,
    });
    return outcomes;
  };
}
