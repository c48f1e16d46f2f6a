import { createHash, timingSafeEqual } from 'node:crypto';
import {
  chmodSync,
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { lastLines, runCommand } from './command.mjs';
import { SetupFault } from './fault.mjs';
import { runNpm } from './npm.mjs';
import { readStamp } from './stamp.mjs';

const STAMP = 'holdfast-runtime';

export const pinned = JSON.parse(readFileSync(new URL('runtime.json', import.meta.url), 'utf8'));

/** True for the versions that Holdfast is built for: 24.15 or newer, before 27. */
export function isSuitableNode(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 24 && minor >= 15) || major === 25 || major === 26;
}

/** What is to be brought for this computer: a pinned package, or the Node that runs this script. */
export function chooseRuntime(table = pinned, { env = process.env, platform, version, execPath } = {}) {
  const key = platform ?? `${process.platform}-${process.arch}`;
  const current = version ?? process.versions.node;
  if (env.HOLDFAST_USE_THIS_NODE === '1') {
    if (!isSuitableNode(current)) {
      throw new SetupFault(`HOLDFAST_USE_THIS_NODE is set, but this is Node.js ${current}.`, {
        remedy: 'Use Node.js 24.15 or newer (before 27), or unset HOLDFAST_USE_THIS_NODE.',
      });
    }
    const file = execPath ?? process.execPath;
    return { kind: 'this-node', version: current, file, stamp: `this-node ${current} ${file}` };
  }
  const entry = table.platforms[key];
  if (entry === undefined) {
    throw new SetupFault(`There is no pinned Node.js runtime for ${key}.`, {
      remedy:
        'Install Node.js 24.15 or newer (before 27) yourself and run the command with HOLDFAST_USE_THIS_NODE=1.',
    });
  }
  return { kind: 'package', version: table.version, ...entry, stamp: `${table.version} ${entry.integrity}` };
}

export function isRuntimeReady(place, choice) {
  return readStamp(join(place.runtimePackage, STAMP)) === choice.stamp && existsSync(place.node);
}

/**
 * Compares a downloaded file with the checksum in this repository. npm has compared it with what the registry
 * says; this says that the registry is the one that was reviewed.
 */
export async function verifyIntegrity(file, integrity) {
  const hash = createHash('sha512');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest();
  const expected = Buffer.from(integrity.replace(/^sha512-/, ''), 'base64');
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) {
    throw new SetupFault('The Node.js runtime that was downloaded does not match its pinned checksum.', {
      details: `expected ${integrity}\nreceived sha512-${actual.toString('base64')}`,
      remedy:
        'Nothing was installed. Clear npm’s cache (npm cache clean --force) and try again; if it comes back, the registry or a proxy on the way serves another file than the one that was reviewed.',
    });
  }
}

async function unpack(archive, folder) {
  // Without --same-owner: files belong to whoever runs set-up, also when that is root.
  const result = await runCommand('tar', ['-xzof', archive, '-C', folder]).catch((error) => {
    throw new SetupFault('The program tar cannot be started.', { remedy: 'Install tar.', cause: error });
  });
  if (result.code !== 0) {
    throw new SetupFault('The Node.js runtime cannot be unpacked.', {
      details: lastLines(result.output),
      remedy: 'Check that the disk has space left, and try again.',
    });
  }
}

async function assertRuns(file, version) {
  const result = await runCommand(file, ['--version']).catch((error) => ({
    code: 1,
    output: String(error),
    standardOutput: '',
  }));
  if (result.code === 0 && result.standardOutput.trim() === `v${version}`) return;
  throw new SetupFault(`The Node.js ${version} runtime does not run on this computer.`, {
    details: lastLines(result.output),
    remedy:
      'It needs glibc 2.28 or newer and a file system that allows programs. Elsewhere, install Node.js 24.15 or newer yourself and run the command with HOLDFAST_USE_THIS_NODE=1.',
  });
}

/** Puts a complete new runtime in the place of the old one. A process that runs the old one keeps it. */
function swapIn(place, prepared, scratch) {
  const outgoing = join(scratch, 'outgoing');
  if (existsSync(place.runtimePackage)) renameSync(place.runtimePackage, outgoing);
  renameSync(prepared, place.runtimePackage);
}

async function preparePackage(place, choice, scratch) {
  // A package.json of its own keeps npm from taking the whole clone for the folder it works in.
  writeFileSync(join(scratch, 'package.json'), '{"private":true}\n');
  await runNpm(
    place,
    process.execPath,
    ['pack', `${choice.package}@${choice.version}`, '--loglevel=error'],
    scratch,
  );
  const archive = readdirSync(scratch).find((name) => name.endsWith('.tgz'));
  if (archive === undefined) throw new SetupFault(`npm pack ${choice.package} left no file.`);
  await verifyIntegrity(join(scratch, archive), choice.integrity);
  await unpack(join(scratch, archive), scratch);
  const prepared = join(scratch, 'package');
  const file = join(prepared, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (process.platform !== 'win32') chmodSync(file, 0o755);
  await assertRuns(file, choice.version);
  return prepared;
}

function prepareThisNode(choice, scratch) {
  const prepared = join(scratch, 'package');
  mkdirSync(join(prepared, 'bin'), { recursive: true });
  symlinkSync(choice.file, join(prepared, 'bin', process.platform === 'win32' ? 'node.exe' : 'node'));
  return prepared;
}

/** Brings the runtime: fetched, checked, tried, and only then put in its place. */
export async function bringRuntime(place, choice) {
  for (const name of readdirSync(place.runtime)) {
    // What an interrupted set-up left behind; the lock says that nobody is at work on it.
    if (name.startsWith('incoming-')) rmSync(join(place.runtime, name), { recursive: true, force: true });
  }
  const scratch = join(place.runtime, `incoming-${process.pid}`);
  mkdirSync(scratch);
  try {
    const prepared =
      choice.kind === 'package'
        ? await preparePackage(place, choice, scratch)
        : prepareThisNode(choice, scratch);
    writeFileSync(join(prepared, STAMP), `${choice.stamp}\n`);
    swapIn(place, prepared, scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
