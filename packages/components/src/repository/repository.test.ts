import assert from 'node:assert/strict';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createFolderSource, fetchTarget } from '../client/index.ts';
import {
  allKeys,
  describeComponent,
  makeClient,
  makeFolder,
  makeRepository,
  newKey,
  newKeys,
  onlineKeys,
  rolesOf,
  settingOf,
  testTimeMs,
} from '../testing/test-repository.ts';
import { createRepository } from './repository.ts';

const signal = AbortSignal.timeout(60_000);

test('a client follows what is published, and fetches it', async (t) => {
  const made = await makeRepository(t);
  await made.publish('virus-patterns', 1, 'one\n');
  await made.publish('virus-patterns', 2, 'one\ntwo\n', { isUrgent: true });
  const { home, refresh } = await makeClient(t, made);
  const entry = (await refresh()).components.get('virus-patterns');
  assert.equal(entry?.newest.release, 2);
  assert.equal(entry.newest.isUrgent, true);
  assert.deepEqual(
    entry.newest.increments.map(({ from, encoding, length }) => [from, encoding, length]),
    [[1, 'suffix', 4]],
  );
  const into = path.join(home, 'new');
  await fetchTarget({ target: entry.newest.full, sources: [createFolderSource(made.folder)], into, signal });
  assert.equal(await readFile(into, 'utf8'), 'one\ntwo\n');
});

test('nothing is public before enough offline keys have signed, and it waits meanwhile', async (t) => {
  const made = await makeRepository(t);
  const [first, second] = made.keys.targets;
  assert.ok(first && second);
  const { refresh } = await makeClient(t, made);
  await made.publish('rules', 1, 'one', { keys: [first, ...onlineKeys(made.keys)] });
  assert.equal((await refresh()).components.size, 0);

  // The same key again is no second signature, and a stranger's is none.
  for (const key of [first, newKey()]) {
    const { published, waiting } = await made.repository.sign([key, ...onlineKeys(made.keys)]);
    assert.equal(published, undefined);
    assert.deepEqual(
      waiting.map(({ role, valid, needed }) => [role, valid, needed]),
      [['targets', 1, 2]],
    );
  }
  // Without the online keys it is signed, and still waits.
  const signed = await made.repository.sign([second]);
  assert.deepEqual(
    signed.waiting.map(({ role }) => role),
    ['snapshot', 'timestamp'],
  );
  assert.equal((await refresh()).components.size, 0);
  assert.ok((await made.repository.sign(onlineKeys(made.keys))).published);
  assert.deepEqual([...(await refresh()).components.keys()], ['rules']);
  await assert.rejects(made.repository.sign(allKeys(made.keys)), { code: 'DRAFT_NOT_FOUND' });
});

test('what waits for signatures does not hold up feeds and timestamps', async (t) => {
  const made = await makeRepository(t);
  const { refresh } = await makeClient(t, made);
  await made.publish('rules', 1, 'one', { keys: [] });
  await made.publish('rules', 2, 'one, two', { keys: [] });
  await made.publish('clamav', 1, 'feed', { area: 'feeds', keys: onlineKeys(made.keys) });
  await made.repository.refresh(onlineKeys(made.keys));
  assert.deepEqual([...(await refresh()).components.keys()], ['clamav']);
  await made.repository.sign(allKeys(made.keys));
  const { components } = await refresh();
  assert.deepEqual(
    components.get('rules')?.releases.map(({ release }) => release),
    [2, 1],
  );
});

test('discarded drafts are not published by a later signature', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one', { keys: [] });
  await made.repository.discardDrafts();
  await assert.rejects(made.repository.sign(allKeys(made.keys)), { code: 'DRAFT_NOT_FOUND' });
  await made.publish('rules', 1, 'another one');
  const { refresh } = await makeClient(t, made);
  assert.equal((await refresh()).components.get('rules')?.newest.full.length, 'another one'.length);
});

