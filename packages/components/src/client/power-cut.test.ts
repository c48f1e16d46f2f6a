import assert from 'node:assert/strict';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createMortalDisk, Killed } from '../testing/test-disk.ts';
import {
  allKeys,
  makeClient,
  makeFolder,
  makeRepository,
  newKeys,
  onlineKeys,
  rolesOf,
} from '../testing/test-repository.ts';
import { createFolderSource, createFolderStore, createUpdateClient } from './index.ts';

test('a refresh that is killed at each step leaves what was trusted, and the next one goes on', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  await made.publish('clamav', 1, 'one', { area: 'feeds' });
  const before = await makeClient(t, made);
  await before.refresh();
  // Every role is new, and the online keys are others: files of the store are removed on the way.
  const next = newKeys();
  const { snapshot, timestamp } = rolesOf(next).roles;
  await made.repository.rotateKeys({
    roles: { snapshot, timestamp },
    keys: [...allKeys(made.keys), ...onlineKeys(next)],
  });
  const keys = [...made.keys.targets, ...made.keys.feeds, ...next.snapshot, ...next.timestamp];
  await made.publish('rules', 2, 'two', { keys });
  await made.publish('clamav', 2, 'two', { area: 'feeds', keys });

  const home = await makeFolder(t);
  const source = createFolderSource(made.folder);
  const signal = AbortSignal.timeout(60_000);
  const open = (folder: string, disk = createMortalDisk(Number.POSITIVE_INFINITY, 'before')) => ({
    disk,
    client: createUpdateClient({ store: createFolderStore(folder, disk), source, clock: made.clock }),
  });
  const copy = async (name: string): Promise<string> => {
    const folder = path.join(home, name);
    await cp(before.home, folder, { recursive: true });
    return folder;
  };
  const whole = open(await copy('whole'));
  await whole.client.refresh(signal);
  assert.ok(whole.disk.steps() >= 12);
  const newestOf = (catalogue: Awaited<ReturnType<typeof whole.client.trusted>>) =>
    catalogue && ['rules', 'clamav'].map((id) => catalogue.components.get(id)?.newest.release);
  for (let fatal = 1; fatal <= whole.disk.steps(); fatal += 1) {
    for (const moment of ['before', 'within'] as const) {
      const folder = await copy(`${moment}-${fatal}`);
      await assert.rejects(open(folder, createMortalDisk(fatal, moment)).client.refresh(signal), Killed);
      const { client } = open(folder);
      const at = `${moment} step ${fatal}`;
      // Between the removal of what old keys signed and what new ones sign there is nothing to trust, which is no harm: nothing is
      // believed that should not be.
      for (const release of newestOf(await client.trusted()) ?? [])
        assert.ok(release === undefined || [1, 2].includes(release), at);
      assert.deepEqual(newestOf(await client.refresh(signal)), [2, 2], at);
      assert.deepEqual(newestOf(await client.trusted()), [2, 2], at);
    }
  }
});

test('without new keys, what was trusted stays so at every step', async (t) => {
  const made = await makeRepository(t);
  await made.publish('rules', 1, 'one');
  const before = await makeClient(t, made);
  await before.refresh();
  await made.publish('rules', 2, 'two');
  const source = createFolderSource(made.folder);
  const signal = AbortSignal.timeout(60_000);
  for (let fatal = 1; ; fatal += 1) {
    const folder = path.join(await makeFolder(t), 'trusted');
    await cp(before.home, folder, { recursive: true });
    const disk = createMortalDisk(fatal, 'within');
    const cut = createUpdateClient({ store: createFolderStore(folder, disk), source, clock: made.clock });
    const isOver = await cut.refresh(signal).then(
      () => true,
      (error: unknown) => !(error instanceof Killed),
    );
    const client = createUpdateClient({ store: createFolderStore(folder), source, clock: made.clock });
    const catalogue = await client.trusted();
    assert.ok([1, 2].includes(catalogue?.components.get('rules')?.newest.release ?? 0), `step ${fatal}`);
    if (isOver) break;
  }
});
