import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { createInventoryCollector } from '@holdfast/agent/src/modules/inventory/index.ts';
import { createRegistrationStore } from '@holdfast/agent/src/modules/registration/index.ts';
import { runInProcess } from '@holdfast/agent/src/testing/program-in-process.ts';
import { createHastyTimer, openEnrolledAgent } from '@holdfast/agent/src/testing/running-agent.ts';
import { createTemporaryFolder } from '@holdfast/agent/src/platform/test-folder.ts';
import { admitRegistration, getDevice, listWaitingRegistrations } from '@holdfast/api';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { callApi } from '@holdfast/server/src/testing/test-api.ts';
import { createTestToken } from '@holdfast/server/src/testing/test-product.ts';
import { startTestServer } from '@holdfast/server/src/testing/test-server.ts';
import { until } from './support/until.ts';

// Two computers with one state folder, as a copied disk makes them: real agents, a real server, one process.

async function startPair(t: TestContext) {
  const server = await startTestServer({ isListening: true });
  const agents: Awaited<ReturnType<typeof openEnrolledAgent>>[] = [];
  // The agents first: a server that closes waits for those who are still speaking with it.
  t.after(async () => {
    for (const { agent } of agents) await agent.stop();
    await server.close();
  });
  const token = parseEnrolmentToken(await createTestToken(server));
  const home = createTemporaryFolder(t);
  const tokenText = encodeEnrolmentToken({ ...token, addresses: [server.address] });
  const enrolled = await runInProcess(['enroll', tokenText], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  const copyHome = join(createTemporaryFolder(t), 'copied');
  cpSync(home, copyHome, { recursive: true });
  const open = async (folder: string, hardwareId: string) => {
    const collector = createInventoryCollector({
      platform: process.platform,
      clock: systemClock,
      agent: { version: '0.1.0' },
    });
    const opened = await openEnrolledAgent(t, folder, {
      timer: createHastyTimer(200),
      collector: { ...collector, findHardwareId: () => Promise.resolve(hardwareId) },
    });
    agents.push(opened);
    return opened;
  };
  return { server, home, copyHome, open };
}

test('the copy of an agent makes a key of its own, waits, is admitted by one click and lives beside its original', {
  timeout: 60_000,
}, async (t) => {
  const { server, home, copyHome, open } = await startPair(t);
  const original = await open(home, 'disk-of-original');
  const productNumber = createRegistrationStore(original.database).find()?.product.productNumber ?? 0;
  original.agent.start();
  const isConnected = (agent: typeof original) => agent.agent.loop.state.phase === 'connected';
  await until('the original is connected', async () => isConnected(original) || undefined);
  server.clock.advance(1_000);

  let copy = await open(copyHome, 'disk-of-copy');
  copy.agent.start();
  const waiting = await until('the copy waits', async () => {
    server.clock.advance(1_000);
    const { registrations } = await callApi(server, listWaitingRegistrations);
    return registrations.find(({ kind }) => kind === 'copied');
  });
  assert.ok(copy.codes().includes('PRODUCT_KEY_SHARED'));
  const status = await runInProcess(['status'], { home: copyHome });
  assert.match(status.stdout, /another computer uses it/);
  const deviceId = createRegistrationStore(original.database).find()?.product.deviceId ?? '';
  const { device } = await callApi(server, getDevice, { params: { deviceId } });
  assert.equal(device.keyCopies[0]?.isWaiting, true);

  // Started anew while it waits, it does not use the old key again.
  await copy.agent.stop();
  copy = await open(copyHome, 'disk-of-copy');
  copy.agent.start();
  await callApi(server, admitRegistration, { params: { registrationId: waiting.id }, body: {} });
  const registration = await until('the copy has a record of its own', async () => {
    const found = createRegistrationStore(copy.database).find();
    return found?.product.productNumber === productNumber || !isConnected(copy) ? undefined : found;
  });
  assert.equal(registration.keyThumbprint, waiting.keyThumbprint);
  const unchanged = createRegistrationStore(original.database).find();
  assert.equal(unchanged?.product.productNumber, productNumber, 'the original stays what it was');
  await until('the original is connected', async () => isConnected(original) || undefined);
  const settled = await callApi(server, getDevice, { params: { deviceId } });
  assert.deepEqual(settled.device.keyCopies, []);

  // And after another start it is still itself.
  await copy.agent.stop();
  copy = await open(copyHome, 'disk-of-copy');
  copy.agent.start();
  await until('the copy is back', async () => isConnected(copy) || undefined);
});
