import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createRegistrationStore } from '@holdfast/agent/src/modules/registration/index.ts';
import { runInProcess } from '@holdfast/agent/src/testing/program-in-process.ts';
import { createHastyTimer, openEnrolledAgent } from '@holdfast/agent/src/testing/running-agent.ts';
import { createTemporaryFolder } from '@holdfast/agent/src/platform/test-folder.ts';
import { getServerAddresses, updateServerAddresses } from '@holdfast/api';
import { encodeEnrolmentToken, parseEnrolmentToken } from '@holdfast/protocol';
import { callApi } from '@holdfast/server/src/testing/test-api.ts';
import { createTestToken } from '@holdfast/server/src/testing/test-product.ts';
import { startTestServer } from '@holdfast/server/src/testing/test-server.ts';
import { until } from './support/until.ts';

// A real agent, a real server, and a proxy in front of it that is the server's address until it is closed.

async function openDoor(t: TestContext, to: string): Promise<{ readonly address: string; close(): void }> {
  const sockets = new Set<Socket>();
  const proxy = createServer((inward) => {
    const outward = connect(Number(new URL(to).port), '127.0.0.1');
    for (const socket of [inward, outward]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        inward.destroy();
        outward.destroy();
      });
    }
    inward.pipe(outward).pipe(inward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const close = (): void => {
    proxy.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(close);
  return { address: `https://127.0.0.1:${(proxy.address() as AddressInfo).port}`, close };
}

async function startWorld(t: TestContext) {
  const server = await startTestServer({ isListening: true });
  const old = await openDoor(t, server.address);
  const token = parseEnrolmentToken(await createTestToken(server));
  const home = createTemporaryFolder(t);
  const tokenText = encodeEnrolmentToken({ ...token, addresses: [old.address] });
  const enrolled = await runInProcess(['enroll', tokenText], { home });
  assert.equal(enrolled.code, 0, enrolled.stderr);
  const { agent, database } = await openEnrolledAgent(t, home, { timer: createHastyTimer(200) });
  // The agent first: a server that closes waits for those who are still speaking with it.
  t.after(async () => {
    await agent.stop();
    await server.close();
  });
  const isConnected = (): true | undefined => agent.loop.state.phase === 'connected' || undefined;
  agent.start();
  await until('the agent is connected', isConnected);
  const stored = (): readonly string[] => createRegistrationStore(database).find()?.addresses ?? [];
  return { server, old, agent, home, stored, isConnected };
}

test('a fleet that was told where its server goes finds it there', { timeout: 60_000 }, async (t) => {
  const { server, old, agent, stored, isConnected } = await startWorld(t);
  const { revision } = await callApi(server, getServerAddresses);
  const addresses = [old.address, server.address];
  await callApi(server, updateServerAddresses, { body: { revision, addresses } });
  await until('the agent knows both', () => stored().includes(server.address) || undefined);
  old.close();
  agent.loop.shakeHandsAgain();
  await until('it is connected again', () =>
    agent.loop.state.handshakeNumber > 2 ? isConnected() : undefined,
  );
});

test('one that was not told is told on the device', { timeout: 60_000 }, async (t) => {
  const { server, old, agent, home, stored, isConnected } = await startWorld(t);
  old.close();
  agent.loop.shakeHandsAgain();
  await until('it has lost its server', () => (isConnected() === true ? undefined : true));
  const told = await runInProcess(['addresses', '--server', server.address], { home });
  assert.equal(told.code, 0, told.stderr);
  assert.deepEqual(stored(), [server.address, old.address]);
  // As its watch does every few seconds.
  if (agent.followAddresses()) agent.loop.notifySurroundingsChange();
  await until('it is connected again', isConnected);
});
