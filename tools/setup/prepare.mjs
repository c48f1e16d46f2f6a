import { accessSync, existsSync, constants as fileConstants, mkdirSync, rmSync } from 'node:fs';
import { constants } from 'node:os';

import { stopCommands } from './command.mjs';
import { areDependenciesReady, installDependencies } from './dependencies.mjs';
import { explainSystemError, notWritable } from './fault.mjs';
import { areLinksReady, makeLinks } from './links.mjs';
import { withLock } from './lock.mjs';
import { here } from './place.mjs';
import { buildRelease, isReleaseReady, releases } from './releases.mjs';
import { bringRuntime, chooseRuntime, isRuntimeReady } from './runtime.mjs';
import { createProgress } from './step.mjs';

function assertWritable(path) {
  if (!existsSync(path)) return;
  try {
    accessSync(path, fileConstants.W_OK);
  } catch {
    throw notWritable(path);
  }
}

/** The steps in their order: each says whether it is done already, and does it. */
function planSteps(place, choice, { wanted, packages }) {
  const steps = [
    {
      title:
        choice.kind === 'package'
          ? `Fetching the Node.js ${choice.version} runtime`
          : `Taking Node.js ${choice.version} of this computer`,
      isDone: () => isRuntimeReady(place, choice),
      run: () => bringRuntime(place, choice),
    },
    {
      title: 'Installing the packages of package-lock.json',
      isDone: () => areDependenciesReady(place, choice.stamp, packages),
      run: () => installDependencies(place, choice.stamp, packages),
    },
    {
      title: 'Linking the libraries of PostgreSQL',
      isDone: () => areLinksReady(place),
      run: async () => makeLinks(place),
    },
  ];
  for (const name of wanted) {
    steps.push({
      title: releases[name].title,
      isDone: () => isReleaseReady(place, name),
      run: () => buildRelease(place, name),
    });
  }
  return steps;
}

/** While set-up works, Ctrl-C ends what it started and leaves no lock; what is half done is done again later. */
async function interruptible(place, work) {
  const stop = (signal) => {
    stopCommands();
    rmSync(place.lock, { force: true });
    process.stderr.write('interrupted\n');
    process.exit(128 + constants.signals[signal]);
  };
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const name of names) process.on(name, stop);
  try {
    await work();
  } finally {
    for (const name of names) process.off(name, stop);
  }
}

/**
 * Makes the clone ready: runtime, packages, links and the wanted releases (of releases.mjs). What is
 * there already is left alone, so that a second call takes a moment. Two calls at once wait for each other.
 *
 * @param packages `all`, or `run` for those that building and running need, without linters, compilers and drivers of browsers
 */
export async function prepare({
  place = here,
  wanted = [],
  packages = 'all',
  progress = createProgress(),
} = {}) {
  const steps = planSteps(place, chooseRuntime(), { wanted, packages });
  if (steps.every((step) => step.isDone())) return place;
  try {
    mkdirSync(place.runtime, { recursive: true });
    assertWritable(place.runtime);
    assertWritable(place.modules);
    if (!existsSync(place.modules)) assertWritable(place.root);
    const onWait = (pid) =>
      progress.note(`Another set-up of this clone is at work (process ${pid}); waiting for it.`);
    const work = async () => {
      for (const step of steps) {
        // Asked again under the lock: the set-up we waited for may have done it.
        if (!step.isDone()) await progress.step(step.title, step.run);
      }
    };
    await withLock(place.lock, () => interruptible(place, work), { onWait });
  } catch (error) {
    throw explainSystemError(error, 'Set-up');
  }
  return place;
}
