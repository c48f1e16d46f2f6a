import assert from 'node:assert/strict';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createFolderSource, createFolderStore, createUpdateClient, fetchTarget } from '../client/index.ts';
import { makeFolder, makeRepository } from '../testing/test-repository.ts';

test('a client follows what is published, and fetches it', async (t) => {
  const { folder, publish, clock } = await makeRepository(t);
  await publish('virus-patterns', 1, 'one\n');
  await publish('virus-patterns', 2, 'one\ntwo\n', { isUrgent: true });
  const home = await makeFolder(t);
  const store = createFolderStore(home);
  await store.write('root.json', await readFile(path.join(folder, 'metadata', '1.root.json')));
  const source = createFolderSource(folder);
  const client = createUpdateClient({ store, source, clock });
  const catalogue = await client.refresh(AbortSignal.timeout(5000));
  const entry = catalogue.components.get('virus-patterns');
  assert.equal(entry?.newest.release, 2);
  assert.equal(entry.newest.isUrgent, true);
  assert.deepEqual(
    entry.newest.increments.map(({ from, encoding, length }) => [from, encoding, length]),
    [[1, 'suffix', 4]],
  );
  const into = path.join(home, 'new');
  await fetchTarget({
    target: entry.newest.full,
    sources: [source],
    into,
    signal: AbortSignal.timeout(5000),
  });
  assert.equal(await readFile(into, 'utf8'), 'one\ntwo\n');
  void createReadStream;
});
