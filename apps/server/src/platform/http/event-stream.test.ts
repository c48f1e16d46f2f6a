import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { defineRoute } from '@holdfast/api';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { type EventStream, EventStreams } from './event-stream.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

let http: HttpServer;
let streams: EventStreams;
const opened: EventStream[] = [];

async function start(): Promise<void> {
  opened.length = 0;
  streams = new EventStreams();
  http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
  });
  const access = { public: true, because: 'planted by a test for everybody' } as const;
  http.registerRoute(
    defineRoute({
      name: 'watch',
      method: 'GET',
      path: '/api/v1/watch',
      tag: 'Test',
      summary: 'planted',
      access,
    }),
    async ({ reply }) => {
      opened.push(streams.open(reply, { keepAliveMs: 20, maxBufferedBytes: 100_000 }));
      return null;
    },
  );
  await http.app.listen({ host: '127.0.0.1', port: 0 });
}

async function watch(): Promise<IncomingMessage> {
  const request = get({
    port: (http.app.server.address() as AddressInfo).port,
    path: '/api/v1/watch',
    agent: false,
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

async function readUntil(response: IncomingMessage, pattern: RegExp): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += String(chunk);
    if (pattern.test(text)) return text;
  }
  return text;
}

afterEach(async () => {
  streams.stop();
  await http.app.close();
});

test('a stream carries events and signs of life, with the headers of every answer', async () => {
  await start();
  const response = await watch();
  assert.equal(response.statusCode, 200);
  assert.match(String(response.headers['content-type']), /^text\/event-stream/);
  assert.match(String(response.headers['content-security-policy']), /default-src 'none'/);
  assert.ok(response.headers['x-request-id']);
  assert.equal(opened[0]?.send({ type: 'hello', text: 'a\nb' }), true);
  const text = await readUntil(response, /hello[\s\S]*: \n\n/);
  assert.match(text, /data: {"type":"hello","text":"a\\nb"}\n\n/);
});

test('a reader that went away is forgotten, and whoever opened the stream is told', async () => {
  await start();
  const response = await watch();
  const isClosed = new Promise<void>((resolve) => opened[0]?.onClose(resolve));
  response.destroy();
  await isClosed;
  assert.equal(streams.count, 0);
  assert.equal(opened[0]?.send({ type: 'x' }), false);
});

test('a reader that does not read gets nothing more than the bound', async () => {
  await start();
  const response = await watch();
  response.pause();
  response.socket.pause();
  const event = { type: 'x', filling: 'y'.repeat(50_000) };
  let sent = 0;
  // The buffers of the system take some first; then the bound holds.
  while (sent < 1_000 && opened[0]?.send(event) === true) sent += 1;
  assert.ok(sent < 1_000);
  assert.equal(opened[0]?.isBacklogged, true);
  response.destroy();
});

test('stopping the server ends the streams, and later ones end at once', async () => {
  await start();
  const response = await watch();
  streams.stop();
  await readUntil(response, /never/);
  assert.equal(response.complete, true);
  const late = await watch();
  await readUntil(late, /never/);
  assert.equal(streams.count, 0);
});
