import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Where a program is, looking also where an ordinary user's path does not reach. */
export function findProgram(names, env = process.env) {
  const folders = [...(env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS].filter((folder) => folder !== '');
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not here; the next folder may have it.
      }
    }
  }
  return undefined;
}

function findPostgresql() {
  const parent = '/usr/lib/postgresql';
  if (existsSync(parent)) {
    for (const version of readdirSync(parent)) {
      const path = join(parent, version, 'bin', 'initdb');
      if (Number(version) >= 15 && existsSync(path) && existsSync(join(parent, version, 'bin', 'postgres')))
        return path;
    }
  }
  return undefined;
}

/** What the system brings for tests, and which tests are skipped without it. */
export const requirements = [
  {
    name: 'Chromium',
    debianPackage: 'chromium',
    skipped: 'every test in a browser',
    find: () =>
      process.env.HOLDFAST_TEST_CHROMIUM ?? findProgram(['chromium', 'chromium-browser', 'google-chrome']),
  },
  {
    name: 'ip (iproute2)',
    debianPackage: 'iproute2',
    skipped: 'tests across network namespaces',
    find: () => findProgram(['ip']),
  },
  {
    name: 'nft (nftables)',
    debianPackage: 'nftables',
    skipped: 'tests behind a router that translates addresses',
    find: () => findProgram(['nft']),
  },
  {
    name: 'the server programs of PostgreSQL 15 or newer',
    debianPackage: 'postgresql',
    skipped: 'tests on an external PostgreSQL',
    find: findPostgresql,
  },
];

/** The lines to print before the tests run: what is missing, what that skips, how to get it. */
export function describeMissing(found = requirements.map((requirement) => requirement.find())) {
  const missing = requirements.filter((_requirement, index) => found[index] === undefined);
  const lines = missing.map(({ name, skipped }) => `  ! ${name} is missing: ${skipped} will be skipped.`);
  if (missing.length > 0) {
    lines.push(`  On Debian: apt-get install ${missing.map((one) => one.debianPackage).join(' ')}`);
  }
  if (process.platform === 'linux' && process.getuid?.() !== 0) {
    lines.push('  ! Not root: tests that need root (network namespaces, other users) will be skipped.');
  }
  return lines;
}
