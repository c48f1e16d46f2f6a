import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { lstat, mkdir, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { JsonObject } from '../metadata/index.ts';
import { makeFolder, makeRepository, onlineKeys } from '../testing/test-repository.ts';
import { signMetadata } from './metadata-writing.ts';

/** Whoever writes to the folder of a repository gets no hold of what else its publisher, or a server that renews it, can reach. */

/** More than is read in one piece by anybody; it takes no room. */
const HUGE_BYTES = 3 * 1024 ** 3;

test('where an area of a repository leads elsewhere, nothing is removed or written there', async (t) => {
  for (const area of ['metadata', 'targets', 'drafts', 'work']) {
    const made = await makeRepository(t);
    await made.publish('rules', 1, 'one');
    const elsewhere = path.join(await makeFolder(t), area);
    const place = path.join(made.folder, area);
    await rename(place, elsewhere).catch(async () => await mkdir(elsewhere));
    await writeFile(path.join(elsewhere, 'valuable'), 'x');
    await symlink(elsewhere, place);
    const before = await readdir(elsewhere, { recursive: true });
    const refused = { code: 'REPOSITORY_DAMAGED', remedy: /no link is followed/ };
    await assert.rejects(made.repository.refresh(onlineKeys(made.keys)), refused, area);
    await assert.rejects(made.repository.discardDrafts(), refused, area);
    assert.deepEqual(await readdir(elsewhere, { recursive: true }), before, area);
  }
});

test('what lies behind a link deeper down is not removed with the link', async (t) => {
  const made = await makeRepository(t);
  const elsewhere = await makeFolder(t);
  await writeFile(path.join(elsewhere, 'valuable'), 'x');
  const link = path.join(made.folder, 'targets', 'around');
  await mkdir(path.dirname(link), { recursive: true });
  await symlink(elsewhere, link);
  await made.repository.refresh(onlineKeys(made.keys));
  assert.deepEqual(await readdir(elsewhere), ['valuable']);
  await assert.rejects(lstat(link), { code: 'ENOENT' });
});

test('a lock that leads elsewhere is not taken', async (t) => {
  const made = await makeRepository(t);
  const elsewhere = path.join(await makeFolder(t), 'database');
  const lock = path.join(made.folder, 'repository.lock');
  await rm(lock);
  await symlink(elsewhere, lock);
  await assert.rejects(made.repository.refresh(onlineKeys(made.keys)), { code: 'REPOSITORY_DAMAGED' });
  await assert.rejects(lstat(elsewhere), { code: 'ENOENT' });
});

test('a link where a file is written is replaced, and not written through', async (t) => {
  const made = await makeRepository(t);
  const valuable = path.join(await makeFolder(t), 'valuable');
  await writeFile(valuable, 'x');
  const timestamp = path.join(made.folder, 'metadata', 'timestamp.json');
  await symlink(valuable, `${timestamp}.new`);
  await made.repository.refresh(onlineKeys(made.keys));
  assert.equal(await readFile(valuable, 'utf8'), 'x');
  assert.ok((await lstat(timestamp)).isFile());
});

test('metadata that are too long, a link or a pipe are not read', { timeout: 60_000 }, async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  await made.publish('rules', 2, 'two', { keys: [] });
  const refresh = async (): Promise<unknown> => await made.repository.refresh(onlineKeys(made.keys));
  const refused = { code: 'REPOSITORY_DAMAGED' };
  for (const name of [
    'metadata/timestamp.json',
    'metadata/1.root.json',
    'metadata/2.root.json',
    'metadata/2.snapshot.json',
    'metadata/2.targets.json',
    'drafts/targets.json',
  ]) {
    const file = path.join(made.folder, name);
    const real = path.join(made.folder, '..', 'real');
    const isThere = await rename(file, real).then(
      () => true,
      () => false,
    );
    if (!isThere) await writeFile(real, '{}');
    await writeFile(file, '');
    await truncate(file, HUGE_BYTES);
    await assert.rejects(refresh(), refused, `${name}, too long`);
    await rm(file);
    await symlink(real, file);
    await assert.rejects(refresh(), refused, `${name}, a link`);
    await rm(file);
    await promisify(execFile)('mkfifo', [file]);
    await assert.rejects(refresh(), refused, `${name}, a pipe`);
    await rm(file);
    if (isThere) await rename(real, file);
  }
  await refresh();
});

test('what was published before and is none any more hinders nobody', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  const before = path.join(made.folder, 'metadata', '1.targets.json');
  await writeFile(before, '{"signatures":[],"signed":{"targets":{"x":{}}}}');
  assert.ok((await made.repository.refresh(onlineKeys(made.keys))).published);
  await truncate(before, HUGE_BYTES);
  assert.ok((await made.repository.refresh(onlineKeys(made.keys))).published);
});

test('a root says the number of its file, so that a version leads to no endless count', async (t) => {
  const made = await makeRepository(t);
  const file = path.join(made.folder, 'metadata', '1.root.json');
  const { signed } = JSON.parse(await readFile(file, 'utf8')) as { signed: JsonObject };
  await writeFile(file, signMetadata({ ...signed, version: 1_000 }, made.keys.root));
  await assert.rejects(made.repository.refresh(onlineKeys(made.keys)), { code: 'REPOSITORY_DAMAGED' });
});
