import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, test } from 'node:test';
import type { Problem } from '@holdfast/api';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { createTestClock } from '../clock/test-clock.ts';
import { installHttpMetrics } from './http-metrics.ts';
import { HttpError } from './http.errors.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { defaultRequestLimits, type RequestLimitSettings } from './request-limits.ts';

const PATH = '/mcp/v1/beat';
const BYTES = { 'content-type': 'application/octet-stream' };

interface Planted {
  readonly http: HttpServer;
  readonly port: number;
  readonly metrics: Registry;
  readonly received: Uint8Array[];
  readonly log: readonly string[];
}

const planted: HttpServer[] = [];
const agents: Agent[] = [];
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  for (const http of planted.splice(0)) await http.app.close();
});

const unpaced: RequestLimitSettings = { ...defaultRequestLimits, refusalPauseMs: 0 };

/** A server whose only call answers bytes backwards, refuses what begins with 0 and fails on what begins with 1. */
async function plant(
  limits: RequestLimitSettings = unpaced,
  preClose: () => Promise<void> = async () => {},
  level = 'debug',
): Promise<Planted> {
  const log: string[] = [];
  const http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level }, { write: (line) => void log.push(line) }),
    createId: randomUUID,
    limits,
  });
  planted.push(http);
  http.app.addHook('preClose', preClose);
  const metrics = new Registry();
  installHttpMetrics(http, metrics);
  const received: Uint8Array[] = [];
  http.registerHotMcpRoute({ name: 'beat', path: PATH, requestClass: 'heartbeat', bodyLimit: 64 }, (body) => {
    received.push(Uint8Array.from(body));
    if (body[0] === 0)
      throw new HttpError('REQUEST_MALFORMED', 'Not a beat.', { remedy: 'Begin with another byte.' });
    if (body[0] === 1) throw new TypeError('secret inside');
    return Buffer.from(body.toReversed());
  });
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  return { http, port: (http.app.server.address() as AddressInfo).port, metrics, received, log };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly bytes: Buffer;
}

async function send(
  { port }: Planted,
  headers: Readonly<Record<string, string | number>>,
  pieces: readonly Uint8Array[] = [],
  options: { readonly method?: string; readonly agent?: Agent } = {},
): Promise<Answer> {
  const sent = request({ port, host: '127.0.0.1', path: PATH, method: 'POST', ...options, headers });
  for (const piece of pieces) sent.write(piece);
  sent.end();
  const [response] = (await once(sent, 'response')) as [
    AsyncIterable<Buffer> & { statusCode: number; headers: IncomingHttpHeaders },
  ];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, headers: response.headers, bytes: Buffer.concat(chunks) };
}

async function sendBytes(
  server: Planted,
  bytes: readonly number[],
  options: { readonly agent?: Agent } = {},
): Promise<Answer> {
  return await send(server, { ...BYTES, 'content-length': bytes.length }, [Uint8Array.from(bytes)], options);
}

function problemOf({ status, headers, bytes }: Answer): Problem {
  assert.match(headers['content-type'] ?? '', /^application\/problem\+json/);
  const problem = JSON.parse(bytes.toString('utf8')) as Problem;
  assert.equal(problem.status, status);
  assert.equal(problem.requestId, headers['x-request-id']);
  return problem;
}

test('bytes are answered with bytes, which nobody caches or guesses the type of, and are counted', async () => {
  const server = await plant();
  const answer = await sendBytes(server, [5, 6, 255]);
  assert.deepEqual([answer.status, ...answer.bytes], [200, 255, 6, 5]);
  assert.equal(answer.headers['content-type'], 'application/octet-stream');
  assert.equal(answer.headers['cache-control'], 'no-store');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.notEqual(answer.headers['x-request-id'], (await sendBytes(server, [5])).headers['x-request-id']);
  const text = await server.metrics.metrics();
  assert.match(text, /holdfast_http_requests_total\{class="mcp-heartbeat",status="200"\} 2/);
  assert.match(text, /holdfast_http_request_seconds_count\{class="mcp-heartbeat"\} 2/);
});

