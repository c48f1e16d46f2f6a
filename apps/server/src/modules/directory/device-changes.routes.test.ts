import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createGroup,
  getDevice,
  listAuditEntries,
  listDevices,
  listGroups,
  listRecycleBin,
  planDeviceAdmission,
  planDeviceRemoval,
  planGroupRemoval,
  removeDevices,
  removeGroup,
  restoreManyRecycled,
  setDeviceAdmission,
} from '@holdfast/api';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function makeDevices(count: number): Promise<{ groupId: string; ids: string[]; numbers: number[] }> {
  const groupId = await makeTestGroup(server);
  const fleet = await insertFleet(server, { count, groupId });
  return {
    groupId,
    ids: fleet.map((device) => device.id),
    numbers: fleet.map((device) => device.productNumber),
  };
}

async function idsIn(groupId: string): Promise<string[]> {
  const { devices } = await callApi(server, listDevices, { query: { groupId } });
  return devices.map((device) => device.id).toSorted();
}

async function removeAll(deviceIds: string[]) {
  const { planToken } = await callApi(server, planDeviceRemoval, { body: { deviceIds } });
  return (await callApi(server, removeDevices, { body: { deviceIds, planToken } })).items;
}

async function removeOne(groupId: string) {
  // No two removals at one instant.
  server.clock.advance(1);
  const params = { groupId };
  const { planToken } = await callApi(server, planGroupRemoval, { params });
  return await callApi(server, removeGroup, { params, body: { planToken } });
}

test('many devices go to the recycle bin as items of their own, and one call brings all of them back', async () => {
  const { groupId, ids } = await makeDevices(5);
  const leaving = ids.slice(0, 4);
  const plan = await callApi(server, planDeviceRemoval, { body: { deviceIds: leaving } });
  assert.equal(plan.deviceCount, 4);
  assert.match(plan.consequences.join(' '), /^4 devices go to the recycle bin/);
  const items = await removeAll(leaving);
  assert.equal(items.length, 4);
  assert.deepEqual(await idsIn(groupId), ids.slice(4));
  const binned = (await callApi(server, listRecycleBin)).items.map((item) => item.id);
  assert.ok(items.every((item) => binned.includes(item.id)));
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'device.removed' } });
  assert.deepEqual(
    entries
      .map((entry) => entry.objectId)
      .filter((id) => ids.includes(id))
      .toSorted(),
    leaving.toSorted(),
  );
  const restored = await callApi(server, restoreManyRecycled, {
    body: { itemIds: items.map((item) => item.id) },
  });
  assert.deepEqual(restored, { restoredCount: 4 });
  assert.deepEqual(await idsIn(groupId), ids.toSorted());
});

test('a device that is restored together with its group goes back into it, whichever was removed first', async () => {
  const { groupId, ids } = await makeDevices(3);
  const items = await removeAll(ids.slice(0, 2));
  const group = await removeOne(groupId);
  const itemIds = [...items.map((item) => item.id), group.id];
  await callApi(server, restoreManyRecycled, { body: { itemIds } });
  assert.deepEqual(await idsIn(groupId), ids.toSorted());
});

test('groups that are restored together lie in each other as before, though the inner one was removed first', async () => {
  const { groupId } = await makeDevices(1);
  const inner = await callApi(server, createGroup, { body: { parentId: groupId, name: 'Inner' } });
  const innermost = await callApi(server, createGroup, { body: { parentId: inner.id, name: 'Innermost' } });
  const device = await insertFleet(server, { count: 1, groupId: innermost.id });
  const removed = [await removeOne(innermost.id), await removeOne(inner.id), await removeOne(groupId)];
  await callApi(server, restoreManyRecycled, { body: { itemIds: removed.map(({ id }) => id) } });
  const { groups } = await callApi(server, listGroups);
  const parentOf = (id: string) => groups.find((group) => group.id === id)?.parentId;
  assert.deepEqual([parentOf(innermost.id), parentOf(inner.id)], [inner.id, groupId]);
  assert.deepEqual(
    await idsIn(innermost.id),
    device.map(({ id }) => id),
  );
});

test('restoring several items is all or nothing', async () => {
  const { groupId, ids } = await makeDevices(2);
  const items = await removeAll(ids);
  const itemIds = [...items.map((item) => item.id), '01a20244-e800-76a1-b85e-b7470fd22fa8'];
  assert.equal(
    await refusalOf(server, restoreManyRecycled, { body: { itemIds } }),
    'RECYCLED_ITEM_NOT_FOUND',
  );
  assert.deepEqual(await idsIn(groupId), []);
});

