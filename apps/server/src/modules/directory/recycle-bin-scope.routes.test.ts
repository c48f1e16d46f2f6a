import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  listRecycleBin,
  moveGroup,
  planGroupMove,
  planGroupRemoval,
  purgeRecycled,
  removeDevice,
  removeGroup,
  restoreManyRecycled,
  restoreRecycled,
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

async function removeFrom(groupId: string, kind: 'group' | 'device'): Promise<string> {
  if (kind === 'group') {
    const params = { groupId: await makeTestGroup(server, groupId) };
    const { planToken } = await callApi(server, planGroupRemoval, { params });
    return (await callApi(server, removeGroup, { params, body: { planToken } })).id;
  }
  const [device] = await insertFleet(server, { count: 1, groupId });
  return (await callApi(server, removeDevice, { params: { deviceId: device?.id ?? '' } })).id;
}

async function move(groupId: string, parentId: string): Promise<void> {
  const params = { groupId };
  const { planToken } = await callApi(server, planGroupMove, { params, body: { parentId } });
  await callApi(server, moveGroup, { params, body: { parentId, planToken } });
}

for (const kind of ['group', 'device'] as const) {
  test(`a removed ${kind} belongs to whoever sees the group in which it lies now, not to its former owner`, async () => {
    const [former, present] = [await makeTestGroup(server), await makeTestGroup(server)];
    const moved = await makeTestGroup(server, former);
    const itemId = await removeFrom(moved, kind);
    const asFormer = server.actAs({ scope: new Set([former]) });
    const asPresent = server.actAs({ scope: new Set([present]) });
    const seenBy = async (as: typeof asFormer) =>
      (await callApi(server, listRecycleBin, { as })).items.some((item) => item.id === itemId);
    assert.deepEqual([await seenBy(asFormer), await seenBy(asPresent)], [true, false]);
    await move(moved, present);
    assert.deepEqual([await seenBy(asFormer), await seenBy(asPresent)], [false, true]);
    const params = { itemId };
    assert.deepEqual(
      [
        await refusalOf(server, purgeRecycled, { params, as: asFormer }),
        await refusalOf(server, restoreRecycled, { params, as: asFormer }),
        await refusalOf(server, restoreManyRecycled, { body: { itemIds: [itemId] }, as: asFormer }),
      ],
      ['RECYCLED_ITEM_NOT_FOUND', 'RECYCLED_ITEM_NOT_FOUND', 'RECYCLED_ITEM_NOT_FOUND'],
    );
    await callApi(server, purgeRecycled, { params, as: asPresent });
    assert.deepEqual(await seenBy(asPresent), false);
  });
}