test('a body that arrives in pieces is one body', async () => {
  const server = await plant();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${BYTES['content-type']}\r\ncontent-length: 3\r\n\r\n\x07`,
  );
  await once(server.http.app.server, 'request');
  socket.write('\x08');
  socket.write('\x09');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.equal(answer.subarray(-3).toString('latin1'), '\x09\x08\x07');
  socket.destroy();
});

test('what is refused is told with code and remedy, as everywhere', async () => {
  const server = await plant();
  const problem = problemOf(await sendBytes(server, [0]));
  assert.deepEqual([problem.status, problem.code], [400, 'REQUEST_MALFORMED']);
  assert.equal(problem.remedy, 'Begin with another byte.');
  assert.match(await server.metrics.metrics(), /class="mcp-heartbeat",status="400"\} 1/);
});

test('a network that is refused again and again waits for it, while what is taken does not', async () => {
  const server = await plant({
    ...defaultRequestLimits,
    refusalPauseMs: 3_600_000,
    refusals: { burst: 1, perSecond: 0.001 },
  });
  assert.equal((await sendBytes(server, [0])).status, 400);
  const answered: string[] = [];
  const refused = sendBytes(server, [0]).finally(() => void answered.push('refused'));
  while (server.received.length < 2) await new Promise((resolve) => void setTimeout(resolve, 3));
  for (let round = 0; round < 3; round += 1) await sendBytes(server, [5]);
  answered.push('taken');
  await server.http.app.close();
  assert.equal((await refused).status, 400);
  assert.deepEqual(answered, ['taken', 'refused']);
});

test('a fault of the server tells nothing of itself, and is in the log under the same request', async () => {
  const server = await plant();
  const answer = await sendBytes(server, [1]);
  const problem = problemOf(answer);
  assert.equal(problem.code, 'INTERNAL_ERROR');
  assert.doesNotMatch(answer.bytes.toString('utf8'), /secret inside/);
  const line = server.log.find((one) => one.includes('secret inside'));
  assert.ok(line?.includes(problem.requestId ?? 'none') && line.includes(PATH), line);
});

test('every other form of the call is refused where all calls are', async () => {
  const server = await plant();
  const three = [Uint8Array.of(5, 6, 7)];
  const codeOf = async (...args: Parameters<typeof send> extends [Planted, ...infer Rest] ? Rest : never) =>
    problemOf(await send(server, ...args)).code;
  assert.equal(await codeOf({ ...BYTES, 'content-length': 65 }, [new Uint8Array(65)]), 'BODY_TOO_LARGE');
  assert.equal(
    await codeOf({ 'content-type': 'text/plain', 'content-length': 3 }, three),
    'CONTENT_TYPE_UNSUPPORTED',
  );
  assert.equal(
    await codeOf({ 'content-type': 'application/json', 'content-length': 2 }, [Buffer.from('{}')]),
    'CONTENT_TYPE_UNSUPPORTED',
  );
  assert.equal(await codeOf({ 'content-length': 3 }, three), 'CONTENT_TYPE_UNSUPPORTED');
  assert.equal(await codeOf({}, [], { method: 'GET' }), 'METHOD_NOT_ALLOWED');
  assert.equal(await codeOf({}, [], { method: 'PUT' }), 'METHOD_NOT_ALLOWED');
  assert.deepEqual(server.received, []);
  // Of unknown length, and with a parameter: right all the same, only slower.
  for (const headers of [BYTES, { 'content-type': 'application/octet-stream; v=1', 'content-length': 3 }])
    assert.deepEqual([...(await send(server, headers, three)).bytes], [7, 6, 5]);
});

test('a request that breaks off does nothing and harms nobody', async () => {
  const server = await plant();
  const socket = connect(server.port, '127.0.0.1');
  socket.write(
    `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${BYTES['content-type']}\r\ncontent-length: 9\r\n\r\n\x07`,
  );
  const [incoming] = (await once(server.http.app.server, 'request')) as [NodeJS.EventEmitter];
  socket.destroy();
  // Not `once`, which would take the error that nobody else hears.
  await new Promise((resolve) => incoming.on('close', resolve));
  assert.deepEqual(server.received, []);
  assert.equal((await sendBytes(server, [5])).status, 200);
});

test('a class that is limited keeps its limits', async () => {
  const server = await plant({
    ...unpaced,
    classes: {
      ...defaultRequestLimits.classes,
      'mcp-heartbeat': { byAddress: { burst: 2, perSecond: 0.001 } },
    },
  });
  assert.equal((await sendBytes(server, [5])).status, 200);
  assert.equal((await sendBytes(server, [5])).status, 200);
  assert.equal(problemOf(await sendBytes(server, [5])).code, 'RATE_LIMITED');
  assert.equal(server.received.length, 2);
});

test('a server that stops asks for the end of kept connections', async () => {
  const stopping = Promise.withResolvers<void>();
  const mayStop = Promise.withResolvers<void>();
  const server = await plant(unpaced, async () => {
    stopping.resolve();
    await mayStop.promise;
  });
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agents.push(agent);
  assert.equal((await sendBytes(server, [5], { agent })).headers.connection, 'keep-alive');
  const closed = server.http.app.close();
  await stopping.promise;
  assert.equal((await sendBytes(server, [5], { agent })).headers.connection, 'close');
  mayStop.resolve();
  await closed;
});

test('a request that is under way when the server stops is answered, and its connection is closed', async () => {
  const stopping = Promise.withResolvers<void>();
  const server = await plant(unpaced, async () => stopping.resolve());
  const socket = connect(server.port, '127.0.0.1');
  const head = `POST ${PATH} HTTP/1.1\r\nhost: x\r\ncontent-type: ${BYTES['content-type']}\r\ncontent-length: 2`;
  socket.write(`${head}\r\n\r\n\x07`);
  await once(server.http.app.server, 'request');
  const closed = server.http.app.close();
  await stopping.promise;
  socket.write('\x08');
  const [answer] = (await once(socket, 'data')) as [Buffer];
  assert.match(answer.toString('latin1'), /^HTTP\/1\.1 200 [^]*\r\nconnection: close\r\n[^]*\x08\x07$/i);
  await closed;
  socket.destroy();
});

test('where every request has its line in the log, these have theirs', async () => {
  const server = await plant(unpaced, undefined, 'trace');
  assert.equal((await sendBytes(server, [5])).status, 200);
  assert.equal(
    server.log.filter((line) => line.includes('"msg":"request"') && line.includes(PATH)).length,
    1,
  );
});
