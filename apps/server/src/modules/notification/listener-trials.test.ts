import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { callListener } from './listener-call.ts';
import { ListenerTrials } from './listener-trials.ts';

const trial = { productNumber: 1, epoch: 5, address: '192.0.2.1', port: 40_000 };

test('one port is tried once for each handshake and address, whatever the product says afterwards', async () => {
  const called: string[] = [];
  const trials = new ListenerTrials(async ({ address, port, epoch }) => {
    called.push(`${epoch} ${address}:${port}`);
    return 'acknowledged';
  });
  assert.equal(await trials.try(trial), 'answered');
  assert.equal(await trials.try(trial), 'answered');
  for (let port = 40_001; port < 40_050; port += 1) {
    assert.equal(await trials.try({ ...trial, port }), 'unreachable');
  }
  assert.equal(await trials.try({ ...trial, epoch: 6 }), 'answered');
  assert.equal(await trials.try({ ...trial, epoch: 6, address: '192.0.2.2' }), 'answered');
  assert.deepEqual(called, ['5 192.0.2.1:40000', '6 192.0.2.1:40000', '6 192.0.2.2:40000']);
});

test('ports below 1024 are never called', async () => {
  const trials = new ListenerTrials(() => assert.fail('it was called'));
  for (const port of [1, 22, 443, 1_023]) assert.equal(await trials.try({ ...trial, port }), 'unreachable');
});

test('no more than 64 are tried at a time, and a crowd beyond what may wait is not tried', async () => {
  const ends: (() => void)[] = [];
  const trials = new ListenerTrials(() => new Promise((resolve) => ends.push(() => resolve('acknowledged'))));
  const all = Array.from({ length: 600 }, (_, index) => trials.try({ ...trial, productNumber: index + 1 }));
  const results: Record<string, number> = {};
  const done = Promise.all(
    all.map(async (one) => {
      const evidence = await one;
      results[evidence] = (results[evidence] ?? 0) + 1;
    }),
  );
  for (let ended = 0; ended < 576; ended += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    assert.ok(ends.length <= 64);
    ends.shift()?.();
  }
  await done;
  assert.deepEqual(results, { unreachable: 24, answered: 576 });
});

async function listen(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    serve(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const question = Buffer.alloc(56, 1);
const right = Buffer.alloc(56, 2);

const ask = (port: number, timeoutMs = 2_000) =>
  callListener({
    address: '127.0.0.1',
    port,
    bytes: question,
    isAnswer: (bytes) => Buffer.compare(bytes, right) === 0,
    timeoutMs,
  });

test('a listener that proves itself is reached, in however many pieces its answer comes', async (t) => {
  const port = await listen(t, (socket) => {
    socket.once('data', (bytes) => {
      if (Buffer.compare(bytes, question) !== 0) return void socket.destroy();
      socket.write(right.subarray(0, 20));
      socket.write(right.subarray(20));
    });
  });
  assert.equal(await ask(port), 'acknowledged');
});

test('whatever else answers is unproven, and silence is no answer', async (t) => {
  const wrong = await listen(t, (socket) => socket.write(Buffer.alloc(56, 3)));
  const long = await listen(t, (socket) => socket.write(Buffer.concat([right, right])));
  const short = await listen(t, (socket) => socket.end(right.subarray(1)));
  const banner = await listen(t, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  for (const port of [wrong, long, short, banner]) assert.equal(await ask(port), 'unproven');
  const silent = await listen(t, () => undefined);
  const closing = await listen(t, (socket) => socket.end());
  assert.equal(await ask(silent, 100), 'unanswered');
  assert.equal(await ask(closing), 'unanswered');
});
