import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, type TestContext, test } from 'node:test';
import {
  changeComponentSource,
  type ComponentDownload,
  type ComponentSource,
  createComponentSource,
  getComponent,
  getComponentRates,
  getComponentSchedule,
  listAuditEntries,
  listComponentDownloads,
  listComponents,
  listComponentSources,
  listDeviceComponents,
  lookAtComponentSource,
  makeComponentSourceKey,
  removeComponentSource,
  setComponentRates,
  setComponentSchedule,
  startComponentDownload,
  trustComponentSource,
} from '@holdfast/api';
import { createFolderStore, createUpdateClient, fetchTarget } from '@holdfast/components/client';
import { parsePublicPem } from '@holdfast/components/repository';
import { createHttpSource } from '@holdfast/components/transfer';
import { decodeDatagram, mcpPath } from '@holdfast/protocol';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { makeTestRepository, type TestRepository } from '../../testing/test-repository.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-components-server-'));
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
});

interface Bench {
  readonly server: TestServer;
  readonly home: string;
  readonly publisher: TestRepository;
}

async function startBench(t: TestContext, isListening = false): Promise<Bench> {
  const home = await mkdtemp(path.join(folder, 'home-'));
  const server = await startTestServer({ isListening, moduleOptions: { componentsFolder: home } });
  t.after(() => server.close());
  return { server, home, publisher: await makeTestRepository(t, server.clock) };
}

const plain = { proxy: null, userName: null, proxyUserName: null };

async function addFolder({ server, publisher }: Bench, name = 'Drive'): Promise<ComponentSource> {
  const body = { ...plain, name, kind: 'folder', address: publisher.folder } as const;
  return await callApi(server, createComponentSource, { body });
}

async function trust(bench: Bench): Promise<void> {
  const { id: sourceId } = await addFolder(bench);
  const { fingerprint } = await callApi(bench.server, lookAtComponentSource, { params: { sourceId } });
  await callApi(bench.server, trustComponentSource, { params: { sourceId }, body: { fingerprint } });
}

/** Asks for one, has the job run, and says what became of it. */
async function download({ server }: Pick<Bench, 'server'>): Promise<ComponentDownload> {
  const { id } = await callApi(server, startComponentDownload, {});
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  const { downloads } = await callApi(server, listComponentDownloads);
  const found = downloads.find((one) => one.id === id);
  assert.ok(found !== undefined);
  return found;
}

test('what is published in a folder is trusted by its fingerprint, downloaded, listed, and fetched by a product', async (t) => {
  const bench = await startBench(t, true);
  const { server, home, publisher } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await publisher.publish('virus-patterns', 2, 'one\ntwo\n', true);
  const { id: sourceId } = await addFolder(bench);

  const params = { sourceId };
  const offered = await callApi(server, lookAtComponentSource, { params });
  const root = await readFile(path.join(publisher.folder, 'metadata', '1.root.json'));
  assert.equal(offered.fingerprint, createHash('sha256').update(root).digest('hex'));
  assert.deepEqual(
    new Map(offered.roles.map(({ role, threshold }) => [role, threshold])),
    new Map([
      ['root', 1],
      ['snapshot', 1],
      ['targets', 1],
      ['timestamp', 1],
    ]),
  );
  assert.equal(await refusalOf(server, startComponentDownload, {}), 'COMPONENT_ROOT_MISSING');
  await callApi(server, trustComponentSource, { params, body: { fingerprint: offered.fingerprint } });

  const done = await download(bench);
  assert.deepEqual(
    [done.state, done.newReleases, done.sourceName, done.error],
    ['succeeded', 1, 'Drive', null],
  );
  const { components, repository } = await callApi(server, listComponents);
  assert.deepEqual(
    components.map(({ id, release, version, isUrgent, fullBytes, isOffered, devices }) => ({
      id,
      release,
      version,
      isUrgent,
      fullBytes,
      isOffered,
      devices,
    })),
    [
      {
        id: 'virus-patterns',
        release: 2,
        version: '2.0',
        isUrgent: true,
        fullBytes: 8,
        isOffered: true,
        devices: { upToDate: 0, behind: 0, failed: 0 },
      },
    ],
  );
  assert.equal(repository?.fingerprint, offered.fingerprint);
  assert.ok(Date.parse(repository?.expiresAt ?? '') > server.clock.now());

  // A product fetches it as agents do: with nothing but the root in advance, over the real socket.
  const product = await new TestProduct(server, { name: 'desk-1' }).join(await createTestToken(server));
  const source = createHttpSource({
    name: 'the server',
    base: `${server.address}/mcp/v1/components`,
    authorities: server.keys.authorities.current.certificate,
    headers: async () => product.bearer as Record<string, string>,
  });
  t.after(() => source.close());
  const store = createFolderStore(path.join(home, 'agent'));
  await store.write('root.json', root);
  const signal = AbortSignal.timeout(10_000);
  const catalogue = await createUpdateClient({ store, source, clock: server.clock }).refresh(signal);
  const target = catalogue.components.get('virus-patterns')?.newest.full;
  assert.ok(target !== undefined);
  const into = path.join(home, 'agent', 'fetched');
  await fetchTarget({ target, sources: [source], into, signal });
  assert.equal(await readFile(into, 'utf8'), 'one\ntwo\n');

  // Every heartbeat says which version there is, so that nobody can hold a newer one back unnoticed.
  await server.hearEvents();
  const acknowledgement = decodeDatagram((await product.heartbeat()).rawPayload);
  assert.ok(acknowledgement.type === 'heartbeat-acknowledgement');
  assert.equal(acknowledgement.catalogueVersion, catalogue.versions.snapshot);
});