test('fourteen earlier releases are kept, with a way from each to the newest; what nobody can ask for is gone', async (t) => {
  const made = await makeRepository(t);
  let content = 'This line is there from the beginning and makes the full file the longer one.\n';
  for (let release = 1; release <= 17; release += 1) {
    content += `${release}\n`;
    await made.publish('rules', release, content);
  }
  const { refresh } = await makeClient(t, made);
  const entry = (await refresh()).components.get('rules');
  assert.equal(entry?.releases.length, 15);
  assert.deepEqual(
    entry.newest.increments.map(({ from }) => from),
    [16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3],
  );
  const folders = await readdir(path.join(made.folder, 'targets', 'components', 'rules'));
  const files = await Promise.all(
    folders.map(
      async (name) => await readdir(path.join(made.folder, 'targets', 'components', 'rules', name)),
    ),
  );
  // Those of the newest and those that a reader of the state before may still ask for: 15 + 14, and one full file more with
  // 14 increments.
  assert.equal(files.flat().length, 29 + 15);
  const metadata = await readdir(path.join(made.folder, 'metadata'));
  assert.deepEqual(
    metadata.sort(),
    [
      '1.root.json',
      '17.snapshot.json',
      '17.targets.json',
      '18.snapshot.json',
      '18.targets.json',
      'timestamp.json',
    ].sort(),
  );
});

test('a release is newer than all that there are', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 5, 'five');
  for (const release of [5, 4, 1])
    await assert.rejects(made.publish('rules', release, 'x'), { code: 'RELEASE_NOT_NEWER' });
  await made.publish('rules', 9, 'nine');
});

test('an id belongs to one role, and a feed is no program', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  await made.publish('clamav', 1, 'one', { area: 'feeds' });
  await assert.rejects(made.publish('rules', 2, 'two', { area: 'feeds' }), { code: 'COMPONENT_INVALID' });
  await assert.rejects(made.publish('clamav', 2, 'two'), { code: 'COMPONENT_INVALID' });
  await assert.rejects(made.publish('agent', 1, 'one', { area: 'feeds', kind: 'program' }), {
    code: 'COMPONENT_INVALID',
  });
  const bare = await makeRepository(t, { hasFeeds: false });
  await assert.rejects(bare.publish('clamav', 1, 'one', { area: 'feeds' }), { code: 'SIGNING_KEY_UNKNOWN' });
});

test('what a publisher says of a component is refused before anything is written', async (t) => {
  const made = await makeRepository(t);
  const before = await readdir(made.folder, { recursive: true });
  const release = {
    area: 'components',
    release: 1,
    version: '1',
    isUrgent: false,
    file: '/dev/null',
    keys: [],
  } as const;
  for (const change of [{ id: '../x' }, { title: '\u0000' }, { platforms: [] }])
    await assert.rejects(
      made.repository.publish({ ...release, component: { ...describeComponent('a'), ...change } }),
      { code: 'COMPONENT_INVALID' },
    );
  assert.deepEqual(await readdir(made.folder, { recursive: true }), before);
});

test('a repository is made once, also while its first metadata wait', async (t) => {
  const folder = path.join(await makeFolder(t), 'repository');
  const keys = newKeys();
  const repository = createRepository({ folder, clock: { now: () => testTimeMs } });
  const first = await repository.create({ ...rolesOf(keys), keys: [] });
  assert.deepEqual(
    first.waiting.map(({ role }) => role),
    ['root', 'targets'],
  );
  await assert.rejects(repository.refresh(onlineKeys(keys)), { code: 'REPOSITORY_NOT_FOUND' });
  await assert.rejects(repository.create({ ...rolesOf(newKeys()), keys: [] }), { code: 'REPOSITORY_EXISTS' });
  assert.ok((await repository.sign(allKeys(keys))).published);
  await assert.rejects(repository.create({ ...rolesOf(keys), keys: allKeys(keys) }), {
    code: 'REPOSITORY_EXISTS',
  });
});

test('a refresh without the key says which role lacks it', async (t) => {
  const made = await makeRepository(t);
  await assert.rejects(made.repository.refresh([newKey()]), { code: 'SIGNATURES_MISSING' });
});

