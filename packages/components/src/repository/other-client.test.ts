import assert from 'node:assert/strict';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { Updater } from 'tuf-js';
import { allKeys, makeFolder, makeRepository, newKeys, rolesOf } from '../testing/test-repository.ts';
import { serveFolder } from '../testing/test-web-server.ts';

/** tuf-js, which knows nothing of this code. It reads the clock of the computer. */
async function createOther(home: string, folder: string, url: string) {
  const metadataDir = path.join(home, 'metadata');
  const targetDir = path.join(home, 'targets');
  await mkdir(metadataDir, { recursive: true });
  await mkdir(targetDir, { recursive: true });
  await copyFile(path.join(folder, 'metadata', '1.root.json'), path.join(metadataDir, 'root.json'));
  return () =>
    new Updater({
      metadataDir,
      targetDir,
      metadataBaseUrl: `${url}metadata`,
      targetBaseUrl: `${url}targets`,
    });
}

test('an independent client follows the repository through releases, feeds and new keys of every role', async (t) => {
  const made = await makeRepository(t);
  made.clock.nowMs = Date.now();
  await made.repository.refresh(allKeys(made.keys));
  await made.publish('virus-patterns', 1, 'one\n');
  await made.publish('virus-patterns', 2, 'one\ntwo\n');
  await made.publish('clamav-daily', 5, 'feed\n', { area: 'feeds' });
  const { url } = await serveFolder(t, made.folder);
  const update = await createOther(await makeFolder(t), made.folder, url);
  const fetchOne = async (name: string): Promise<string> => {
    const updater = update();
    await updater.refresh();
    const info = await updater.getTargetInfo(name);
    assert.ok(info, name);
    return await readFile(await updater.downloadTarget(info, path.join(await makeFolder(t), 'file')), 'utf8');
  };
  assert.equal(await fetchOne('components/virus-patterns/2/full'), 'one\ntwo\n');
  assert.equal(await fetchOne('components/virus-patterns/2/from-1'), 'two\n');
  assert.equal(await fetchOne('feeds/clamav-daily/5/full'), 'feed\n');

  const next = newKeys();
  const { roles, feeds } = rolesOf(next);
  assert.ok(feeds);
  const rotated = await made.repository.rotateKeys({
    roles: { ...roles, feeds },
    keys: [...allKeys(made.keys), ...allKeys(next)],
  });
  assert.deepEqual(rotated.waiting, []);
  assert.equal(rotated.published?.root, 2);
  await made.publish('virus-patterns', 3, 'one\ntwo\nthree\n', { keys: allKeys(next) });
  assert.equal(await fetchOne('components/virus-patterns/3/from-2'), 'three\n');
  assert.equal(await fetchOne('feeds/clamav-daily/5/full'), 'feed\n');
});
