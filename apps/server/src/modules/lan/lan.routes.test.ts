import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createGroup,
  getGroupUpdateSettings,
  type Group,
  listAuditEntries,
  listLanSegments,
  updateGroupUpdateSettings,
} from '@holdfast/api';
import { type ComponentStatesAnswer, type LanReport, type LanTerms, mcpPath } from '@holdfast/protocol';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { LAN_SECRET_PERIOD_MS } from './lan-secrets.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

let made = 0;
async function makeGroup(parentId: string = TOP_GROUP_ID): Promise<Group> {
  made += 1;
  return await callApi(server, createGroup, { body: { parentId, name: `Group ${made}` } });
}

async function join(groupId: string, address = ''): Promise<TestProduct> {
  made += 1;
  const product = await new TestProduct(server, { name: `pc-${made}` }).join(
    await createTestToken(server, { groupId }),
  );
  if (address !== '') {
    const key = address.split('.').map((octet) => Number(octet).toString(16).padStart(2, '0'));
    await server.database.db
      .updateTable('device')
      .set({ address, address_key: `4${key.join('')}` })
      .where('product_number', '=', product.productNumber)
      .execute();
  }
  return product;
}

async function report(product: TestProduct, lan?: LanReport): Promise<LanTerms | undefined> {
  const answer = await server.call(
    { method: 'PUT', url: mcpPath.componentStates, payload: { components: [], ...(lan && { lan }) } },
    product.bearer,
  );
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<ComponentStatesAnswer>().lan;
}

const nothing = { fromServerBytes: 0, fromLanBytes: 0 };

test('agents of one organisation are told one secret, and what their groups say of updates', async () => {
  const site = await makeGroup();
  const room = await makeGroup(site.id);
  const [one, other] = [await join(site.id), await join(room.id)];
  const before = await report(one);
  assert.ok(before !== undefined);
  assert.deepEqual(
    { ...before, secrets: before.secrets.length },
    {
      secrets: 3,
      activeAgent: 'automatic',
      windowMs: 900_000,
      maxUploads: 5,
      uploadBytesPerSecond: 0,
      cacheBytes: 2_000_000_000,
      hints: [],
    },
  );
  assert.deepEqual((await report(other))?.secrets, before.secrets);

  await callApi(server, updateGroupUpdateSettings, {
    params: { groupId: site.id },
    body: { revision: 0, own: { windowMinutes: 0, activeAgent: 'never' }, locked: ['activeAgent'] },
  });
  await callApi(server, updateGroupUpdateSettings, {
    params: { groupId: room.id },
    body: { revision: 0, own: { maxUploads: 2 } },
  });
  const told = await report(other);
  assert.deepEqual([told?.windowMs, told?.activeAgent, told?.maxUploads], [0, 'never', 2]);
  const seen = await callApi(server, getGroupUpdateSettings, { params: { groupId: room.id } });
  assert.deepEqual(
    [
      seen.effective.activeAgent,
      seen.lockedBy.activeAgent?.group?.groupId,
      seen.origins.windowMinutes?.groupId,
    ],
    ['never', site.id, site.id],
  );
  const { entries } = await callApi(server, listAuditEntries, {
    query: { action: 'update-settings.changed' },
  });
  assert.equal(entries.length, 2);
});

test('what a group above locks, a value out of its bounds and an old revision are refused', async () => {
  const site = await makeGroup();
  const room = await makeGroup(site.id);
  const change = async (groupId: string, body: object) =>
    await refusalOf(server, updateGroupUpdateSettings, {
      params: { groupId },
      body: { revision: 0, own: {}, ...body },
    });
  await callApi(server, updateGroupUpdateSettings, {
    params: { groupId: site.id },
    body: { revision: 0, own: { maxUploads: 3 }, locked: ['maxUploads'] },
  });
  assert.equal(await change(room.id, { own: { maxUploads: 9 } }), 'GROUP_SETTING_LOCKED');
  assert.equal(await change(site.id, { own: { maxUploads: 4 } }), 'UPDATE_SETTINGS_CHANGED');
  assert.equal(await change(room.id, { own: { maxUploads: 0 } }), 'REQUEST_INVALID');
  assert.equal(await change(room.id, { own: { windowMinutes: 1_441 } }), 'REQUEST_INVALID');
  assert.equal(await change(room.id, { locked: ['maxUploads'] }), 'GROUP_SETTING_LOCK_EMPTY');
});

