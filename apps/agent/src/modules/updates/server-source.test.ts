import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import {
  createFolderSource,
  createFolderStore,
  createUpdateClient,
  type FileSource,
} from '@holdfast/components/client';
import { systemClock } from '@holdfast/kernel';
import { startFakeMcpServer } from '@holdfast/testkit';
import { startPublisher } from '../../testing/component-publisher.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createTestDatabase } from '../../testing/test-database.ts';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { createComponentSources } from './component-sources.ts';
import { createServerSource } from './server-source.ts';
import { describeComponent, noSignal } from '../../testing/test-component.ts';
import { readUpdateCheck } from './update-check.ts';
import { createUpdateLook } from './update-look.ts';

async function setUp(t: TestContext) {
  const server = await startFakeMcpServer();
  t.after(() => server.close());
  const publisher = await startPublisher(t, server);
  await publisher.publish({ component: describeComponent('list', 'plain-file'), release: 1, content: 'one' });
  const store = createFolderStore(join(createTemporaryFolder(t), 'metadata'));
  const database = createTestDatabase(t);
  const lookAt = async (source: FileSource): Promise<readonly string[]> => {
    const look = createUpdateLook({
      database,
      clock: systemClock,
      log: createSilentLog(),
      metadata: store,
      sources: createComponentSources(source),
      updateClient: createUpdateClient({ store, source, clock: systemClock }),
    });
    return await look.during(noSignal, ({ components }) => [...components.keys()]);
  };
  return {
    server,
    publisher,
    store,
    database,
    lookAt,
    honest: createFolderSource(publisher.folder, 'a folder'),
  };
}

/** The same files, but for one path. */
function replacing(source: FileSource, path: string, bytes: Uint8Array): FileSource {
  return {
    name: source.name,
    open: async (asked, options) =>
      asked === path
        ? (async function* () {
            yield bytes;
          })()
        : await source.open(asked, options),
  };
}

test('the first root comes from the server, and no other root of its is believed afterwards', async (t) => {
  const { publisher, lookAt, honest } = await setUp(t);
  const other = await setUp(t);
  assert.deepEqual(await lookAt(honest), ['list']);
  await assert.rejects(lookAt(other.honest), /./u);
  assert.deepEqual(await lookAt(honest), ['list']);
  const stolen = readFileSync(join(other.publisher.folder, 'metadata/1.root.json'));
  await assert.rejects(lookAt(replacing(honest, 'metadata/2.root.json', stolen)), { code: /^METADATA_/u });
  assert.ok(publisher.folder !== other.publisher.folder);
});

test('a first root that is none is not kept, so that the next look can take the right one', async (t) => {
  const { database, store, lookAt, honest } = await setUp(t);
  const wrong = [Buffer.from('{}'), Buffer.from('no root'), Buffer.alloc(600_000, 32)];
  for (const bytes of wrong) {
    await assert.rejects(lookAt(replacing(honest, 'metadata/1.root.json', bytes)), { code: /^METADATA_/u });
    assert.equal(await store.read('root.json'), undefined);
  }
  const { failure, checkedAt } = readUpdateCheck(database);
  assert.match(failure?.code ?? '', /^METADATA_/u);
  assert.equal(checkedAt, undefined);
  assert.deepEqual(await lookAt(honest), ['list']);
  assert.equal(readUpdateCheck(database).failure, undefined);
});

test('without a connection to the server there is no source, and that is said as one that may be there later', async () => {
  const source = createServerSource(() => undefined);
  const opened = source.open('metadata/timestamp.json', { from: 0, limit: 1, signal: noSignal });
  await assert.rejects(opened, { code: 'SOURCE_UNREACHABLE', retry: 'safe' });
});

test('a server that the pinned authority does not vouch for gets no access token and is no source', async (t) => {
  const { server, publisher } = await setUp(t);
  const stranger = await startFakeMcpServer();
  t.after(() => stranger.close());
  const source = createServerSource(() => ({
    base: `${server.address}/mcp/v1/components/`,
    authorities: stranger.authority,
    accessToken: 'secret',
  }));
  t.after(() => source.close());
  await assert.rejects(source.open('metadata/timestamp.json', { from: 0, limit: 9, signal: noSignal }), {
    code: /^SOURCE_/u,
  });
  assert.deepEqual(
    [publisher.fetched, server.state.calls.filter((call) => call.includes('components'))],
    [[], []],
  );
});