test('files are for products, by paths of a repository, and in parts', async (t) => {
  const bench = await startBench(t);
  const { server } = bench;
  await bench.publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  await download(bench);
  const url = '/mcp/v1/components/metadata/timestamp.json';
  assert.equal((await server.call({ url })).statusCode, 401);
  assert.equal((await server.call({ url }, server.actAs())).statusCode, 401);
  const product = server.actAsProduct(7);
  const whole = await server.call({ url }, product);
  assert.equal(whole.statusCode, 200);
  const part = await server.call(
    { url, headers: { range: 'bytes=1-3', 'if-range': String(whole.headers.etag) } },
    product,
  );
  assert.deepEqual([part.statusCode, part.body], [206, whole.body.slice(1, 4)]);
  for (const other of [
    'metadata',
    'metadata/none.json',
    '..%2fclient%2froot.json',
    'metadata/..%2f..%2fclient%2froot.json',
    '%2e%2e/client/root.json',
  ]) {
    const answer = await server.call({ url: `/mcp/v1/components/${other}` }, product);
    assert.equal(answer.statusCode, 404, other);
    assert.match(answer.json<{ code: string }>().code, /^(COMPONENT_FILE|ROUTE)_NOT_FOUND$/);
  }
});

test('a newer release takes the place of the one before; what went is gone after the next', async (t) => {
  const bench = await startBench(t);
  const { server, publisher, home } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  await download(bench);
  await publisher.publish('virus-patterns', 2, 'one\ntwo\n');
  await publisher.publish('spam-rules', 5, 'rules');
  assert.equal((await download(bench)).newReleases, 2);
  assert.equal((await download(bench)).newReleases, 0);
  const { releases } = await callApi(server, getComponent, { params: { componentId: 'virus-patterns' } });
  assert.deepEqual(
    releases.map(({ release }) => release),
    [2, 1],
  );
  await writeFile(path.join(home, 'repository', 'metadata', 'planted.json'), '{}');
  await download(bench);
  const metadata = await readdir(path.join(home, 'repository', 'metadata'));
  assert.ok(!metadata.includes('planted.json'));
  assert.ok(!metadata.some((name) => name.endsWith('.partial')));
  assert.equal(metadata.filter((name) => name.endsWith('.targets.json')).length, 1);
});

test('what was changed on the way is not served, and what was served before still is', async (t) => {
  const bench = await startBench(t);
  const { server, publisher, home } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  await download(bench);
  const served = path.join(home, 'repository', 'metadata', 'timestamp.json');
  const before = await readFile(served, 'utf8');
  await publisher.publish('virus-patterns', 2, 'one\ntwo\n');
  const targets = await readdir(path.join(publisher.folder, 'targets'), { recursive: true });
  const changed = targets.find((name) => name.includes('/2/') && name.endsWith('.full'));
  assert.ok(changed !== undefined);
  await writeFile(path.join(publisher.folder, 'targets', changed), 'one\nTWO\n');
  const failed = await download(bench);
  assert.equal(failed.errorCode, 'TARGET_WRONG');
  assert.equal(await readFile(served, 'utf8'), before);
  const { components } = await callApi(server, listComponents);
  assert.equal(components[0]?.release, 1);
});

