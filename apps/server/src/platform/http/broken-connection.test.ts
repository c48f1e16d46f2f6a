import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { defineRoute, type Problem } from '@holdfast/api';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

let http: HttpServer;
before(async () => {
  http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
  });
  const access = { public: true, because: 'planted by a test for everybody' } as const;
  http.registerRoute(
    defineRoute({ name: 'ok', method: 'GET', path: '/api/v1/ok', tag: 'Test', summary: 'planted', access }),
    async () => null,
  );
  await http.app.listen({ host: '127.0.0.1', port: 0 });
});
after(() => http.app.close());

/** Sends bytes on a connection of their own and gives everything that comes back until the server ends it. */
async function send(bytes: string | Buffer): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect((http.app.server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
    // What was received before a reset is the answer.
    socket.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(text) : reject(error),
    );
    socket.end(bytes);
  });
}

function problemOf(answer: string): Problem {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as Problem;
}

test('bytes that are no request are answered with a problem, and the connection ends', async () => {
  const answer = await send('\x16\x03\x01\x02\x00 this is not http\r\n\r\n');
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /connection: close/);
  assert.equal(problemOf(answer).code, 'REQUEST_MALFORMED');
});

test('headers beyond the limit are refused', async () => {
  const answer = await send(`GET /api/v1/ok HTTP/1.1\r\nhost: x\r\nx-large: ${'a'.repeat(20_000)}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1\.1 431 /);
  assert.equal(problemOf(answer).code, 'REQUEST_HEADERS_TOO_LARGE');
});

test('two lengths in one request are refused, so that nobody in between reads it differently', async () => {
  const answer = await send(
    'POST /api/v1/ok HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 400 /);
});

test('requests and connections that never end are cut off within bounds', () => {
  const { server } = http.app;
  assert.ok(server.headersTimeout > 0 && server.headersTimeout <= 15_000);
  assert.ok(server.requestTimeout > 0 && server.requestTimeout <= 30_000);
  assert.ok(server.keepAliveTimeout > 60_000 && server.keepAliveTimeout <= 120_000);
  assert.ok(server.maxConnections > 0 && server.maxConnections < 20_000);
});

test('a well-formed request on the same server is answered', async () => {
  assert.match(
    await send('GET /api/v1/ok HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n'),
    /^HTTP\/1\.1 204 /,
  );
});

test('a request that trickles in is answered with a problem and its connection ends', async () => {
  const slow = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    arrival: { headersMs: 100, requestMs: 150, checkMs: 20 },
  });
  await slow.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = slow.app.server.address() as AddressInfo;
  try {
    for (const start of ['', 'GET /api/v1/ok HTTP/1.1\r\nhost: x\r\nx-slow:']) {
      const socket = connect(port, '127.0.0.1');
      let text = '';
      socket.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      socket.write(start);
      await once(socket, 'close');
      if (start !== '') assert.equal(problemOf(text).code, 'REQUEST_TIMEOUT');
    }
  } finally {
    await slow.app.close();
  }
});
