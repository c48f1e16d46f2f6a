import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type DeviceSummary,
  getDevice,
  getDirectorySummary,
  listDevices,
  type QueryOf,
  removeDevice,
} from '@holdfast/api';
import { sql } from 'kysely';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

/** Six devices: encrypted, not, and unknown in turn; the last of them with an older agent. */
async function makeFleet(): Promise<{ groupId: string; ids: readonly string[] }> {
  const groupId = await makeTestGroup(server);
  const fleet = await insertFleet(server, { count: 6, groupId });
  const ids = fleet.map((device) => device.id);
  for (const [index, id] of ids.entries()) {
    await sql`update device set is_encrypted = ${[true, false, null][index % 3] ?? null},
      agent_version = ${index === 5 ? '0.9.0' : '1.0.0'} where id = ${id}`.execute(server.database.db);
  }
  return { groupId, ids };
}

async function matching(query: QueryOf<typeof listDevices>): Promise<readonly string[]> {
  const { devices, count } = await callApi(server, listDevices, { query });
  assert.deepEqual(count, { value: devices.length, isExact: true });
  return devices.map((device: DeviceSummary) => device.id).toSorted();
}

test('filters by encryption and by agent version, alone and together, in every order', async () => {
  const { groupId, ids } = await makeFleet();
  const at = (...indexes: number[]) => indexes.map((index) => ids[index] ?? '').toSorted();
  for (const sort of ['name', 'system', 'address', 'last-seen', 'registered'] as const) {
    const query = { groupId, sort };
    assert.deepEqual(await matching({ ...query, encryption: 'encrypted' }), at(0, 3), sort);
    assert.deepEqual(await matching({ ...query, encryption: 'not-encrypted' }), at(1, 4), sort);
    assert.deepEqual(await matching({ ...query, encryption: 'unknown' }), at(2, 5), sort);
    assert.deepEqual(await matching({ ...query, agentVersion: '0.9.0' }), at(5), sort);
    assert.deepEqual(await matching({ ...query, agentVersion: '1.0' }), [], sort);
    const both = { ...query, encryption: 'unknown', agentVersion: '1.0.0' } as const;
    assert.deepEqual(await matching(both), at(2), sort);
  }
});

test('an encryption that is none and an empty version are refused', async () => {
  for (const query of [{ encryption: 'maybe' }, { agentVersion: '' }, { agentVersion: 'a\0b' }]) {
    const refused = await refusalOf(server, listDevices, { query: query as QueryOf<typeof listDevices> });
    assert.equal(refused, 'REQUEST_INVALID');
  }
});

test('the summary counts what each filter would show', async () => {
  const { groupId } = await makeFleet();
  const summary = await callApi(server, getDirectorySummary, { query: { groupId } });
  assert.deepEqual(summary.encryption, { encrypted: 2, notEncrypted: 2, unknown: 2 });
  assert.deepEqual(summary.byAgentVersion, [
    { version: '1.0.0', count: 5 },
    { version: '0.9.0', count: 1 },
  ]);
  assert.equal(summary.byStatus['offline'], 6);
});

test('online devices are those that are nothing else, in lists and counts', async () => {
  const groupId = await makeTestGroup(server);
  const token = await createTestToken(server, { groupId });
  const product = await new TestProduct(server, { name: 'alive' }).join(token);
  await product.heartbeat();
  await insertFleet(server, { count: 2, groupId });
  assert.deepEqual(await matching({ groupId, status: 'online' }), [product.registered?.deviceId]);
  const { byStatus } = await callApi(server, getDirectorySummary, { query: { groupId } });
  assert.equal(byStatus['online'], 1);
  assert.equal(byStatus['offline'], 2);
});

