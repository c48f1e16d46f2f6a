import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { lastLines, runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { hashFiles, listFiles, readStamp, writeStamp } from './stamp.mjs';

function isNoInput(name) {
  return name === 'node_modules' || name === 'dist' || /\.(test|malformed|property)\.[cm]?tsx?$/.test(name);
}

function listSources(place, folders) {
  return folders.flatMap((name) => {
    const path = join(place.root, name);
    return name.endsWith('.mjs') ? [path] : listFiles(path, isNoInput);
  });
}

const shared = ['packages/kernel', 'packages/api'];

const bundling = ['tools/build/bundle-programs.mjs', 'tools/setup/place.mjs'];

function bundledPrograms(set, { title, inputs, result }) {
  return {
    title,
    inputs,
    result,
    proof: (place) => join(result(place), 'programs.json'),
    command: (place, target) => ({
      cwd: place.root,
      args: [join(place.root, 'tools', 'build', 'bundle-programs.mjs'), place.root, target, set],
    }),
  };
}

/**
 * What set-up builds: the console, because browsers run no TypeScript, the agent as one file, because it goes to other computers,
 * and the programs of server and command line, because finding, reading and stripping a thousand files at every start costs a
 * second and memory for good. For tests it bundles those that only they start, a few hundred times.
 */
export const releases = {
  console: {
    title: 'Building the console',
    inputs: ['apps/console', ...shared],
    result: (place) => place.consoleRelease,
    proof: (place) => join(place.consoleRelease, 'index.html'),
    command: (place, target) => ({
      cwd: join(place.root, 'apps', 'console'),
      args: [
        join(place.modules, 'vite', 'bin', 'vite.js'),
        'build',
        '--logLevel',
        'warn',
        '--outDir',
        target,
        '--emptyOutDir',
      ],
    }),
  },
  agent: {
    title: 'Building the agent',
    inputs: ['apps/agent', 'packages', 'tools/build/bundle.mjs', 'tools/build/ascii.mjs'],
    result: (place) => dirname(place.agentRelease),
    proof: (place) => place.agentRelease,
    command: (place, target) => ({
      cwd: place.root,
      args: [
        join(place.root, 'tools', 'build', 'bundle.mjs'),
        'apps/agent/src/main.ts',
        join(target, 'agent.mjs'),
      ],
    }),
  },
  programs: bundledPrograms('product', {
    title: 'Bundling the programs',
    inputs: ['apps/cli', 'apps/server', 'packages', ...bundling],
    result: (place) => place.programs,
  }),
  'test-programs': bundledPrograms('tests', {
    title: 'Bundling the programs that tests start',
    inputs: ['apps/agent', 'apps/cli', 'apps/server', 'packages', ...bundling],
    result: (place) => place.testPrograms,
  }),
};

function releaseHash(place, release) {
  const files = [...listSources(place, release.inputs), join(place.root, 'package-lock.json')];
  return hashFiles(place.root, files, release.title);
}

function stampOf(place, name) {
  return join(place.stamps, name);
}

export function isReleaseReady(place, name) {
  const release = releases[name];
  return existsSync(release.proof(place)) && readStamp(stampOf(place, name)) === releaseHash(place, release);
}

/** Builds beside the old result and swaps: a running server never sees half a console. */
export async function buildRelease(place, name) {
  const release = releases[name];
  const hash = releaseHash(place, release);
  const result = release.result(place);
  const target = join(place.runtime, `incoming-${basename(result)}-${name}-${process.pid}`);
  const outgoing = `${target}-old`;
  mkdirSync(target, { recursive: true });
  try {
    const { cwd, args } = release.command(place, target);
    const env = { ...process.env, NODE_ENV: 'production' };
    const built = await runCommand(place.node, args, { cwd, env });
    if (built.code !== 0) {
      throw new SetupFault(`${release.title} failed.`, { details: lastLines(built.output, 60) });
    }
    mkdirSync(dirname(result), { recursive: true });
    if (existsSync(result)) renameSync(result, outgoing);
    renameSync(target, result);
    writeStamp(stampOf(place, name), hash);
  } finally {
    rmSync(target, { recursive: true, force: true });
    rmSync(outgoing, { recursive: true, force: true });
  }
}
