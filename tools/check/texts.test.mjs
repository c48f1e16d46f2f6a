import assert from 'node:assert/strict';
import { test } from 'node:test';

import { here } from '../setup/place.mjs';
import { findDownloadAddresses, findForbiddenTexts, findMissingIntegrity } from './texts.mjs';
import { listTrackedFiles } from './tracked.mjs';

test('the host of a package registry is found', () => {
  const text = `fine\n"resolved": "https://${['registry', 'npmjs', 'org'].join('.')}/a"\n`;
  assert.equal(findForbiddenTexts('a.json', text).length, 1);
});

test('an absolute path of somebody’s computer is found, and that of an example is not', () => {
  for (const folder of ['home/mueller/code', 'Users/mueller/code', 'work/main']) {
    assert.equal(findForbiddenTexts('a.ts', `const a = '/${folder}';`).length, 1, folder);
  }
  for (const text of [
    '/home/alice/notes',
    '/home/s/.local',
    '/home/somebody',
    '~/work/main',
    'https://example.com/work/list',
    'apps/home/page.ts',
    '/var/lib/holdfast',
  ]) {
    assert.deepEqual(findForbiddenTexts('a.ts', `const a = '${text}';`), [], text);
  }
});

test('a lock file that says where to fetch from, or vouches for nothing, is found', () => {
  const lock = JSON.stringify({
    packages: {
      '': {},
      'apps/cli': {},
      'node_modules/@holdfast/cli': { resolved: 'apps/cli', link: true },
      'node_modules/good': { version: '1.0.0', integrity: 'sha512-AAAA' },
      'node_modules/address': {
        version: '1.0.0',
        integrity: 'sha512-AAAA',
        resolved: 'https://example.com/a.tgz',
      },
      'node_modules/unchecked': { version: '1.0.0' },
      'node_modules/weak': { version: '1.0.0', integrity: 'sha1-AAAA' },
    },
  });
  assert.deepEqual(findDownloadAddresses(lock).length, 1);
  assert.deepEqual(findMissingIntegrity(lock).length, 2);
});

test('the list of tracked files holds the files of the repository and nothing that set-up made', async () => {
  const names = await listTrackedFiles(here.root);
  assert.ok(names.includes('package.json'));
  assert.ok(names.length > 50);
  assert.ok(!names.some((name) => name.includes('node_modules/')));
});
