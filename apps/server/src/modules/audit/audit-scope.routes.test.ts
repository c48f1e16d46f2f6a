/** What a reader of some groups learns from entries about objects elsewhere: nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  type AuditEntry,
  moveDevices,
  moveGroup,
  createGroup,
  listAuditEntries,
  planDeviceMove,
  planGroupMove,
} from '@holdfast/api';
import { inTransaction } from '../../platform/database/index.ts';
import { callApi } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let north: string;
let south: string;
let northDevice: string;
let southDevice: string;

async function makeGroup(name: string, parentId = TOP_GROUP_ID): Promise<string> {
  return (await callApi(server, createGroup, { body: { parentId, name } })).id;
}

async function join(groupId: string, name: string): Promise<string> {
  const product = new TestProduct(server, { name, hardwareId: 'one-hardware' });
  await product.join(await createTestToken(server, { groupId }));
  return product.registered?.deviceId ?? '';
}

/** What somebody reads who may read the log in these groups, and its text. */
async function read(...groupIds: string[]): Promise<{ entries: readonly AuditEntry[]; text: string }> {
  const as = server.actAs(
    groupIds.length === 0 ? {} : { permissions: ['audit:read'], scope: new Set(groupIds) },
  );
  const { entries } = await callApi(server, listAuditEntries, { as });
  return { entries, text: JSON.stringify(entries) };
}

function find(entries: readonly AuditEntry[], action: string, objectId: string): AuditEntry {
  const entry = entries.find((one) => one.action === action && one.objectId === objectId);
  assert.ok(entry !== undefined, `no ${action} of ${objectId}`);
  return entry;
}

before(async () => {
  server = await startTestServer();
  north = await makeGroup('Narvik');
  south = await makeGroup('Sevilla');
  northDevice = await join(north, 'fjord');
  southDevice = await join(south, 'plaza');
});
after(() => server.close());

test('which other record shows the same hardware is told to who may see that record', async () => {
  const everything = find((await read()).entries, 'product.registered', southDevice);
  assert.equal(everything.details['sameHardwareAs'], northDevice);
  const both = find((await read(north, south)).entries, 'product.registered', southDevice);
  assert.equal(both.details['sameHardwareAs'], northDevice);
  const { entries, text } = await read(south);
  assert.ok(!('sameHardwareAs' in find(entries, 'product.registered', southDevice).details));
  assert.ok(!text.includes(northDevice));
});

test('where a device came from and went to is told to who may see those groups', async () => {
  const target = { deviceIds: [southDevice], groupId: north };
  const { planToken } = await callApi(server, planDeviceMove, { body: target });
  await callApi(server, moveDevices, { body: { ...target, planToken } });
  const { details } = find((await read()).entries, 'device.moved', southDevice);
  assert.deepEqual([details['from'], details['to']], [['Sevilla'], ['Narvik']]);
  const seen = await read(south);
  assert.deepEqual(find(seen.entries, 'device.moved', southDevice).details, { from: ['Sevilla'] });
  assert.ok(!seen.text.includes('Narvik'));
});

test('the same of a group', async () => {
  const inner = await makeGroup('Triana', south);
  const body = { parentId: north };
  const { planToken } = await callApi(server, planGroupMove, { params: { groupId: inner }, body });
  await callApi(server, moveGroup, { params: { groupId: inner }, body: { ...body, planToken } });
  const { details } = find((await read(north, south)).entries, 'group.moved', inner);
  assert.deepEqual(details['from'], ['Sevilla', 'Triana']);
  const seen = await read(north);
  assert.ok(!('from' in find(seen.entries, 'group.moved', inner).details));
  assert.ok(!JSON.stringify(find(seen.entries, 'group.moved', inner)).includes('Sevilla'));
});

test('entries from before such facts were kept apart tell a reader with a scope nothing of them either', async () => {
  const { platform } = server.app;
  await inTransaction(platform.database, async (transaction) => {
    const object = {
      objectKind: 'device',
      objectId: southDevice,
      objectName: 'plaza',
      scopeGroupId: south,
    } as const;
    await platform.recordAuditEntry(transaction, { kind: 'system', name: 'Former' }, [
      { ...object, action: 'product.registered', details: { token: 'x', sameHardwareAs: northDevice } },
      { ...object, action: 'device.moved', details: { from: ['Sevilla'], to: ['Tromsø'] } },
    ]);
  });
  const { entries, text } = await read(south);
  const former = entries.filter(({ actorName }) => actorName === 'Former').map(({ details }) => details);
  assert.deepEqual(former, [{}, { token: 'x' }]);
  assert.ok(!text.includes('Tromsø'));
  const whole = (await read()).entries.filter(({ actorName }) => actorName === 'Former');
  assert.deepEqual(whole[0]?.details, { from: ['Sevilla'], to: ['Tromsø'] });
  assert.equal(whole[1]?.details['sameHardwareAs'], northDevice);
});