test('what has come in part lies outside what is served, and is gone on with', async (t) => {
  const bench = await startBench(t);
  const { home, publisher } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  const targets = path.join(publisher.folder, 'targets');
  const names = await readdir(targets, { recursive: true });
  const full = names.find((name) => name.endsWith('.full')) ?? '';
  await writeFile(path.join(targets, full), 'on');
  assert.equal((await download(bench)).errorCode, 'SOURCE_UNREACHABLE');
  const listHome = async (name: string): Promise<string[]> =>
    await readdir(path.join(home, name), { recursive: true }).catch(() => []);
  assert.deepEqual(await listHome('repository'), []);
  const sha256 = path.basename(full, '.full');
  assert.deepEqual(await listHome('incoming'), [`${sha256}.partial`]);
  await writeFile(path.join(targets, full), 'one\n');
  // The one that waits for its next attempt is run.
  bench.server.clock.advance(3_600_000);
  assert.equal((await download(bench)).state, 'succeeded');
  assert.ok((await listHome('repository')).includes(path.join('targets', full)));
  assert.deepEqual(await listHome('incoming'), []);
});

test('a link in the folder of a source is not read, wherever it leads', async (t) => {
  const bench = await startBench(t);
  await bench.publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  const targets = path.join(bench.publisher.folder, 'targets');
  const names = await readdir(targets, { recursive: true });
  const full = path.join(targets, names.find((name) => name.endsWith('.full')) ?? '');
  // What is behind it is the very file: nothing but the link stands against it.
  await rename(full, path.join(folder, 'elsewhere'));
  await symlink(path.join(folder, 'elsewhere'), full);
  assert.equal((await download(bench)).errorCode, 'TARGET_MISSING');
});

test('a root that another key has signed is not followed', async (t) => {
  const bench = await startBench(t);
  await bench.publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  const other = await makeTestRepository(t, bench.server.clock);
  await other.publish('virus-patterns', 9, 'evil');
  const { sources } = await callApi(bench.server, listComponentSources);
  const [source] = sources;
  assert.ok(source !== undefined);
  await callApi(bench.server, changeComponentSource, {
    params: { sourceId: source.id },
    body: { revision: 1, address: other.folder },
  });
  const failed = await download(bench);
  assert.equal(failed.errorCode, 'METADATA_UNSIGNED');
  assert.deepEqual((await callApi(bench.server, listComponents)).components, []);
});

test('a source that is away is passed over, and a download that fails waits for its next attempt', async (t) => {
  const bench = await startBench(t);
  const { server, publisher } = bench;
  const web = createServer((_, response) => response.writeHead(503).end());
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  t.after(() => web.close());
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
  const body = { ...plain, name: 'Web', kind: 'web', address } as const;
  const { id: webId } = await callApi(server, createComponentSource, { body });
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  assert.equal((await download(bench)).sourceName, 'Drive');
  const { sources } = await callApi(server, listComponentSources);
  const drive = sources.find(({ id }) => id !== webId);
  await callApi(server, removeComponentSource, { params: { sourceId: drive?.id ?? '' } });
  const waiting = await download(bench);
  assert.equal(waiting.state, 'waiting');
  assert.match(waiting.error ?? '', /room|reached|broke/);
  const again = await callApi(server, startComponentDownload, {});
  assert.equal(again.id, waiting.id, 'the one that waits is the answer');
});

test('a root is trusted once, only as it was shown, and only by whoever may', async (t) => {
  const bench = await startBench(t);
  const { server } = bench;
  const { id: sourceId } = await addFolder(bench);
  const params = { sourceId };
  const wrong = { params, body: { fingerprint: '0'.repeat(64) } };
  assert.equal(await refusalOf(server, trustComponentSource, wrong), 'COMPONENT_ROOT_CHANGED');
  const { fingerprint } = await callApi(server, lookAtComponentSource, { params });
  const right = { params, body: { fingerprint } };
  const viewer = server.actAs({ permissions: ['components:read'] });
  assert.equal(await refusalOf(server, trustComponentSource, { ...right, as: viewer }), 'PERMISSION_DENIED');
  await callApi(server, trustComponentSource, right);
  assert.equal(await refusalOf(server, trustComponentSource, right), 'COMPONENT_ROOT_TRUSTED_ALREADY');
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: fingerprint } });
  assert.deepEqual(
    entries.map(({ action }) => action),
    ['component-repository.trusted'],
  );
});

