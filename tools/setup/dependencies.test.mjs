import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { SetupFault } from './fault.mjs';
import { areDependenciesReady, dependenciesHash, installDependencies, isInstalled } from './dependencies.mjs';
import { createPlace } from './place.mjs';

let folder = '';
let place;

function write(path, content) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), JSON.stringify(content));
}

const installed = {
  'node_modules/left': { version: '1.0.0', integrity: 'sha512-A' },
  'node_modules/@holdfast/cli': { resolved: 'apps/cli', link: true },
};

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-dependencies-'));
  place = createPlace(folder);
  write('package.json', { workspaces: ['apps/*'], devDependencies: { left: '1.0.0' } });
  write('apps/cli/package.json', { name: '@holdfast/cli' });
  write('package-lock.json', {
    packages: {
      '': { devDependencies: { left: '1.0.0' } },
      'apps/cli': { name: '@holdfast/cli' },
      ...installed,
      'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-B', optional: true },
    },
  });
  write('node_modules/left/package.json', {});
  write('node_modules/.package-lock.json', { packages: installed });
  mkdirSync(join(folder, 'node_modules', '@holdfast'));
  symlinkSync('../../apps/cli', join(folder, 'node_modules', '@holdfast', 'cli'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('what the lock file says and what is installed are compared', () => {
  assert.equal(isInstalled(place, 'all'), true);
});

for (const [what, change] of [
  [
    'a package of another version',
    () =>
      write('node_modules/.package-lock.json', {
        packages: { ...installed, 'node_modules/left': { version: '0.9.0', integrity: 'sha512-A' } },
      }),
  ],
  [
    'a package with another checksum',
    () =>
      write('node_modules/.package-lock.json', {
        packages: { ...installed, 'node_modules/left': { version: '1.0.0', integrity: 'sha512-Z' } },
      }),
  ],
  [
    'a package that was removed by hand',
    () => rmSync(join(folder, 'node_modules', 'left'), { recursive: true }),
  ],
  [
    'a package too many',
    () =>
      write('node_modules/.package-lock.json', {
        packages: { ...installed, 'node_modules/more': { version: '1.0.0' } },
      }),
  ],
  [
    'a package.json that asks for something else',
    () => write('package.json', { workspaces: ['apps/*'], devDependencies: { left: '2.0.0' } }),
  ],
  ['no node_modules', () => rmSync(join(folder, 'node_modules'), { recursive: true })],
]) {
  test(`${what} means that it is not installed`, () => {
    change();
    assert.equal(isInstalled(place, 'all'), false);
  });
}

test('the stamp holds until a dependency or the runtime changes', async () => {
  assert.equal(areDependenciesReady(place, 'runtime 1', 'all'), false);
  await installDependencies(place, 'runtime 1', 'all');
  assert.equal(areDependenciesReady(place, 'runtime 1', 'all'), true);
  assert.equal(areDependenciesReady(place, 'runtime 2', 'all'), false);
  write('package.json', {
    workspaces: ['apps/*'],
    devDependencies: { left: '1.0.0' },
    scripts: { test: 'other' },
  });
  assert.equal(areDependenciesReady(place, 'runtime 1', 'all'), true);
  const before = dependenciesHash(place, 'runtime 1');
  write('apps/cli/package.json', { name: '@holdfast/cli', dependencies: { left: '1.0.0' } });
  assert.notEqual(dependenciesHash(place, 'runtime 1'), before);
  assert.equal(areDependenciesReady(place, 'runtime 1', 'all'), false);
});

test('a package.json that the lock file does not know is refused, and nothing is removed', async () => {
  write('apps/cli/package.json', { name: '@holdfast/cli', dependencies: { unknown: '1.0.0' } });
  await assert.rejects(installDependencies(place, 'runtime 1', 'all'), (error) => {
    assert.ok(error instanceof SetupFault);
    assert.match(error.message, /apps\/cli\/package\.json/);
    return true;
  });
  assert.equal(existsSync(join(folder, 'node_modules', 'left', 'package.json')), true);
});

test('an optional package of this platform that the lock file does not know is no fault', () => {
  const more = { 'node_modules/for-this-platform': { version: '1.0.0', optional: true } };
  write('node_modules/.package-lock.json', { packages: { ...installed, ...more } });
  assert.equal(isInstalled(place, 'all'), true);
});

test('without what only development needs, it is ready to run and not to test', async () => {
  rmSync(join(folder, 'node_modules', 'left'), { recursive: true });
  const { 'node_modules/left': left, ...others } = installed;
  const lock = {
    '': { devDependencies: { left: '1.0.0' } },
    'apps/cli': { name: '@holdfast/cli' },
    ...others,
    'node_modules/left': { ...left, dev: true },
  };
  write('package-lock.json', { packages: lock });
  write('node_modules/.package-lock.json', { packages: others });
  assert.equal(isInstalled(place, 'run'), true);
  assert.equal(isInstalled(place, 'all'), false);
  await installDependencies(place, 'runtime 1', 'run');
  assert.equal(areDependenciesReady(place, 'runtime 1', 'run'), true);
  assert.equal(areDependenciesReady(place, 'runtime 1', 'all'), false);
  write('package-lock.json', { packages: { ...lock, 'node_modules/left': left } });
  assert.equal(isInstalled(place, 'run'), false);
});
