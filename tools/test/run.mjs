import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';

import { runtimeEnvironment } from '../setup/tool.mjs';
import { sortLongestFirst } from './durations.mjs';
import { Lane } from './lane.mjs';
import { takeNext } from './queue.mjs';
import { describeOutcome, printSummary } from './summary.mjs';
import { testEnvironment } from './test-process.mjs';

/** Most tests wait more than they work, so there are more lanes than processors. */
const LANES_PER_PROCESSOR = 2;
const END_LIMIT_SECONDS = 60;

/** A folder for what tests write. Its name is short, because the paths of sockets are. */
export function makeTemporaryFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'hf-'));
  // Tests that act as another user need to write here as well.
  chmodSync(folder, 0o1777);
  return folder;
}

/**
 * Runs the files, the longest first, several side by side, and prints everything that a reader needs.
 *
 * With `isEnoughToFail`, what has not begun when a file fails is left out. A folder for temporary files that is given is not removed:
 * runs that follow each other at once in the same one share the database of their tests.
 */
export async function runFiles(
  place,
  files,
  {
    namePattern,
    jobs,
    durations = new Map(),
    isBundled = false,
    broken = [],
    isEnoughToFail = false,
    temporary,
    out = process.stdout,
  } = {},
) {
  const folder = temporary ?? makeTemporaryFolder();
  const env = runtimeEnvironment(place, testEnvironment(place, folder, { isBundled }));
  const outcomes = [...broken];
  const queue = sortLongestFirst(files, durations);
  const processors = availableParallelism();
  const width = jobs ?? LANES_PER_PROCESSOR * Math.min(4, processors);
  const startedAt = performance.now();
  let systemCount = 0;

  const next = () =>
    isEnoughToFail && outcomes.some(({ failed }) => failed > 0)
      ? undefined
      : takeNext(queue, systemCount, width);
  const work = async () => {
    const lane = new Lane(place, { env, namePattern });
    for (let file = next(); file !== undefined; file = next()) {
      if (file.isSystem) systemCount += 1;
      const outcome = await lane.run(file);
      if (file.isSystem) systemCount -= 1;
      outcomes.push(outcome);
      out.write(`${describeOutcome(outcome)}\n`);
    }
    const end = await lane.end(END_LIMIT_SECONDS);
    if (end !== undefined) outcomes.push(end);
  };
  try {
    await Promise.all(Array.from({ length: width }, work));
  } finally {
    if (temporary === undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
  const machine = { elapsedMs: performance.now() - startedAt, processors };
  return { outcomes, total: printSummary(outcomes, machine, out) };
}
