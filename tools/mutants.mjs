// npm run mutants -- [--check] [--json] [--all-tests] [part of a path ...]: plants faults one by one in a copy of the clone, runs the tests
// that should notice each, and says which of them are not noticed.
import { parseArgs } from 'node:util';

import { createCopy } from './mutants/copy.mjs';
import { readFaultLists, selectFaults } from './mutants/fault-list.mjs';
import { findObstacle } from './mutants/planting.mjs';
import { createTestRun } from './mutants/test-run.mjs';
import { describeVerdict, exitCodeOf, judgeFaults, summarize } from './mutants/verdict.mjs';
import { printFault, SetupFault } from './setup/fault.mjs';
import { onNpmGone } from './setup/parent.mjs';
import { here } from './setup/place.mjs';
import { prepare } from './setup/prepare.mjs';
import { runProgram } from './setup/program.mjs';
import { stopAllFiles } from './test/test-process.mjs';

async function run() {
  const { values, positionals } = parseArgs({
    options: {
      check: { type: 'boolean' },
      json: { type: 'boolean' },
      'all-tests': { type: 'boolean' },
    },
    allowPositionals: true,
  });
  const out = values.json === true ? process.stderr : process.stdout;
  const faults = selectFaults(readFaultLists(here.root), positionals);
  if (values.check !== true && positionals.length === 0) {
    throw new SetupFault('Which faults? All of them would take hours.', {
      remedy: 'Name a part of the path of a file or of a list: npm run mutants -- commands',
    });
  }
  await prepare();
  let verdicts;
  if (values.check === true) {
    verdicts = [];
    for (const fault of faults) verdicts.push({ fault, ...(await findObstacle(here.root, fault)) });
    verdicts = verdicts.filter(({ state }) => state !== undefined);
    for (const verdict of verdicts) out.write(describeVerdict(verdict));
    if (verdicts.length === 0) out.write(`Each of ${faults.length} faults can be planted.\n`);
  } else {
    const copy = await createCopy(here);
    process.on('exit', () => copy.remove());
    const onVerdict = (verdict) => out.write(describeVerdict(verdict));
    verdicts = await judgeFaults(faults, {
      copy,
      runTests: createTestRun(here, copy, { isEnoughToFail: values['all-tests'] !== true }),
      onVerdict,
    });
    out.write(`\n${summarize(verdicts)}\n`);
  }
  if (values.json === true) {
    const faultsOf = verdicts.map(({ fault, ...verdict }) => ({ ...fault, ...verdict }));
    process.stdout.write(`${JSON.stringify({ faults: faultsOf }, undefined, 2)}\n`);
  }
  return exitCodeOf(verdicts);
}

function stop(code) {
  stopAllFiles();
  process.exit(code);
}
process.on('SIGINT', () => stop(130));
process.on('SIGTERM', () => stop(143));
onNpmGone(() => stop(143));

await runProgram(async () => {
  try {
    return await run();
  } catch (error) {
    printFault(error);
    return 2;
  }
});
