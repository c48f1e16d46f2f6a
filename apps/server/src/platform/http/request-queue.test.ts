import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlain, type AddressInfo, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { defineRoute } from '@holdfast/api';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { defaultRequestLimits } from './request-limits.ts';

const nowMs = Date.parse('2026-11-22T08:00:00Z');
const authority = await createCertificateAuthority(nowMs);
const issued = await issueServerCertificate({ authority, names: ['127.0.0.1'], nowMs });
const tls = {
  key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  cert: issued.certificate,
};

interface Planted {
  readonly http: HttpServer;
  /** Requests that the server has made of what it read. */
  made(): number;
  /** Lets the requests go on that are being served. */
  answer(): void;
  connect(): Promise<Socket>;
}

/** A server whose only call answers when it is told to, and says the number of the request. */
async function plant(t: TestContext, isTls: boolean, refusalPauseMs = 1_000): Promise<Planted> {
  const http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    limits: { ...defaultRequestLimits, refusalPauseMs },
    ...(isTls ? { tls } : {}),
  });
  let served = 0;
  let gate = Promise.withResolvers<void>();
  http.registerRoute(
    defineRoute({
      name: 'wait',
      method: 'GET',
      path: '/api/v1/wait',
      tag: 'Test',
      summary: 'planted',
      access: { public: true, because: 'planted by a test for everybody' },
    }),
    async ({ reply }) => {
      served += 1;
      reply.header('x-number', served);
      await gate.promise;
      return null;
    },
  );
  http.registerRoute(
    defineRoute({
      name: 'take',
      method: 'POST',
      path: '/api/v1/take',
      tag: 'Test',
      summary: 'planted',
      access: { public: true, because: 'planted by a test for everybody' },
      body: Type.Unknown(),
    }),
    async () => null,
  );
  let made = 0;
  // In front of everything of ours.
  http.app.server.prependListener('request', () => void (made += 1));
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  const sockets: Socket[] = [];
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await http.app.close();
  });
  return {
    http,
    made: () => made,
    answer() {
      gate.resolve();
      gate = Promise.withResolvers();
    },
    async connect() {
      const { port } = http.app.server.address() as AddressInfo;
      const to = { port, host: '127.0.0.1' };
      const socket = isTls ? connectTls({ ...to, rejectUnauthorized: false }) : connectPlain(to);
      sockets.push(socket);
      socket.on('error', () => {});
      await once(socket, isTls ? 'secureConnect' : 'connect');
      return socket;
    },
  };
}

const REQUEST = 'GET /api/v1/wait HTTP/1.1\r\nhost: x\r\n\r\n';

/** Numbers of the requests whose answers have come. */
function readAnswers(socket: Socket): number[] {
  const numbers: number[] = [];
  socket.setEncoding('latin1').on('data', (text: string) => {
    for (const match of text.matchAll(/^x-number: (\d+)/gim)) numbers.push(Number(match[1]));
  });
  return numbers;
}

/** Not `once`, which would take a reset for a failure. */
async function endOf(socket: Socket): Promise<void> {
  await new Promise<void>((resolve) => void socket.once('close', () => resolve()));
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue()) {
    assert.ok(performance.now() < deadline, 'it did not come about');
    await new Promise((resolve) => void setTimeout(resolve, 3));
  }
}

/** A connection that never ends fails its test and not the run. */
const soon = { timeout: 10_000 };

for (const isTls of [false, true]) {
  const by = isTls ? 'TLS' : 'a bare connection';

  test(`eight requests may be sent ahead over ${by}, and are answered in their order`, soon, async (t) => {
    const server = await plant(t, isTls);
    const socket = await server.connect();
    const numbers = readAnswers(socket);
    for (let round = 1; round <= 3; round += 1) {
      socket.write(REQUEST.repeat(9));
      await until(() => server.made() === 9 * round);
      server.answer();
      await until(() => numbers.length === 9 * round);
    }
    assert.deepEqual(
      numbers,
      Array.from({ length: 27 }, (_, index) => index + 1),
    );
  });

  test(
    `of thousands sent ahead over ${by} no more are made; the first are answered, and nothing is read until it ends`,
    soon,
    async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const real = setImmediate;
      const settle = async (): Promise<void> => {
        for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => void real(resolve));
      };
      const server = await plant(t, isTls);
      const socket = await server.connect();
      const numbers = readAnswers(socket);
      const ended = endOf(socket);
      socket.write(REQUEST.repeat(4_000));
      await settle();
      server.answer();
      await settle();
      assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.equal(server.made(), 9);
      assert.equal(socket.destroyed, false);
      t.mock.timers.tick(1_000);
      await ended;
      assert.equal(server.made(), 9);
    },
  );
}

test('with bodies as well, nothing is read behind what is too much', soon, async (t) => {
  const server = await plant(t, false);
  let read = (): number => 0;
  server.http.app.server.on('connection', (socket: Socket) => {
    read = () => socket.bytesRead;
  });
  const socket = await server.connect();
  socket.resume();
  const head = 'POST /api/v1/take HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
  socket.write(`${head}content-length: 2\r\n\r\n{}`.repeat(20_000));
  await endOf(socket);
  // Those that were answered as they were read, until they came too often, and what was ahead then.
  assert.ok(server.made() < 100, `${server.made()} were made`);
  assert.ok(read() <= 65_536, `${read()} bytes were read`);
});

test('one more than eight ahead is one too many', soon, async (t) => {
  const server = await plant(t, false, 0);
  const socket = await server.connect();
  socket.write(REQUEST.repeat(10));
  await endOf(socket);
  assert.equal(server.made(), 9);
});

test('a server that stops does not wait for whoever was cut off', soon, async (t) => {
  const server = await plant(t, true, 3_600_000);
  const socket = await server.connect();
  socket.write(REQUEST.repeat(100));
  await until(() => server.made() === 9);
  const ended = endOf(socket);
  const closed = server.http.app.close();
  await ended;
  server.answer();
  await closed;
});
