/** With the scanner of the package `clamav`, and with lists of signatures that are made here. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createRunToEnd } from '../../platform/program-end.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { findScanner } from './handlers/clamav-database.ts';
import { type ComponentBench, openBench } from './testing/component-bench.ts';
import { describeComponent, noSignal } from '../../testing/test-component.ts';

const scanner = findScanner();
const skip = scanner === undefined ? 'clamscan is missing: install the package `clamav`' : false;
const runToEnd = createRunToEnd({
  limits: { timeoutMs: 120_000, maxBytes: 4_096, maxMemoryBytes: 1_073_741_824 },
  asUnit: false,
});

const hex = (text: string): string => Buffer.from(text).toString('hex');
/** Finds the test file by a part of it, as text that no scanner takes for it. */
const testFileSignature = `Test.File:0:*:${hex('STANDARD-ANTIVIRUS-TEST-FILE')}\n`;
const ndb = describeComponent('sites-ndb', 'clamav-database', { kind: 'pattern' });

function setUp(t: TestContext): ComponentBench {
  const bench = openBench({ home: createTemporaryFolder(t), runToEnd, scanner });
  t.after(() => bench.close());
  return bench;
}

async function switchTo(bench: ComponentBench, release: number, content: string, component = ndb) {
  bench.stage(component, release, content);
  const end = await bench.components.switchStaged(component.id, noSignal);
  return end.state === 'failed' ? `${end.failure.code} ${end.failure.text}` : end.state;
}

async function scan(bench: ComponentBench, name: string, content: string): Promise<number | undefined> {
  const path = join(bench.home, 'looked-at');
  writeFileSync(path, content);
  const words = [`--database=${join(bench.home, 'placed/clamav', name)}`, '--no-summary', path];
  return (await runToEnd(scanner ?? '', words)).status;
}

test('the scanner finds what a new list has, and a list that it cannot load leaves the former in use', {
  skip,
}, async (t) => {
  const bench = setUp(t);
  assert.equal(await switchTo(bench, 1, testFileSignature), 'switched');
  assert.equal(await scan(bench, 'sites.ndb', 'a file with evil-words in it'), 0);
  const more = `${testFileSignature}Evil.Words:0:*:${hex('evil-words')}\n`;
  assert.equal(await switchTo(bench, 2, more), 'switched');
  assert.equal(await scan(bench, 'sites.ndb', 'a file with evil-words in it'), 1);
  assert.match(
    await switchTo(bench, 3, 'no signature at all\n'),
    /^COMPONENT_TRY_FAILED clamscan ended with status 2/u,
  );
  assert.match(await switchTo(bench, 4, `${more}Broken:0:*:xyz\n`), /^COMPONENT_TRY_FAILED/u);
  assert.equal(readFileSync(join(bench.home, 'placed/clamav/sites.ndb'), 'utf8'), more);
  assert.equal(bench.components.store.find('sites-ndb')?.current?.release, 2);
});

test('a list that takes everything for malware, or does not find the test file any more, is refused', {
  skip,
}, async (t) => {
  const bench = setUp(t);
  assert.equal(await switchTo(bench, 1, testFileSignature), 'switched');
  const everything = `${testFileSignature}All:0:*:${hex('harmless')}\nAny:0:*:${hex('new database')}\n`;
  assert.match(await switchTo(bench, 2, everything), /takes a harmless text for malware/u);
  const without = `Other:0:*:${hex('something else')}\n`;
  assert.match(await switchTo(bench, 3, without), /does not find the test file/u);
  assert.equal(
    await switchTo(bench, 1, without, describeComponent('own-ndb', 'clamav-database')),
    'switched',
  );
});

test('a list of checksums is used as one, and the kinds are told apart by the id', { skip }, async (t) => {
  const bench = setUp(t);
  const bad = 'a program that nobody should run\n';
  const checksum = createHash('md5').update(bad).digest('hex');
  const hdb = describeComponent('known-bad-hdb', 'clamav-database');
  assert.equal(await switchTo(bench, 1, `${checksum}:${bad.length}:Known.Bad\n`, hdb), 'switched');
  assert.equal(await scan(bench, 'known-bad.hdb', bad), 1);
  const nameless = describeComponent('nameless', 'clamav-database');
  assert.match(await switchTo(bench, 1, testFileSignature, nameless), /^COMPONENT_FILE_WRONG/u);
  assert.match(await switchTo(bench, 5, 'ClamAV-VDB:01 Jan 2026', ndb), /^COMPONENT_FILE_WRONG/u);
  const container = describeComponent('daily', 'clamav-database');
  assert.match(await switchTo(bench, 1, 'ClamAV-VDB:forged', container), /^COMPONENT_TRY_FAILED/u);
  assert.ok(!existsSync(join(bench.home, 'placed/clamav/daily.cvd')));
});

test('a scanner that others could put another in the place of is none', {
  skip: process.getuid === undefined ? 'this system has no modes' : false,
}, (t) => {
  const folder = createTemporaryFolder(t);
  const path = join(folder, 'clamscan');
  writeFileSync(path, '', { mode: 0o755 });
  assert.ok(findScanner([path])?.endsWith('/clamscan'));
  chmodSync(folder, 0o777);
  assert.equal(findScanner([path]), undefined);
});

test('without the scanner a database is not put in place, and it is said what is missing', async (t) => {
  const bench = openBench({ home: createTemporaryFolder(t), scanner: undefined });
  t.after(() => bench.close());
  assert.match(await switchTo(bench, 1, testFileSignature), /^COMPONENT_PROGRAM_MISSING .*`clamav`/u);
});