test('two records of one computer name each other, each with when the other was last seen', async () => {
  const groupId = await makeTestGroup(server);
  const token = await createTestToken(server, { groupId });
  const hardwareId = 'serial-4711';
  const before = await new TestProduct(server, { name: 'before', hardwareId }).join(token);
  await before.heartbeat();
  server.clock.advance(60_000);
  const again = await new TestProduct(server, { name: 'again', hardwareId }).join(token);
  const [oldId, newId] = [before, again].map((product) => product.registered?.deviceId ?? '');
  const old = (await callApi(server, getDevice, { params: { deviceId: oldId ?? '' } })).device;
  assert.deepEqual(
    old.twins.map((twin) => [twin.deviceId, twin.name]),
    [[newId, 'again']],
  );
  const { devices } = await callApi(server, listDevices, { query: { groupId } });
  const [listed] = devices.filter((device) => device.id === newId);
  assert.deepEqual(
    listed?.twins.map((twin) => [twin.deviceId, twin.presence.lastSeenAt]),
    [[oldId, old.presence.lastSeenAt]],
  );
});

test('two records of one hardware say what contradicts that they are one computer', async () => {
  const groupId = await makeTestGroup(server);
  const token = await createTestToken(server, { groupId });
  const contradictionsOf = async (hardwareId: string, installations: readonly (string | undefined)[]) => {
    const products: TestProduct[] = [];
    for (const [index, installationId] of installations.entries()) {
      const own = installationId === undefined ? {} : { installationId };
      const product = await new TestProduct(server, {
        name: `${hardwareId}-${index}`,
        hardwareId,
        ...own,
      }).join(token);
      products.push(product);
      server.clock.advance(60_000);
    }
    const [product] = products;
    const deviceId = product?.registered?.deviceId ?? '';
    const read = async () =>
      (await callApi(server, getDevice, { params: { deviceId } })).device.twins.map(
        (twin) => twin.contradiction,
      );
    return { first: product, read };
  };
  const container = await contradictionsOf('hw-contra-1', ['host', 'container']);
  assert.deepEqual(await container.read(), ['installation']);
  const same = await contradictionsOf('hw-contra-2', ['one', 'one']);
  assert.deepEqual(await same.read(), [undefined]);
  const silent = await contradictionsOf('hw-contra-3', [undefined, undefined]);
  assert.deepEqual(await silent.read(), [undefined]);
  // The older one is heard again after the newer one came.
  await silent.first?.heartbeat();
  assert.deepEqual(await silent.read(), ['overlap']);
});

test('a search finds names whatever script and case they are typed in', async () => {
  const groupId = await makeTestGroup(server);
  const token = await createTestToken(server, { groupId });
  const ids = new Map<string, string>();
  for (const name of ['İSTANBUL-ı', 'Straße 7', 'ΣΊΣΥΦΟΣ', 'Muller', 'Müller']) {
    const product = await new TestProduct(server, { name }).join(token);
    ids.set(name, product.registered?.deviceId ?? '');
  }
  for (const [search, ...names] of [
    ['istanbul', 'İSTANBUL-ı'],
    ['ISTANBUL', 'İSTANBUL-ı'],
    ['strasse', 'Straße 7'],
    ['σίσυφος', 'ΣΊΣΥΦΟΣ'],
    ['MU\u0308LLER', 'Müller'],
  ] as const) {
    const found = await matching({ groupId, search });
    assert.deepEqual(found, names.map((name) => ids.get(name) ?? '').toSorted(), search);
  }
});

test('a record outside the scope, in the recycle bin, or without hardware is nobody’s twin', async () => {
  const mine = await makeTestGroup(server);
  const theirs = await makeTestGroup(server);
  const [own] = await insertFleet(server, { count: 1, groupId: mine });
  const [foreign] = await insertFleet(server, { count: 1, groupId: theirs });
  await insertFleet(server, { count: 2, groupId: mine });
  await sql`update device set hardware_id = 'serial-4712' where id in (${own?.id}, ${foreign?.id})`.execute(
    server.database.db,
  );
  const as = server.actAs({ scope: new Set([mine]) });
  const twinsOf = async (caller?: typeof as) =>
    (
      await callApi(server, listDevices, { query: { groupId: mine }, ...(caller ? { as: caller } : {}) })
    ).devices
      .flatMap((device) => device.twins)
      .map((twin) => twin.deviceId);
  assert.deepEqual(await twinsOf(), [foreign?.id]);
  assert.deepEqual(await twinsOf(as), []);
  await callApi(server, removeDevice, { params: { deviceId: foreign?.id ?? '' } });
  assert.deepEqual(await twinsOf(), []);
});
