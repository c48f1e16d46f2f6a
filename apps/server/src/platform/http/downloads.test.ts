import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as httpGet, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { createTestClock } from '../clock/test-clock.ts';
import { parseByteRange } from './byte-range.ts';
import { DownloadPlaces } from './download-places.ts';
import { type Download, Downloads } from './download-routes.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';

const SIZE = 24_000_000;
const ETAG = `"${'a'.repeat(64)}"`;
const content = Buffer.alloc(SIZE, 'holdfast ');
let folder: string;
let http: HttpServer;
let port: number;

/** A file that is made while callers wait. */
const making = {
  waiting: [] as (() => void)[],
  take: async (): Promise<void> => await new Promise((resolve) => making.waiting.push(resolve)),
};

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-download-'));
  const file = path.join(folder, 'archive');
  await writeFile(file, content);
  http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
  });
  const register = (path: '/files/:file' | '/hasty/:file', maxDurationMs: number): void =>
    new Downloads(http.app, { maxAtOnce: 3, maxOfNetwork: 2, maxDurationMs }).register({
      name: 'test',
      path,
      because: 'the file of a test holds nothing',
      find: async (name) => {
        if (name === 'slow') await making.take();
        return files.get(name === 'slow' ? 'archive' : name);
      },
    });
  const files = new Map<string, Download>([
    [
      'archive',
      {
        fileName: 'archive',
        contentType: 'application/gzip',
        sha256: 'a'.repeat(64),
        content: { path: file, sizeBytes: SIZE },
      },
    ],
    [
      'text',
      {
        fileName: 'text',
        contentType: 'text/plain',
        sha256: 'b'.repeat(64),
        content: { text: 'hello' },
      },
    ],
  ]);
  register('/files/:file', 600_000);
  register('/hasty/:file', 1_000);
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  port = (http.app.server.address() as AddressInfo).port;
});
after(async () => {
  await http.app.close();
  await rm(folder, { recursive: true });
});

const ask = async (url: string, headers: Record<string, string> = {}) =>
  await http.app.inject({ method: 'GET', url, headers });

test('a file is sent whole, as a download, with what it takes to ask for it again', async () => {
  const answer = await ask('/files/archive');
  assert.equal(answer.statusCode, 200);
  assert.deepEqual(answer.rawPayload, content);
  assert.equal(answer.headers.etag, ETAG);
  assert.equal(answer.headers['content-length'], String(SIZE));
  assert.equal(answer.headers['content-disposition'], 'attachment; filename="archive"');
  assert.equal((await ask('/files/archive', { 'if-none-match': ETAG })).statusCode, 304);
  assert.equal((await ask('/files/text')).body, 'hello');
});

test('a download that broke off goes on, and only with the same file', async () => {
  const rest = await ask('/files/archive', { range: 'bytes=23999990-' });
  assert.equal(rest.statusCode, 206);
  assert.equal(rest.headers['content-range'], 'bytes 23999990-23999999/24000000');
  assert.deepEqual(rest.rawPayload, content.subarray(23_999_990));
  assert.equal((await ask('/files/archive', { range: 'bytes=0-9', 'if-range': ETAG })).rawPayload.length, 10);
  assert.equal(
    (await ask('/files/archive', { range: 'bytes=0-9', 'if-range': '"other"' })).rawPayload.length,
    SIZE,
  );
  const beyond = await ask('/files/archive', { range: 'bytes=24000000-' });
  assert.equal(beyond.statusCode, 416);
  assert.equal(beyond.headers['content-range'], 'bytes */24000000');
});