test('a source that offers no root, or does not answer, says why', async (t) => {
  const { server } = await startBench(t);
  const empty = await mkdtemp(path.join(folder, 'empty-'));
  for (const [kind, address] of [
    ['folder', empty],
    ['web', 'http://127.0.0.1:9/'],
  ] as const) {
    const body = { ...plain, name: kind, kind, address };
    const { id: sourceId } = await callApi(server, createComponentSource, { body });
    assert.equal(
      await refusalOf(server, lookAtComponentSource, { params: { sourceId } }),
      'COMPONENT_SOURCE_UNUSABLE',
    );
  }
});

test('passwords are sealed, never told, and go to no other address', async (t) => {
  const { server } = await startBench(t);
  const seen: (string | undefined)[] = [];
  const web = createServer((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  t.after(() => web.close());
  const address = `http://127.0.0.1:${(web.address() as AddressInfo).port}/`;
  const created = await callApi(server, createComponentSource, {
    body: { ...plain, name: 'Web', kind: 'web', address, userName: 'al', password: 'secret-word' },
  });
  assert.equal(created.hasPassword, true);
  assert.ok(!JSON.stringify(created).includes('secret-word'));
  const params = { sourceId: created.id };
  await refusalOf(server, lookAtComponentSource, { params });
  assert.deepEqual(seen, [`Basic ${Buffer.from('al:secret-word').toString('base64')}`]);
  const rows = await server.database.db.selectFrom('component_source').selectAll().execute();
  assert.ok(!JSON.stringify(rows).includes(Buffer.from('secret-word').toString('hex')));
  assert.ok(!String(rows[0]?.sealed_password).includes('secret-word'));

  const renamed = await callApi(server, changeComponentSource, {
    params,
    body: { revision: 1, name: 'Web folder' },
  });
  assert.equal(renamed.hasPassword, true);
  const moved = await callApi(server, changeComponentSource, {
    params,
    body: { revision: 2, address: `${address}elsewhere/` },
  });
  assert.equal(moved.hasPassword, false);
  const stale = { params, body: { revision: 2, name: 'x' } };
  assert.equal(await refusalOf(server, changeComponentSource, stale), 'COMPONENT_SOURCE_CHANGED');
});

test('addresses that are none, and names that are taken, are refused', async (t) => {
  const { server } = await startBench(t);
  const web = { ...plain, name: 'Web', kind: 'web' } as const;
  for (const address of [
    'ftp://example.org/',
    'https://a:b@example.org/',
    'https://example.org/?x=1',
    'example.org',
  ])
    assert.equal(
      await refusalOf(server, createComponentSource, { body: { ...web, address } }),
      'COMPONENT_SOURCE_ADDRESS_INVALID',
      address,
    );
  const address = 'https://example.org/repository';
  const proxied = { ...web, address, proxy: 'http://proxy:3128/path' };
  assert.equal(
    await refusalOf(server, createComponentSource, { body: proxied }),
    'COMPONENT_SOURCE_ADDRESS_INVALID',
  );
  const { address: stored } = await callApi(server, createComponentSource, { body: { ...web, address } });
  assert.equal(stored, 'https://example.org/repository/');
  assert.equal(
    await refusalOf(server, createComponentSource, { body: { ...web, name: 'WEB', address } }),
    'COMPONENT_SOURCE_NAME_TAKEN',
  );
});

test('devices are counted by what they said last, and each shows its own', async (t) => {
  const bench = await startBench(t);
  const { server, publisher } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  await download(bench);
  await publisher.publish('virus-patterns', 2, 'one\ntwo\n');
  await publisher.publish('virus-patterns', 3, 'one\ntwo\nthree\n');
  await download(bench);
  const token = await createTestToken(server);
  const products: TestProduct[] = [];
  for (const name of ['desk-1', 'desk-2', 'desk-3', 'desk-4'])
    products.push(await new TestProduct(server, { name }).join(token));
  const report = async (product: TestProduct | undefined, components: readonly object[]): Promise<number> => {
    const request = { method: 'PUT', url: mcpPath.componentStates, payload: { components } } as const;
    return (await server.call(request, product?.bearer)).statusCode;
  };
  const [first, second, third, fourth] = products;
  const it = { component: 'virus-patterns', changedAt: server.clock.now() };
  const failed = { ...it, release: 2, state: 'failed', code: 'TARGET_WRONG', reason: 'It is damaged.' };
  assert.equal(await report(first, [{ ...it, release: 3, state: 'up-to-date' }]), 200);
  assert.equal(await report(second, [{ ...it, release: 1, state: 'behind', version: '1.0' }]), 200);
  assert.equal(await report(third, [failed]), 200);
  // Its clock is a year ahead.
  assert.equal(await report(fourth, [{ ...it, state: 'behind', changedAt: it.changedAt + 3e10 }]), 200);
  const { components } = await callApi(server, listComponents);
  assert.deepEqual(components[0]?.devices, { upToDate: 1, behind: 3, failed: 1 });
  const device = await server.database.db
    .selectFrom('device')
    .select('id')
    .where('product_number', '=', third?.registered?.productNumber ?? 0)
    .executeTakeFirstOrThrow();
  const listed = await callApi(server, listDeviceComponents, { params: { deviceId: device.id } });
  assert.deepEqual(
    listed.components.map(({ changedAt: _changedAt, title: _title, kind: _kind, ...rest }) => rest),
    [
      {
        componentId: 'virus-patterns',
        release: 2,
        version: '2.0',
        state: 'failed',
        behindBy: 1,
        code: 'TARGET_WRONG',
        reason: 'It is damaged.',
      },
    ],
  );
  // What it does not name any more, it does not have any more.
  assert.equal(await report(second, []), 200);
  assert.deepEqual((await callApi(server, listComponents)).components[0]?.devices, {
    upToDate: 1,
    behind: 2,
    failed: 1,
  });
  for (const bad of [
    [{ ...it, component: '../x', state: 'behind' }],
    [{ ...it, state: 'perfect' }],
    [{ ...it, state: 'behind', release: 0 }],
    [failed, failed],
  ])
    assert.equal(await report(first, bad), 400);
  const { components: after } = await callApi(server, listComponents);
  assert.equal(after[0]?.devices.upToDate, 1, 'what is refused changes nothing');
});

test('downloads begin by themselves when they are due, once, and not while it is turned off', async (t) => {
  const bench = await startBench(t);
  const { server, publisher } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await server.ticks.run('components.schedule');
  assert.deepEqual(
    (await callApi(server, listComponentDownloads)).downloads,
    [],
    'nobody has said from where',
  );
  await trust(bench);
  const tick = async (): Promise<number> => {
    await server.ticks.run('components.schedule');
    await server.ticks.run('jobs.turn');
    await server.app.jobs.settled();
    return (await callApi(server, listComponentDownloads)).downloads.length;
  };
  assert.equal(await tick(), 1);
  assert.equal(await tick(), 1);
  const { downloads } = await callApi(server, listComponentDownloads);
  assert.deepEqual([downloads[0]?.requestedBy, downloads[0]?.state], ['Schedule', 'succeeded']);
  server.clock.advance(61 * 60_000);
  assert.equal(await tick(), 2);
  const { revision, lastAt } = await callApi(server, getComponentSchedule);
  assert.deepEqual([revision, lastAt], [0, new Date(server.clock.now()).toISOString()]);
  const off = { isEnabled: false, everyMinutes: 60, startTime: null, hours: null };
  await callApi(server, setComponentSchedule, { body: { ...off, revision } });
  server.clock.advance(24 * 3_600_000);
  assert.equal(await tick(), 2);
  const stale = { body: { ...off, revision } };
  assert.equal(await refusalOf(server, setComponentSchedule, stale), 'COMPONENT_SCHEDULE_CHANGED');
  const odd = { body: { ...off, startTime: '03:30', revision: 1 } };
  assert.equal(await refusalOf(server, setComponentSchedule, odd), 'COMPONENT_SCHEDULE_INVALID');
  const never = { timeZone: 'Europe/Berlin', week: Array.from({ length: 7 }, () => '0'.repeat(24)) };
  const idle = { body: { ...off, hours: never, revision: 1 } };
  assert.equal(await refusalOf(server, setComponentSchedule, idle), 'COMPONENT_SCHEDULE_INVALID');
});

test('the server renews a folder with a key of its own, once its publisher has named it', async (t) => {
  const bench = await startBench(t);
  const { server, publisher, home } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  await trust(bench);
  await download(bench);
  const { sources } = await callApi(server, listComponentSources);
  const params = { sourceId: sources[0]?.id ?? '' };
  const { publicKey } = await callApi(server, makeComponentSourceKey, { params });
  assert.match(publicKey ?? '', /^-----BEGIN PUBLIC KEY-----/);
  const rows = await server.database.db.selectFrom('component_source').selectAll().execute();
  assert.ok(!String(rows[0]?.sealed_key).includes('PRIVATE KEY'));

  const file = path.join(publisher.folder, 'metadata', 'timestamp.json');
  const before = await readFile(file, 'utf8');
  await server.jobs.run('components.renew');
  assert.equal(await readFile(file, 'utf8'), before, 'the root does not name the key yet');

  await publisher.nameOnline(parsePublicPem(publicKey ?? ''));
  await download(bench);
  const expiresAt = async (): Promise<number> =>
    Date.parse((await callApi(server, listComponents)).repository?.expiresAt ?? '');
  const first = await expiresAt();
  server.clock.advance(30 * 3_600_000);
  await server.jobs.run('components.renew');
  await server.ticks.run('jobs.turn');
  await server.app.jobs.settled();
  const { downloads } = await callApi(server, listComponentDownloads);
  assert.deepEqual([downloads[0]?.requestedBy, downloads[0]?.state], ['Renewal', 'succeeded']);
  assert.ok((await expiresAt()) - first >= 24 * 3_600_000);
  assert.equal(
    await readFile(path.join(home, 'repository', 'metadata', 'timestamp.json'), 'utf8'),
    await readFile(file, 'utf8'),
  );
});

test('a folder that cannot be renewed keeps no other from it, and is told of', async (t) => {
  const bench = await startBench(t);
  const { server, publisher } = bench;
  await publisher.publish('virus-patterns', 1, 'one\n');
  const gone = await makeTestRepository(t, server.clock);
  const away = { ...bench, publisher: gone };
  const { id: goneId } = await addFolder(away, 'Away');
  await callApi(server, makeComponentSourceKey, { params: { sourceId: goneId } });
  const { id: sourceId } = await addFolder(bench);
  const params = { sourceId };
  const { publicKey } = await callApi(server, makeComponentSourceKey, { params });
  await publisher.nameOnline(parsePublicPem(publicKey ?? ''));
  const { fingerprint } = await callApi(server, lookAtComponentSource, { params });
  await callApi(server, trustComponentSource, { params, body: { fingerprint } });
  await rm(gone.folder, { recursive: true });
  const file = path.join(publisher.folder, 'metadata', 'timestamp.json');
  const before = await readFile(file, 'utf8');
  await assert.rejects(server.jobs.run('components.renew'), /REPOSITORY_UNWRITABLE/);
  assert.notEqual(await readFile(file, 'utf8'), before);
  const { downloads } = await callApi(server, listComponentDownloads);
  assert.deepEqual(
    downloads.map(({ requestedBy }) => requestedBy),
    ['Renewal'],
  );
});

test('a key is made for folders alone, and is gone with another folder', async (t) => {
  const bench = await startBench(t);
  const { server } = bench;
  const web = { ...plain, name: 'Web', kind: 'web', address: 'https://example.org/' } as const;
  const { id: webId } = await callApi(server, createComponentSource, { body: web });
  const ofWeb = { params: { sourceId: webId } };
  assert.equal(await refusalOf(server, makeComponentSourceKey, ofWeb), 'COMPONENT_SOURCE_NOT_WRITTEN');
  const { id: sourceId } = await addFolder(bench);
  const params = { sourceId };
  const { revision } = await callApi(server, makeComponentSourceKey, { params });
  const moved = { params, body: { revision, address: '/somewhere/else' } };
  assert.equal((await callApi(server, changeComponentSource, moved)).publicKey, null);
});

test('what is set bounds how fast a product gets its files, also after a restart', async (t) => {
  const bench = await startBench(t);
  const { server } = bench;
  await bench.publisher.publish('virus-patterns', 1, 'x'.repeat(200_000));
  await trust(bench);
  await download(bench);
  const body = { allPerSecond: null, eachPerSecond: 400_000, revision: 0 };
  await callApi(server, setComponentRates, { body });
  assert.equal(await refusalOf(server, setComponentRates, { body }), 'COMPONENT_RATES_CHANGED');
  const again = await server.restart();
  t.after(() => again.close());
  assert.equal((await callApi(again, getComponentRates)).eachPerSecond, 400_000);
  const targets = path.join(bench.home, 'repository', 'targets');
  const names = await readdir(targets, { recursive: true });
  const full = names.find((name) => name.endsWith('.full')) ?? '';
  const fetch = async (): Promise<number> => {
    const begunAt = performance.now();
    const url = `/mcp/v1/components/targets/${full}`;
    const answer = await again.call({ url }, again.actAsProduct(7));
    assert.equal(answer.rawPayload.length, 200_000);
    return performance.now() - begunAt;
  };
  // The clock of the test stands still, so that each piece waits for all before it.
  assert.ok((await fetch()) >= 250);
});
