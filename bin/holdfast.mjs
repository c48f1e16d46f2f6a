#!/usr/bin/env node
// Runs the command line of this clone under the pinned runtime, whichever Node is installed on the computer.
import { basename, join, relative } from 'node:path';

import { prepare } from '../tools/setup/prepare.mjs';
import { becomeProgram, runProgram } from '../tools/setup/program.mjs';

const RELEASES = { up: ['console', 'agent'], server: ['console', 'agent'], agent: ['agent'] };

await runProgram(async () => {
  const args = process.argv.slice(2);
  // So that a program that says what to run next can say it in the words of the person.
  const called = process.argv[1] ?? 'bin/holdfast.mjs';
  process.env.HOLDFAST_CALLED_AS =
    basename(called) === 'holdfast' ? 'holdfast' : `node ${relative('', called) || called}`;
  const wanted = ['programs', ...(RELEASES[args[0]] ?? [])];
  const place = await prepare({ wanted, packages: 'run' });
  const main = join(place.programs, 'cli.mjs');
  const { code } = await becomeProgram('holdfast', place.node, ['--disable-sigusr1', main, ...args]);
  return code;
});
