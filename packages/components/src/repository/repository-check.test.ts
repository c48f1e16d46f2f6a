import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeRepository, onlineKeys, type TestRepository } from '../testing/test-repository.ts';
import { readRepository, verifyRepository } from './repository-check.ts';

const find = async ({ folder, clock }: TestRepository) =>
  (await verifyRepository(folder, clock.now())).map(({ severity, kind, path: name }) => [
    severity,
    kind,
    name,
  ]);

async function fileOf({ folder }: TestRepository, name: string): Promise<string> {
  const below = path.join(folder, 'targets', path.dirname(name));
  const [found] = (await readdir(below)).filter((one) => one.endsWith(`.${path.basename(name)}`));
  return path.join(below, found ?? '');
}

test('nothing is found in a whole repository', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  await made.publish('rules', 2, 'one two');
  await made.publish('clamav', 1, 'one', { area: 'feeds' });
  assert.deepEqual(await find(made), []);
});

test("a file that is missing, changed or nobody's is named", async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  await made.publish('other', 1, 'one');
  await writeFile(await fileOf(made, 'components/rules/1/full'), 'two');
  await rm(await fileOf(made, 'components/other/1/full'));
  await writeFile(path.join(made.folder, 'targets', 'stray'), '');
  await mkdir(path.join(made.folder, 'more'));
  await writeFile(path.join(made.folder, 'more', 'stray'), '');
  assert.deepEqual(
    (await find(made)).sort((left, right) => (`${left[2]}` < `${right[2]}` ? -1 : 1)),
    [
      ['damaged', 'file-missing', 'components/other/1/full'],
      ['damaged', 'file-wrong', 'components/rules/1/full'],
      ['notice', 'file-orphaned', 'more/stray'],
      ['notice', 'file-orphaned', 'targets/stray'],
    ],
  );
});

test('metadata of which a bit has changed are not followed', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  for (const name of ['1.root.json', '2.targets.json', '2.snapshot.json', 'timestamp.json']) {
    const file = path.join(made.folder, 'metadata', name);
    const bytes = await readFile(file);
    const changed = Buffer.from(bytes);
    const place = bytes.indexOf('"version":') + '"version":'.length;
    changed[place] = 0x39;
    await writeFile(file, changed);
    await assert.rejects(find(made), { code: 'REPOSITORY_DAMAGED' }, name);
    await writeFile(file, bytes);
  }
  assert.deepEqual(await find(made), []);
});

test('what ends soon is told, and what has ended is damage', async (t) => {
  const made = await makeRepository(t);
  const hour = 60 * 60_000;
  made.clock.nowMs += 37 * hour;
  assert.deepEqual(await find(made), [['notice', 'expires-soon', 'metadata/timestamp']]);
  made.clock.nowMs += 11 * hour;
  assert.deepEqual(await find(made), [['damaged', 'expired', 'metadata/timestamp']]);
  await made.repository.refresh(onlineKeys(made.keys));
  assert.deepEqual(await find(made), []);
  made.clock.nowMs += 60 * 24 * hour;
  await made.repository.refresh(onlineKeys(made.keys));
  assert.deepEqual(await find(made), [['notice', 'expires-soon', 'metadata/targets']]);
});

test('what waits for signatures is told, with the roles and their keys', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one', { keys: [] });
  assert.deepEqual(await find(made), [['notice', 'waiting', 'drafts/targets.json']]);
  const { drafts, roles, catalogue } = await readRepository(made.folder);
  assert.deepEqual(drafts, ['targets']);
  assert.deepEqual(
    roles.map(({ role, version, threshold, keyIds }) => [role, version, threshold, keyIds.length]),
    [
      ['root', 1, 2, 3],
      ['targets', 1, 2, 3],
      ['snapshot', 1, 1, 1],
      ['timestamp', 1, 1, 1],
    ],
  );
  assert.equal(catalogue.components.size, 0);
});
