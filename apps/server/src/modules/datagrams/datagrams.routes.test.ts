import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { getDevice } from '@holdfast/api';
import { mcpPath, type TransportAnswer } from '@holdfast/protocol';
import { callApi } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

test('a heartbeat by UDP is answered and counts like any other, and probes decide how heartbeats travel', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const udp = product.handshake?.heartbeat.udp;
  const port = udp?.port ?? 0;
  const client = createSocket('udp4');
  const ask = async (bytes: Uint8Array): Promise<Buffer> => {
    const answered = once(client, 'message', { signal: AbortSignal.timeout(10_000) });
    client.send(bytes, port, '127.0.0.1');
    return ((await answered) as [Buffer])[0];
  };
  const settle = async (payload: object): Promise<TransportAnswer> =>
    (await server.call({ method: 'POST', url: mcpPath.transports, payload }, product.bearer)).json();
  const probe = product.datagramKey.seal({
    type: 'probe',
    productNumber: product.productNumber,
    epoch: product.handshake?.heartbeat.epoch ?? 0,
    sequence: 1,
    nonce: Buffer.from(udp?.probeNonce ?? '', 'base64url'),
  });
  // What a product only claims does not count.
  assert.equal((await settle({ probesSent: 3, acknowledged: true })).transport, 'https');
  assert.equal(product.datagramKey.verify(await ask(probe)).type, 'probe-acknowledgement');
  assert.equal((await settle({ probesSent: 3, acknowledged: false })).transport, 'udp');
  await ask(probe);
  const settled = await settle({ probesSent: 3, acknowledged: true });
  assert.deepEqual(settled, {
    transport: 'udp-acknowledged',
    reason: 'both-directions-seen',
    mode: 'two-way-udp',
    modeReason: 'udp-answers-arrive',
  });
  const acknowledgement = product.datagramKey.verify(await ask(product.sealHeartbeat()));
  assert.equal(acknowledgement.type, 'heartbeat-acknowledgement');
  client.close();
  const details = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.equal(details.device.presence.reason, 'heartbeat-udp');
  assert.equal(details.products[0]?.transport, 'udp-acknowledged');
  assert.equal(details.products[0]?.transportReason, 'both-directions-seen');
});

test('the metrics count what became of datagrams, whichever way they came', async () => {
  const countAccepted = async (): Promise<number> => {
    const text = await server.app.platform.metrics.metrics();
    return Number(/holdfast_heartbeat_datagrams_total\{outcome="accepted"\} (\d+)/.exec(text)?.[1] ?? 0);
  };
  const product = await new TestProduct(server).join(await createTestToken(server));
  const before = await countAccepted();
  await product.heartbeat();
  assert.equal(await countAccepted(), before + 1);
});
