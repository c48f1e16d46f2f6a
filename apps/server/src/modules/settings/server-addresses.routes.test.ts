import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getServerAddresses, listAuditEntries, updateServerAddresses } from '@holdfast/api';
import { parseEnrolmentToken } from '@holdfast/protocol';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const OLD = 'https://old.example:8443';
const NEW = 'https://new.example';

async function tell(addresses: readonly string[]): Promise<readonly string[]> {
  const { revision } = await callApi(server, getServerAddresses);
  return (await callApi(server, updateServerAddresses, { body: { revision, addresses: [...addresses] } }))
    .addresses;
}

async function isAskedForHandshake(product: TestProduct): Promise<boolean> {
  const answer = product.datagramKey.verify((await product.heartbeat()).rawPayload);
  assert.equal(answer.type, 'heartbeat-acknowledgement');
  return 'handshakeAgain' in answer && answer.handshakeAgain;
}

test('products learn the addresses that an administrator tells them, with a handshake that they are asked for', async () => {
  const product = await new TestProduct(server, { name: 'told' }).join(await createTestToken(server));
  assert.equal(product.handshake?.addresses, undefined, 'nothing is said while nobody has said anything');
  assert.equal(await isAskedForHandshake(product), false);
  assert.deepEqual(await tell([OLD, `${NEW}:443/`, OLD]), [OLD, NEW], 'each once, in one form');
  await server.app.modules.notification.wantHandshakesOfAll();
  assert.equal(await isAskedForHandshake(product), true);
  await product.shakeHands();
  assert.deepEqual(product.handshake?.addresses, [OLD, NEW]);
  const { entries } = await callApi(server, listAuditEntries, { query: { objectId: 'server-addresses' } });
  assert.deepEqual(entries[0]?.details['after'], { addresses: [OLD, NEW] });
});

test('whoever joins now finds the server at the new addresses too', async () => {
  await tell([NEW]);
  const { addresses } = parseEnrolmentToken(await createTestToken(server));
  assert.deepEqual(addresses, [NEW, 'https://test-server:8443', 'https://localhost:8443']);
});

test('they outlive the process, and another one that changes them is heard', async () => {
  await tell([NEW]);
  await server.ticks.run('settings.reload');
  assert.deepEqual(server.app.modules.settings.serverAddresses(), [NEW]);
  const value = JSON.stringify({ addresses: [OLD] });
  await server.database.db
    .updateTable('setting')
    .set({ value, revision: 99, changed_at: new Date(0), changed_by: 'another process' })
    .where('key', '=', 'server-addresses')
    .execute();
  await server.ticks.run('settings.reload');
  assert.deepEqual(server.app.modules.settings.serverAddresses(), [OLD]);
});

test('what is no address of a server is refused, and so is a change of what somebody else has changed', async () => {
  const { revision } = await callApi(server, getServerAddresses);
  for (const wrong of ['http://a.example', 'https://a.example/path', 'a.example', 'https://u:p@a.example']) {
    const body = { revision, addresses: [wrong] };
    assert.equal(await refusalOf(server, updateServerAddresses, { body }), 'SETTING_ADDRESS_INVALID', wrong);
  }
  const many = { revision, addresses: Array.from({ length: 9 }, (_, index) => `https://a${index}.example`) };
  assert.equal(await refusalOf(server, updateServerAddresses, { body: many }), 'REQUEST_INVALID');
  const late = { revision: revision - 1, addresses: [NEW] };
  assert.equal(await refusalOf(server, updateServerAddresses, { body: late }), 'SETTING_REVISION_STALE');
});
