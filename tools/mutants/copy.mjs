import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { runCommand } from '../setup/command.mjs';
import { SetupFault } from '../setup/fault.mjs';
import { createPlace } from '../setup/place.mjs';
import { makeTemporaryFolder } from '../test/run.mjs';
import { buildRelease, isReleaseReady } from '../setup/releases.mjs';

/** Our own packages, as npm links them. */
const OWN_SCOPE = '@holdfast';

/**
 * A copy of the clone, as it is with all that is not committed, to plant faults in: however this process ends, none of them is
 * in the clone. Packages and runtime are those of the clone. Copies that an earlier process left behind are removed.
 */
export async function createCopy(place) {
  const folder = join(place.root, '.cache', 'mutants');
  removeAbandoned(folder);
  mkdirSync(folder, { recursive: true });
  const root = mkdtempSync(join(folder, `${process.pid}-`));
  for (const path of await listSources(place.root)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    cpSync(join(place.root, path), join(root, path), { verbatimSymlinks: true });
  }
  const copy = createPlace(root);
  linkModules(place, copy);
  linkRuntime(place, copy);
  for (const built of [place.consoleRelease, dirname(place.agentRelease)]) {
    if (existsSync(built)) cpSync(built, built.replace(place.root, root), { recursive: true });
  }
  const temporary = makeTemporaryFolder();
  return {
    place: copy,
    temporary,
    write: (path, text) => writeFileSync(join(root, path), text),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    async build(name) {
      if (!isReleaseReady(copy, name)) await buildRelease(copy, name);
    },
    remove() {
      for (const made of [root, temporary]) rmSync(made, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

async function listSources(root) {
  const args = [
    '-c',
    'safe.directory=*',
    '-C',
    root,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ];
  const listed = await runCommand('git', args).catch(() => ({ code: 1 }));
  if (listed.code !== 0) throw new SetupFault('Git cannot say which files belong to this clone.');
  return listed.standardOutput.split('\0').filter((path) => path !== '' && isFile(join(root, path)));
}

function isFile(path) {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Everything as it is in the clone, but our own packages: those are the copied ones. */
function linkModules(place, copy) {
  mkdirSync(copy.modules);
  for (const name of readdirSync(place.modules)) {
    if (name !== OWN_SCOPE) symlinkSync(join(place.modules, name), join(copy.modules, name));
  }
  mkdirSync(join(copy.modules, OWN_SCOPE));
  for (const name of readdirSync(join(place.modules, OWN_SCOPE))) {
    // They are relative, so they lead into the copy.
    symlinkSync(readlinkSync(join(place.modules, OWN_SCOPE, name)), join(copy.modules, OWN_SCOPE, name));
  }
}

/** With stamps of its own: what is built here is not what the clone has built. */
function linkRuntime(place, copy) {
  mkdirSync(copy.runtime);
  symlinkSync(place.runtimePackage, copy.runtimePackage);
  if (existsSync(place.stamps)) cpSync(place.stamps, copy.stamps, { recursive: true });
}

function removeAbandoned(folder) {
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    if (!isRunning(Number(name.split('-')[0]))) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
