import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../limits.ts';
import { type NotificationListener, openNotificationListener } from './notification-listener.ts';

const right = Buffer.alloc(limits.minDatagramBytes, 7);
const answer = Buffer.alloc(limits.minDatagramBytes, 9);

async function listen(
  t: TestContext,
  timeoutMs = 10_000,
): Promise<NotificationListener & { readonly asked: number }> {
  let asked = 0;
  const listener = await openNotificationListener({
    port: 0,
    host: '127.0.0.1',
    timeoutMs,
    answer: (bytes) => {
      asked++;
      return Buffer.compare(bytes, right) === 0 ? answer : undefined;
    },
  });
  t.after(() => listener.close());
  return {
    ...listener,
    get asked() {
      return asked;
    },
  };
}

async function call(t: TestContext, port: number, localAddress = '127.0.0.1'): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  t.after(() => socket.destroy());
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Everything that comes until the other end closes, or has sent so much. */
async function readAll(socket: Socket, enough = Number.POSITIVE_INFINITY): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const closed = once(socket, 'close');
  const full = new Promise<void>((resolve) => {
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= enough) resolve();
    });
  });
  await Promise.race([closed, full]);
  return Buffer.concat(chunks);
}

test('a proven notification is answered with 56 bytes, in however many pieces it came', async (t) => {
  const { port } = await listen(t);
  const whole = await call(t, port);
  whole.write(right);
  assert.deepEqual(await readAll(whole, 56), answer);
  const pieces = await call(t, port);
  pieces.setNoDelay(true);
  for (const byte of right) pieces.write(Uint8Array.of(byte));
  assert.deepEqual(await readAll(pieces, 56), answer);
});

test('a stranger gets nothing: not for wrong bytes, too many, too few, or none', async (t) => {
  const { port } = await listen(t, 200);
  for (const bytes of [
    Buffer.alloc(56, 1),
    Buffer.concat([right, Uint8Array.of(0)]),
    Buffer.alloc(5_000, 7),
    right.subarray(1),
    Buffer.from('GET / HTTP/1.1\r\nhost: x\r\n\r\n'),
    Buffer.alloc(0),
  ]) {
    const socket = await call(t, port);
    if (bytes.length > 0) socket.write(bytes);
    assert.equal((await readAll(socket)).length, 0, `${bytes.length} bytes`);
  }
});

test('what comes after an answered notification is not read, and the connection ends', async (t) => {
  const listener = await listen(t);
  const socket = await call(t, listener.port);
  socket.write(right);
  await readAll(socket, 56);
  socket.write(right);
  assert.deepEqual(await readAll(socket), Buffer.alloc(0));
  assert.equal(listener.asked, 1);
});

test('a stranger who holds all places, and takes each again at once, does not keep the server out', async (t) => {
  const { port } = await listen(t);
  const strangers: Socket[] = [];
  for (let count = 0; count < 40; count++) strangers.push(await call(t, port, '127.0.0.2'));
  const server = await call(t, port, '127.0.0.1');
  for (let count = 0; count < 40; count++) strangers.push(await call(t, port, '127.0.0.2'));
  server.write(right);
  assert.deepEqual(await readAll(server, 56), answer);
});

test('no more than eight connections are held', async (t) => {
  const { port } = await listen(t);
  const sockets: Socket[] = [];
  for (let count = 0; count < 12; count++) sockets.push(await call(t, port));
  for (const socket of sockets) socket.resume();
  for (const socket of sockets.slice(0, 4)) if (!socket.closed) await once(socket, 'close');
  assert.equal(sockets.filter((socket) => !socket.closed).length, limits.maxListenerConnections);
});

test('whatever bytes come in whatever pieces, only exactly the right ones are answered', async (t) => {
  const { port } = await listen(t);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 120 }), { minLength: 1, maxLength: 4 }),
      async (pieces) => {
        const socket = await call(t, port);
        for (const piece of pieces) socket.write(piece);
        socket.end();
        assert.equal((await readAll(socket)).length, 0);
      },
    ),
    { numRuns: 60 },
  );
  const socket = await call(t, port);
  socket.write(right);
  assert.deepEqual(await readAll(socket, 56), answer);
});

test('a port that is in use is refused with the error of the system', async (t) => {
  const { port } = await listen(t);
  await assert.rejects(openNotificationListener({ port, host: '127.0.0.1', answer: () => undefined }), {
    code: 'EADDRINUSE',
  });
});
