import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  admitRegistration,
  listTokenArrivals,
  listWaitingRegistrations,
  refuseRegistration,
} from '@holdfast/api';
import { parseEnrolmentToken } from '@holdfast/protocol';
import { callApi } from '../../testing/test-api.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const arrivalsOf = async (token: string) => {
  const { tokenId } = parseEnrolmentToken(token);
  const { arrivals } = await callApi(server, listTokenArrivals, { params: { tokenId } });
  return arrivals;
};
const briefly = (arrivals: Awaited<ReturnType<typeof arrivalsOf>>) =>
  arrivals.map(({ deviceName, state }) => [deviceName, state]);

async function waitingIdOf(product: TestProduct): Promise<string> {
  const { registrations } = await callApi(server, listWaitingRegistrations);
  return registrations.find((one) => one.keyThumbprint === product.key.thumbprint)?.id ?? '';
}

test('whoever comes with a token shows under it, with what became of them', async () => {
  const token = await createTestToken(server);
  assert.deepEqual(await arrivalsOf(token), []);
  const alpha = new TestProduct(server, { name: 'Alpha' });
  await alpha.register(token);
  const [arrival] = await arrivalsOf(token);
  assert.equal(arrival?.deviceId, alpha.registered?.deviceId);
  assert.equal(arrival?.keyThumbprint, alpha.key.thumbprint);
  // It comes back by its key, without the token.
  await alpha.register(token);
  assert.deepEqual(briefly(await arrivalsOf(token)), [['Alpha', 'joined']]);
});

test('whoever waits is shown once, and then as what was decided', async () => {
  const token = await createTestToken(server, { isApprovalNeeded: true });
  const [good, bad] = [new TestProduct(server, { name: 'Good' }), new TestProduct(server, { name: 'Bad' })];
  for (const product of [good, bad, good]) assert.equal((await product.register(token)).statusCode, 202);
  assert.deepEqual(briefly(await arrivalsOf(token)), [
    ['Bad', 'waiting'],
    ['Good', 'waiting'],
  ]);
  const registrationId = await waitingIdOf(good);
  await callApi(server, admitRegistration, { params: { registrationId }, body: {} });
  await callApi(server, refuseRegistration, { params: { registrationId: await waitingIdOf(bad) } });
  assert.deepEqual(briefly(await arrivalsOf(token)), [
    ['Bad', 'refused'],
    ['Good', 'joined'],
  ]);
});

test('who may see tokens and no devices sees that none came, and a token that is not there is not found', async () => {
  const token = await createTestToken(server);
  await new TestProduct(server, { name: 'Hidden' }).register(token);
  const { tokenId } = parseEnrolmentToken(token);
  const caller = server.actAs({ permissions: ['enrolment-tokens:read'] });
  const answer = await send(server, listTokenArrivals, { params: { tokenId } }, caller);
  assert.deepEqual(answer.json(), { arrivals: [] });
  const other = { params: { tokenId: '019aa000-0000-7000-8000-000000000001' } };
  assertRefused(await send(server, listTokenArrivals, other, caller), 404, 'ENROLMENT_TOKEN_NOT_FOUND');
});