test('others of the same network are hints: of the own group first, and nobody of another network', async () => {
  const [site, elsewhere] = [await makeGroup(), await makeGroup()];
  const own = await join(site.id, '198.51.100.7');
  await join(site.id, '198.51.100.9');
  await join(elsewhere.id, '198.51.100.200');
  await join(site.id, '198.51.101.9');
  await join(site.id, '198.51.100.7');
  assert.deepEqual((await report(own))?.hints.toSorted(), ['198.51.100.200', '198.51.100.9']);
});

test('a secret of now is that of the next period before it comes, and another one after two', async () => {
  const product = await join((await makeGroup()).id);
  const first = await report(product);
  server.clock.advance(LAN_SECRET_PERIOD_MS);
  assert.equal((await product.shakeHands()).statusCode, 200);
  const second = await report(product);
  assert.equal(first?.secrets[1], second?.secrets[0]);
  server.clock.advance(LAN_SECRET_PERIOD_MS);
  assert.equal((await product.shakeHands()).statusCode, 200);
  assert.equal(first?.secrets.includes((await report(product))?.secrets[0] ?? ''), false);
});

test('LANs are listed with their Active Agents and what was fetched from whom, as far as one may see their devices', async () => {
  const [mine, theirs] = [await makeGroup(), await makeGroup()];
  const [leader, member, stranger] = [await join(mine.id), await join(mine.id), await join(theirs.id)];
  const network = '203.0.113.0/24';
  const segments = [{ network, activeProduct: leader.productNumber }];
  await report(leader, { segments, fromServerBytes: 500, fromLanBytes: 0 });
  await report(member, { segments, fromServerBytes: 20, fromLanBytes: 480 });
  await report(stranger, { segments, fromServerBytes: 7, fromLanBytes: 70 });
  const listed = async (as = server.actAs()) => await callApi(server, listLanSegments, { as });
  const find = ({ segments: all }: Awaited<ReturnType<typeof listed>>) =>
    all.filter((one) => one.network === network);

  const [all] = find(await listed());
  assert.deepEqual(
    [all?.deviceCount, all?.activeProduct, all?.fromServerBytes, all?.fromLanBytes],
    [3, leader.productNumber, 527, 550],
  );
  assert.match(all?.activeAgent?.deviceName ?? '', /^pc-/u);

  const [own] = find(
    await listed(server.actAs({ permissions: ['directory:read'], scope: new Set([mine.id]) })),
  );
  assert.deepEqual([own?.deviceCount, own?.fromServerBytes, own?.fromLanBytes], [2, 520, 480]);
  const other = await listed(server.actAs({ permissions: ['directory:read'], scope: new Set([theirs.id]) }));
  assert.deepEqual(
    find(other).map(({ deviceCount, activeAgent }) => [deviceCount, activeAgent]),
    [[1, null]],
  );
  assert.deepEqual(other.traffic, { fromServerBytes: 7, fromLanBytes: 70 });

  // What a product says takes the place of what it said.
  await report(member, { segments: [{ network: '203.0.114.0/24' }], fromServerBytes: 21, fromLanBytes: 480 });
  const [left] = find(await listed());
  assert.equal(left?.deviceCount, 2);
  await report(member, { segments: [], ...nothing });
});

test('pages of LANs follow each other without a gap', async () => {
  const product = await join((await makeGroup()).id);
  const networks = Array.from({ length: 5 }, (_, index) => `10.9.${index}.0/24`);
  await report(product, { segments: networks.map((network) => ({ network })), ...nothing });
  const seen: string[] = [];
  let cursor: string | null | undefined;
  do {
    const query: { limit: number; cursor?: string } = { limit: 2, ...(cursor ? { cursor } : {}) };
    const page = await callApi(server, listLanSegments, { query });
    seen.push(...page.segments.map(({ network }) => network));
    cursor = page.nextCursor;
  } while (cursor !== null);
  assert.deepEqual(
    seen.filter((network) => network.startsWith('10.9.')),
    networks,
  );
  assert.deepEqual(seen, seen.toSorted());
  assert.equal(await refusalOf(server, listLanSegments, { query: { cursor: 'AAAA' } }), 'CURSOR_INVALID');
});
