import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  issueCommand,
  listAuditEntries,
  listCommandTargets,
  listLogEntries,
  removeDevice,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { callApi } from '../../testing/test-api.ts';
import { makeTestGroup } from '../../testing/test-group.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

async function join(name: string, groupId: string, serialNumber: string): Promise<TestProduct> {
  const product = await new TestProduct(server, { name }).join(await createTestToken(server, { groupId }));
  const send = async (method: 'PUT' | 'POST', url: string, payload: object): Promise<void> => {
    const answer = await server.call({ method, url, payload }, product.bearer);
    assert.equal(answer.statusCode, 200, answer.body);
  };
  await send('PUT', mcpPath.inventory, {
    collectedAt: server.clock.now(),
    facts: { hardware: { serialNumber } },
  });
  await send('POST', mcpPath.logs, {
    journal: randomUUID(),
    entries: [{ sequence: 1, at: server.clock.now(), type: 'agent-started', severity: 'info' }],
  });
  return product;
}

const deviceOf = (product: TestProduct): string => product.registered?.deviceId ?? '';

test('lists of what happened tell devices of one name apart, and say nothing of one that is alone', async () => {
  const [berlin, theirs] = [await makeTestGroup(server), await makeTestGroup(server)];
  const first = await join('Twin', berlin, 'SN-1');
  const second = await join('TWIN', berlin, 'SN-2');
  const alone = await join('alone', berlin, 'SN-3');
  const hidden = await join('alone', theirs, 'SN-4');
  const scoped = server.actAs({ scope: new Set([berlin]) });

  const logs = await callApi(server, listLogEntries, { query: { groupId: berlin }, as: scoped });
  const inLogs = new Map(logs.entries.map((entry) => [entry.deviceId, entry.deviceDistinction]));
  assert.equal(inLogs.get(deviceOf(first)), 'SN-1');
  assert.equal(inLogs.get(deviceOf(second)), 'SN-2');
  assert.equal(inLogs.get(deviceOf(alone)), undefined, 'one that the caller may not see is none');

  const deviceIds = [first, second, alone, hidden].map(deviceOf);
  const command = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds } },
  });
  const { targets } = await callApi(server, listCommandTargets, { params: { commandId: command.id } });
  const inTracking = new Map(targets.map((target) => [target.deviceId, target.deviceDistinction]));
  assert.equal(inTracking.get(deviceOf(first)), 'SN-1');
  assert.match(inTracking.get(deviceOf(alone)) ?? '', /^SN-3 · /, 'who sees both has both told apart');

  for (const product of [first, second]) {
    await callApi(server, removeDevice, { params: { deviceId: deviceOf(product) } });
  }
  const { entries } = await callApi(server, listAuditEntries, {
    query: { action: 'device.removed' },
    as: scoped,
  });
  assert.deepEqual(
    entries.map(({ objectName, objectDistinction }) => [objectName, objectDistinction]),
    [
      ['TWIN', 'SN-2'],
      ['Twin', 'SN-1'],
    ],
  );
});
