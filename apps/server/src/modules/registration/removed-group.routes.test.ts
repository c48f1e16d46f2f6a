import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  admitRegistration,
  createGroup,
  listWaitingRegistrations,
  planGroupRemoval,
  refuseRegistration,
  removeGroup,
} from '@holdfast/api';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

test('while the group of a token is removed, its devices wait for somebody who sees the whole directory', async () => {
  const { id: groupId } = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'Branch' },
  });
  const token = await createTestToken(server, { groupId });
  const params = { groupId };
  const plan = await callApi(server, planGroupRemoval, { params });
  assert.match(plan.consequences.join(' '), /lets devices in only with approval until the group is restored/);
  await callApi(server, removeGroup, { params, body: { planToken: plan.planToken } });

  const product = new TestProduct(server);
  const answer = await product.register(token);
  assert.equal(answer.statusCode, 202, answer.body);
  const find = async (as = server.actAs()) =>
    (await callApi(server, listWaitingRegistrations, { as })).registrations.find(
      (waiting) => waiting.keyThumbprint === product.key.thumbprint,
    );
  const id = (await find())?.id ?? '';
  assert.notEqual(id, '');
  for (const scope of [groupId, NEW_DEVICES_GROUP_ID]) {
    const as = server.actAs({ scope: new Set([scope]) });
    assert.equal(await find(as), undefined);
    const call = { params: { registrationId: id }, as };
    assert.equal(await refusalOf(server, refuseRegistration, call), 'REGISTRATION_NOT_FOUND');
    assert.equal(await refusalOf(server, admitRegistration, { ...call, body: {} }), 'REGISTRATION_NOT_FOUND');
  }
  await callApi(server, admitRegistration, { params: { registrationId: id }, body: {} });
  assert.equal((await product.register(token)).statusCode, 200);
  assert.deepEqual(product.registered?.groupPath, ['New devices']);
});
