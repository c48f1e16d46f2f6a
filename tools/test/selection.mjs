import { readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';

import { listFiles } from '../setup/stamp.mjs';

const FOLDERS = ['packages', 'tools', 'apps', 'bench', 'dev', 'e2e'];
const TEST_FILE = /\.test\.(ts|mts|mjs)$/;

function isElsewhere(name) {
  return name === 'node_modules' || name === 'dist' || name.startsWith('.');
}

/** All test files of the clone, relative, with forward slashes, in the order in which they run. */
export function listTestFiles(root) {
  return FOLDERS.flatMap((folder) => listFiles(join(root, folder), isElsewhere))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => TEST_FILE.test(path));
}

/** The files that one of the filters names: a part of the path, or a path as the shell completes it. */
export function selectTestFiles(root, files, filters, folder = process.cwd()) {
  if (filters.length === 0) return files;
  const wanted = filters.map((filter) => {
    const asPath = relative(root, resolve(folder, filter)).split(sep).join('/');
    return { text: filter.split(sep).join('/').replace(/^\.\//, ''), asPath };
  });
  return files.filter((file) =>
    wanted.some(({ text, asPath }) => file.includes(text) || (asPath !== '' && file.startsWith(asPath))),
  );
}

/** What belongs to a process as a whole and not to one file: a test that reads or changes it needs a process of its own. */
const WHOLE_PROCESS =
  /\bprocess\.(abort|chdir|cpuUsage|emit|exit|exitCode|memoryUsage|on|once|prepend\w+|resourceUsage|set\w+|title|umask)\b|\bprocess\.env(\.\w+|\[[^\]]+\]) *=[^=]|\bdelete process\.env\b|\bglobalThis\b|\bmock\b/;

/** What starts the server, the agent or the command line as processes, or a browser. */
const STARTS_PROCESSES = /\/support\/(network|browser|\w+-(process|world))\.ts'|'node:child_process'/;

/** How to run each file: with how much patience, and whether it may share its process with others. */
export function describeTestFiles(root, paths) {
  return paths.map((path) => {
    const text = readFileSync(join(root, path), 'utf8');
    const isOfWhole = /^(bench|dev|e2e)\//.test(path);
    const isSystem = isOfWhole && STARTS_PROCESSES.test(text);
    // Elsewhere nobody can tell the processes that one file leaves behind from those of the next.
    const isShared = process.platform === 'linux' && !isOfWhole && !WHOLE_PROCESS.test(text);
    return { path, size: text.length, isSystem, isShared, limitSeconds: isOfWhole ? 600 : 480 };
  });
}

/** From so many files on, bundling the programs that they may start takes less time than it saves. */
const MANY_FILES = 10;

/** What has to be built before these files can run. */
export function neededReleases(files) {
  const needs = (folders) => files.some((file) => folders.some((folder) => file.startsWith(folder)));
  const wanted = [];
  if (needs(['e2e/', 'bench/'])) wanted.push('console');
  if (needs(['e2e/', 'bench/', 'apps/agent/', 'apps/cli/'])) wanted.push('agent');
  const isWorthIt = needs(['e2e/']) || files.length >= MANY_FILES;
  if (isWorthIt) wanted.push('programs', 'test-programs');
  return wanted;
}
