import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { createServer, get as httpGet, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createFileServer, type FileServer, type FileServerOptions, type SentFile } from './file-server.ts';
import { createServedFolder } from './served-folder.ts';

/** More than the system takes for a reader who reads nothing. */
const SIZE = 24_000_000;
const content = Buffer.alloc(SIZE, randomBytes(4_096));
const sha256 = createHash('sha256').update(content).digest('hex');
const large = `targets/${sha256}.full`;
const small = 'metadata/timestamp.json';
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-file-server-'));
  await mkdir(path.join(folder, 'metadata'));
  await mkdir(path.join(folder, 'targets'));
  await writeFile(path.join(folder, large), content);
  await writeFile(path.join(folder, small), '{"a":1}');
  await writeFile(path.join(folder, 'metadata', 'empty'), '');
});
after(async () => {
  await rm(folder, { recursive: true });
});

interface Started {
  readonly files: FileServer;
  readonly server: Server;
  readonly port: number;
  readonly sent: SentFile[];
  readonly faults: unknown[];
  ask(name: string, options?: AskOptions): Promise<IncomingMessage>;
}

interface AskOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly caller?: string;
}

async function start(
  t: { after(work: () => void): void },
  options: Partial<FileServerOptions> = {},
): Promise<Started> {
  const sent: SentFile[] = [];
  const faults: unknown[] = [];
  const files = createFileServer({
    folder: createServedFolder(folder),
    onSent: (file) => sent.push(file),
    onFault: (error) => faults.push(error),
    ...options,
  });
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    void files.answer(request, response, {
      path: decodeURIComponent(url.pathname.slice(1)),
      caller: String(request.headers['x-caller'] ?? 'somebody'),
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    files.stop();
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const ask: Started['ask'] = (name, { method = 'GET', headers = {}, caller = 'somebody' } = {}) =>
    new Promise((resolve, reject) => {
      const outgoing = httpGet({
        host: '127.0.0.1',
        port,
        path: `/${name}`,
        method,
        agent: false,
        headers: { ...headers, 'x-caller': caller },
      });
      outgoing.on('response', (answer) => {
        answer.on('error', () => undefined);
        resolve(answer);
      });
      outgoing.on('error', reject);
    });
  return { files, server, port, sent, faults, ask };
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries += 1) {
    assert.ok(tries < 2_000, 'it does not come about');
    await pause(5);
  }
}

test('a file comes whole, with what it takes to go on with it', async (t) => {
  const { ask, sent, files } = await start(t);
  const answer = await ask(large);
  assert.equal(answer.statusCode, 200);
  assert.ok((await bodyOf(answer)).equals(content));
  assert.equal(answer.headers.etag, `"${sha256}"`);
  assert.equal(answer.headers['content-length'], String(SIZE));
  assert.equal(answer.headers['accept-ranges'], 'bytes');
  assert.equal(answer.headers['content-type'], 'application/octet-stream');
  await until(() => files.running === 0);
  assert.deepEqual(sent, [{ path: large, caller: 'somebody', bytes: SIZE, isComplete: true }]);
});

test('the head of a file says its length and its tag, brings nothing and takes no part', async (t) => {
  const { ask } = await start(t);
  const answer = await ask(large, { method: 'HEAD', headers: { range: 'bytes=0-9' } });
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-length'], String(SIZE));
  assert.equal(answer.headers.etag, `"${sha256}"`);
  assert.equal((await bodyOf(answer)).length, 0);
});

test('a download that broke off goes on, and only with the same file', async (t) => {
  const { ask } = await start(t);
  const etag = `"${sha256}"`;
  const rest = await ask(large, { headers: { range: `bytes=${SIZE - 10}-`, 'if-range': etag } });
  assert.equal(rest.statusCode, 206);
  assert.equal(rest.headers['content-range'], `bytes ${SIZE - 10}-${SIZE - 1}/${SIZE}`);
  assert.equal(rest.headers['content-length'], '10');
  assert.deepEqual(await bodyOf(rest), content.subarray(SIZE - 10));
  for (const other of ['"other"', `W/${etag}`, 'Tue, 01 Dec 2026 00:00:00 GMT', etag.slice(1)]) {
    const whole = await ask(small, { headers: { range: 'bytes=1-2', 'if-range': other } });
    assert.equal(whole.statusCode, 200, other);
    assert.equal(String(await bodyOf(whole)), '{"a":1}');
  }
  const beyond = await ask(large, { headers: { range: `bytes=${SIZE}-` } });
  assert.equal(beyond.statusCode, 416);
  assert.equal(beyond.headers['content-range'], `bytes */${SIZE}`);
  assert.equal((await bodyOf(beyond)).length, 0);
});

test('who has a file is not sent it again, and who means another one is told', async (t) => {
  const { ask } = await start(t);
  const { etag = '' } = (await ask(small, { method: 'HEAD' })).headers;
  const same = await ask(small, { headers: { 'if-none-match': `"x", W/${etag}` } });
  assert.deepEqual([same.statusCode, (await bodyOf(same)).length], [304, 0]);
  assert.equal((await ask(small, { headers: { 'if-match': '"x"' } })).statusCode, 412);
  assert.equal((await ask(small, { headers: { 'if-match': etag } })).statusCode, 200);
  assert.equal((await ask(small, { headers: { 'if-match': `W/${etag}` } })).statusCode, 412);
});

test('an empty file is a file', async (t) => {
  const { ask } = await start(t);
  const answer = await ask('metadata/empty');
  assert.deepEqual([answer.statusCode, answer.headers['content-length']], [200, '0']);
});

test('what is not there, not allowed or no reading is refused with a problem', async (t) => {
  const { ask } = await start(t);
  for (const name of ['', 'metadata', 'metadata/none', '%2e%2e/key', 'metadata/..%2f..%2fetc%2fpasswd']) {
    const answer = await ask(name);
    assert.equal(answer.statusCode, 404, name);
    assert.equal(answer.headers['content-type'], 'application/problem+json');
    assert.equal((JSON.parse(String(await bodyOf(answer))) as { code: string }).code, 'FILE_NOT_FOUND');
  }
  const written = await ask(small, { method: 'DELETE' });
  assert.deepEqual([written.statusCode, written.headers.allow], [405, 'GET, HEAD']);
});

test('more than there are places for are told when to come back; small files and others are served meanwhile', async (t) => {
  const { ask, files } = await start(t, {
    limits: { maxAtOnce: 3, maxOfCaller: 2, retryAfterMs: 1_500 },
  });
  const held = [await ask(large, { caller: 'a' }), await ask(large, { caller: 'a' })];
  const own = await ask(large, { caller: 'a' });
  assert.deepEqual([own.statusCode, own.headers['retry-after']], [429, '2']);
  held.push(await ask(large, { caller: 'b' }));
  const all = await ask(large, { caller: 'c' });
  assert.deepEqual([all.statusCode, all.headers['retry-after']], [503, '2']);
  assert.equal((await ask(small, { caller: 'c' })).statusCode, 200);
  assert.equal((await ask(large, { caller: 'c', method: 'HEAD' })).statusCode, 200);
  for (const answer of held) answer.destroy();
  await until(() => files.running === 0);
  const again = await ask(large, { caller: 'a' });
  assert.equal(again.statusCode, 200);
  again.destroy();
});

test('small files have a bound as well', async (t) => {
  // None of them is finished, because nobody gets more than a byte a second.
  const { ask } = await start(t, { limits: { maxSmallAtOnce: 2 }, rates: () => ({ all: 1 }) });
  await ask(small);
  await ask(small);
  assert.equal((await ask(small)).statusCode, 503);
});

test('whoever reads nothing is ended, and the place is free again', async (t) => {
  const { ask, files, sent } = await start(t, { limits: { stalledMs: 200 } });
  const answer = await ask(large);
  answer.pause();
  await until(() => files.running === 0);
  assert.equal(sent[0]?.isComplete, false);
  await assert.rejects(bodyOf(answer));
});

test('whoever reads a byte now and then is ended as well', async (t) => {
  const { port, files } = await start(t, { limits: { stalledMs: 300 } });
  const socket = connect(port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.on('error', () => undefined);
  socket.write(`GET /${large} HTTP/1.1\r\nhost: localhost\r\n\r\n`);
  const dripping = setInterval(() => socket.read(1), 20);
  t.after(() => clearInterval(dripping));
  socket.on('readable', () => undefined);
  await until(() => files.running === 1);
  await until(() => files.running === 0);
});

test('a download that takes too long is ended, although it goes on', async (t) => {
  const { ask, files } = await start(t, {
    limits: { maxDurationMs: 300 },
    rates: () => ({ each: 100_000 }),
  });
  const answer = await ask(large);
  assert.equal(answer.statusCode, 200);
  await assert.rejects(bodyOf(answer));
  await until(() => files.running === 0);
});

test('what is asked for ahead waits for its turn and comes in order', async (t) => {
  const { port } = await start(t, { limits: { stalledMs: 1_000, maxOfCaller: 1 } });
  const socket = connect(port, '127.0.0.1');
  t.after(() => void socket.destroy());
  const one = (name: string): string => `GET /${name} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
  socket.write(one(large) + one(large) + one(small));
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > 2 * SIZE && String(chunk).endsWith('{"a":1}')) break;
  }
  const heads = String(Buffer.concat(chunks)).match(/HTTP\/1\.1 \d+/g);
  assert.deepEqual(heads, ['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 200']);
});

test('a file that becomes shorter while it is sent breaks off, and is told', async (t) => {
  const name = `targets/${'b'.repeat(64)}.full`;
  await writeFile(path.join(folder, name), content);
  const { ask, faults, sent } = await start(t);
  const answer = await ask(name);
  answer.pause();
  await truncate(path.join(folder, name), 1_000);
  answer.resume();
  await assert.rejects(bodyOf(answer));
  await until(() => sent.length === 1);
  assert.equal(sent[0]?.isComplete, false);
  assert.match(String(faults[0]), /shorter/);
});

test('rates hold for a caller and for all, on a clock of the test', async (t) => {
  let now = 0;
  const { ask } = await start(t, {
    rates: () => ({ each: 1_000_000 }),
    clock: { monotonic: () => now },
    wait: async (ms) => {
      now += ms;
    },
  });
  await bodyOf(await ask(large));
  assert.ok(now > 23_000 && now < 25_000, `${now} ms for 24 MB at 1 MB/s`);
});

test('other work goes on while files are sent', async (t) => {
  const { ask } = await start(t);
  const downloads = Array.from({ length: 4 }, async (_, index) =>
    bodyOf(await ask(large, { caller: `caller ${index}` })),
  );
  let turns = 0;
  let isOver = false;
  const all = Promise.all(downloads).then(() => {
    isOver = true;
  });
  while (!isOver) {
    await pause(1);
    turns += 1;
  }
  await all;
  assert.ok(turns > 10, `${turns} turns while 96 MB were sent`);
});

test('a stop ends what is being sent, and whatever is asked for later', async (t) => {
  const { ask, files } = await start(t);
  const answer = await ask(large);
  answer.pause();
  files.stop();
  await assert.rejects(bodyOf(answer));
  await assert.rejects(ask(small));
  await until(() => files.running === 0);
});