test('a part of a file is read as it is meant, and what is not meant so is the whole file', () => {
  assert.deepEqual(parseByteRange('bytes=0-0', 10), { start: 0, end: 0 });
  assert.deepEqual(parseByteRange('bytes=5-', 10), { start: 5, end: 9 });
  assert.deepEqual(parseByteRange('bytes=5-99', 10), { start: 5, end: 9 });
  assert.deepEqual(parseByteRange('bytes=-3', 10), { start: 7, end: 9 });
  assert.deepEqual(parseByteRange('bytes=-30', 10), { start: 0, end: 9 });
  for (const header of ['bytes=10-', 'bytes=-0'])
    assert.equal(parseByteRange(header, 10), 'unsatisfiable', header);
  for (const header of [
    undefined,
    '',
    'bytes=-',
    'bytes=5-4',
    'bytes=0-1,3-4',
    'bits=0-1',
    'bytes= 0-1',
    'bytes=0x1-',
    `bytes=${'9'.repeat(40)}-`,
  ])
    assert.equal(parseByteRange(header, 10), 'none', header);
});

test('what there is not is not found, however it is written, and there is no list', async () => {
  for (const url of [
    '/files/none',
    '/files/',
    '/files/..%2farchive',
    '/files/%2e%2e%2f%2e%2e%2fetc%2fpasswd',
    '/files/archive/x',
  ])
    assert.equal((await ask(url)).statusCode, 404, url);
});

test('places are bounded for each network and in all, and come back once', () => {
  const places = new DownloadPlaces({ maxAtOnce: 3, maxOfNetwork: 2, maxDurationMs: 1 });
  const first = places.take('2001:db8::1');
  places.take('2001:db8::2');
  assert.throws(() => places.take('2001:db8::3'), { code: 'RATE_LIMITED', retryAfterMs: 5_000 });
  places.take('192.0.2.1');
  assert.throws(() => places.take('192.0.2.2'), { code: 'SERVER_BUSY' });
  first();
  first();
  places.take('2001:db8::3');
  assert.throws(() => places.take('192.0.2.2'), { code: 'SERVER_BUSY' });
});

test('whoever reads slowly is ended, and the place is free again; others are served meanwhile', async () => {
  // They ask and read nothing: what the system takes for them stays below the size of the file.
  const slow = [await openDownload(), await openDownload()];
  for (const answer of slow) answer.on('error', () => undefined);
  const third = await openDownload();
  assert.equal(third.statusCode, 429);
  assert.equal(third.headers['retry-after'], '5');
  third.resume();
  assert.equal((await ask('/hasty/text')).statusCode, 200, 'what is small needs no place');
  for (let tries = 0; ; tries += 1) {
    assert.ok(tries < 20, 'no place comes back');
    const next = await openDownload();
    next.destroy();
    if (next.statusCode === 200) break;
    await pause(200);
  }
  for (const answer of slow) {
    answer.resume();
    await closed(answer);
    assert.ok(!answer.complete, 'it did not get all of it');
  }
});

async function openDownload(): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    httpGet({ host: '127.0.0.1', port, path: '/hasty/archive', agent: false }, resolve).on('error', reject);
  });
}

async function closed(answer: IncomingMessage): Promise<void> {
  if (!answer.closed) await new Promise((resolve) => answer.once('close', resolve));
}

test('who goes while the file is made takes no place', async (t) => {
  const holding: IncomingMessage[] = [];
  t.after(() => {
    for (const answer of holding) answer.destroy();
  });
  const callers = [1, 2].map(() => {
    const caller = httpGet({ host: '127.0.0.1', port, path: '/files/slow', agent: false });
    caller.on('error', () => undefined); // It is ended below.
    return caller;
  });
  while (making.waiting.length < 2) await pause(5);
  const closed = new Promise<void>((resolve) => {
    let left = 2;
    for (const caller of callers) caller.on('close', () => void ((left -= 1) === 0 && resolve()));
  });
  for (const caller of callers) caller.destroy();
  await closed;
  // The server has heard of it as well.
  while (
    (await new Promise<number>((resolve) => http.app.server.getConnections((_, count) => resolve(count)))) > 0
  )
    await pause(5);
  for (const make of making.waiting.splice(0)) make();
  // All but one of the three places, at once and unread.
  for (let held = 0; held < 2; held += 1) {
    const answer = await new Promise<IncomingMessage>((resolve) => {
      httpGet({ host: '127.0.0.1', port, path: '/files/archive', agent: false }, resolve);
    });
    holding.push(answer);
    assert.equal(answer.statusCode, 200);
  }
});