test('disabling many devices names those that changed, and only those', async () => {
  const { ids, numbers } = await makeDevices(3);
  const { presence } = server.app.modules;
  const set = async (deviceIds: string[], state: 'active' | 'disabled') => {
    const plan = await callApi(server, planDeviceAdmission, { body: { deviceIds, state } });
    const { changedIds } = await callApi(server, setDeviceAdmission, {
      body: { deviceIds, state, planToken: plan.planToken },
    });
    return { plan, changedIds: changedIds.toSorted() };
  };
  const first = await set(ids.slice(0, 1), 'disabled');
  assert.deepEqual(first.changedIds, ids.slice(0, 1));
  const all = await set(ids, 'disabled');
  assert.equal(all.plan.deviceCount, 2);
  assert.match(all.plan.consequences.join(' '), /On 1 device it is disabled already\.$/);
  assert.deepEqual(all.changedIds, ids.slice(1).toSorted());
  assert.ok(numbers.every((number) => presence.isDisabled(number)));
  const { device } = await callApi(server, getDevice, { params: { deviceId: ids[2] ?? '' } });
  assert.equal(device.presence.status, 'disabled');
  const back = await set(all.changedIds, 'active');
  assert.deepEqual(back.changedIds, all.changedIds);
  assert.deepEqual(
    numbers.map((number) => presence.isDisabled(number)),
    [true, false, false],
  );
  const { entries } = await callApi(server, listAuditEntries, { query: { action: 'product.disabled' } });
  assert.equal(entries.filter((entry) => numbers.includes(Number(entry.objectId))).length, 3);
});

test('a plan that is no longer true is refused, and nothing changes', async () => {
  const { groupId, ids } = await makeDevices(2);
  const removal = await callApi(server, planDeviceRemoval, { body: { deviceIds: ids } });
  const admission = { deviceIds: ids, state: 'disabled' } as const;
  const { planToken } = await callApi(server, planDeviceAdmission, { body: admission });
  await callApi(server, setDeviceAdmission, { body: { ...admission, planToken } });
  assert.equal(
    await refusalOf(server, setDeviceAdmission, { body: { ...admission, planToken } }),
    'DIRECTORY_CHANGED',
  );
  assert.equal(
    await refusalOf(server, removeDevices, {
      body: { deviceIds: ids.slice(1), planToken: removal.planToken },
    }),
    'DIRECTORY_CHANGED',
  );
  assert.deepEqual(await idsIn(groupId), ids.toSorted());
});

test('one device outside the scope in a selection ends the whole change as if it were not there', async () => {
  const mine = await makeDevices(2);
  const theirs = await makeDevices(1);
  const as = server.actAs({ scope: new Set([mine.groupId]) });
  const deviceIds = [...mine.ids, ...theirs.ids];
  const own = await callApi(server, planDeviceRemoval, { body: { deviceIds: mine.ids }, as });
  const ownStates = await callApi(server, planDeviceAdmission, {
    body: { deviceIds: mine.ids, state: 'disabled' },
    as,
  });
  // The true plans, so that nothing but the scope can refuse.
  const whole = await callApi(server, planDeviceRemoval, { body: { deviceIds } });
  const state = 'disabled';
  const wholeStates = await callApi(server, planDeviceAdmission, { body: { deviceIds, state } });
  assert.equal(own.deviceCount + ownStates.deviceCount, 4);
  assert.deepEqual(
    [
      await refusalOf(server, planDeviceRemoval, { body: { deviceIds }, as }),
      await refusalOf(server, removeDevices, { body: { deviceIds, planToken: whole.planToken }, as }),
      await refusalOf(server, planDeviceAdmission, { body: { deviceIds, state }, as }),
      await refusalOf(server, setDeviceAdmission, {
        body: { deviceIds, state, planToken: wholeStates.planToken },
        as,
      }),
    ],
    ['DEVICE_NOT_FOUND', 'DEVICE_NOT_FOUND', 'DEVICE_NOT_FOUND', 'DEVICE_NOT_FOUND'],
  );
  assert.deepEqual(await idsIn(mine.groupId), mine.ids.toSorted());
  assert.deepEqual(await idsIn(theirs.groupId), theirs.ids);
  const { presence } = server.app.modules;
  assert.ok([...mine.numbers, ...theirs.numbers].every((number) => !presence.isDisabled(number)));
  const [foreignItem] = await removeAll(theirs.ids);
  assert.equal(
    await refusalOf(server, restoreManyRecycled, { body: { itemIds: [foreignItem?.id ?? ''] }, as }),
    'RECYCLED_ITEM_NOT_FOUND',
  );
});

test('changing many devices needs the permission to edit', async () => {
  const { ids } = await makeDevices(1);
  const as = server.actAs({ permissions: ['directory:read'] });
  const planToken = 'any';
  const refusals = [
    await refusalOf(server, planDeviceRemoval, { body: { deviceIds: ids }, as }),
    await refusalOf(server, removeDevices, { body: { deviceIds: ids, planToken }, as }),
    await refusalOf(server, planDeviceAdmission, { body: { deviceIds: ids, state: 'active' }, as }),
    await refusalOf(server, setDeviceAdmission, {
      body: { deviceIds: ids, state: 'active', planToken },
      as,
    }),
    await refusalOf(server, restoreManyRecycled, { body: { itemIds: ids }, as }),
  ];
  assert.deepEqual([...new Set(refusals)], ['PERMISSION_DENIED']);
});