test('a refresh keeps the snapshot while it lasts, and renews it and the feeds past half of their time', async (t) => {
  const made = await makeRepository(t);
  await made.publish('clamav', 1, 'one', { area: 'feeds' });
  const online = onlineKeys(made.keys);
  const day = 24 * 60 * 60_000;
  const first = await made.repository.refresh(online);
  const second = await made.repository.refresh(online);
  assert.equal(second.published?.snapshot, first.published?.snapshot);
  assert.equal(second.published?.timestamp, (first.published?.timestamp ?? 0) + 1);
  made.clock.nowMs += 4 * day;
  const { refresh } = await makeClient(t, made);
  await assert.rejects(refresh(), { code: 'METADATA_EXPIRED' });
  await made.repository.refresh(online);
  const catalogue = await refresh();
  assert.equal(catalogue.expiresAtMs, made.clock.nowMs + 2 * day);
  made.clock.nowMs += 5 * day;
  await made.repository.refresh(online);
  assert.ok((await refresh()).components.has('clamav'));
});

test('a root and targets that end are signed again with the same content', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  const { refresh } = await makeClient(t, made);
  made.clock.nowMs += 400 * 24 * 60 * 60_000;
  await made.repository.refresh(onlineKeys(made.keys));
  await assert.rejects(refresh(), { code: 'METADATA_EXPIRED' });
  await made.repository.renew('root', allKeys(made.keys));
  await made.repository.renew('targets', allKeys(made.keys));
  assert.ok((await refresh()).components.has('rules'));
});

test('a new root needs the old keys and the new ones, and comes to the client by both', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  const next = newKeys();
  const roles = { root: settingOf(next.root, 3), targets: settingOf(next.targets, 1) };
  const { refresh } = await makeClient(t, made);
  await refresh();
  const outcome = await made.repository.rotateKeys({ roles, keys: allKeys(next) });
  assert.deepEqual(
    outcome.waiting.map(({ role, valid, needed }) => [role, valid, needed]),
    [['root', 0, 2]],
  );
  const half = await made.repository.sign([...made.keys.root.slice(0, 1), ...onlineKeys(made.keys)]);
  assert.deepEqual(
    half.waiting.map(({ valid }) => valid),
    [1],
  );
  assert.equal((await refresh()).versions.root, 1);
  assert.ok((await made.repository.sign([...made.keys.root.slice(1), ...onlineKeys(made.keys)])).published);
  const { versions, components } = await refresh();
  assert.equal(versions.root, 2);
  assert.ok(components.has('rules'));
  // The keys that were taken away sign for nothing any more.
  await made.publish('rules', 2, 'two', { keys: [...made.keys.targets, ...onlineKeys(made.keys)] });
  assert.equal((await refresh()).components.get('rules')?.newest.release, 1);
});

test('a damaged repository is not built upon', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  const file = path.join(made.folder, 'metadata', '2.targets.json');
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(1));
  await assert.rejects(made.publish('rules', 2, 'two'), { code: 'REPOSITORY_DAMAGED' });
  await writeFile(file, bytes);
  await made.publish('rules', 2, 'two');
});

test('two publishers do not work at the same time', async (t) => {
  const made = await makeRepository(t);
  const file = path.join(made.folder, '..', 'slow');
  await writeFile(file, 'x');
  await made.publish('rules', 1, 'one');
  const started = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const slow = made.repository.publish({
    area: 'components',
    component: describeComponent('rules'),
    release: 2,
    version: '2',
    isUrgent: false,
    file,
    keys: allKeys(made.keys),
    makeIncrement: async ({ into }) => {
      started.resolve();
      await goOn.promise;
      await writeFile(into, '');
      return { encoding: 'none', length: 0 };
    },
  });
  await started.promise;
  await assert.rejects(made.repository.refresh(onlineKeys(made.keys)), { code: 'REPOSITORY_BUSY' });
  goOn.resolve();
  assert.ok((await slow).published);
});
