/** Active Agent and members over real connections, on the loopback address. */
import assert from 'node:assert/strict';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { access, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { describe, test, type TestContext } from 'node:test';
import { type FileSource, fetchTarget } from '@holdfast/components/client';
import { createFileServer } from '@holdfast/components/transfer';
import { hasCode, systemClock } from '@holdfast/kernel';
import { eventually } from '../../../testing/eventually.ts';
import { createSilentLog } from '../../../testing/silent-log.ts';
import { deriveLanKey } from '../lan/lan-key.ts';
import { createFileCache, type FileCache } from './file-cache.ts';
import { createLanServer, type LanServer } from './lan-server.ts';
import { createLanSource } from './lan-source.ts';

const key = deriveLanKey(createSecretKey(Buffer.alloc(32, 1)));
const foreignKey = deriveLanKey(createSecretKey(Buffer.alloc(32, 2)));
const never = new AbortController().signal;

interface Published {
  readonly path: string;
  readonly bytes: Buffer;
  readonly sha256: string;
}

function publish(name: string, length = 50_000): Published {
  const bytes = randomBytes(length);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path: `targets/components/${name}/1/${sha256}.full`, bytes, sha256 };
}

/** The server, which counts what is fetched from it. */
function createCountingSource(files: readonly Published[], change = (bytes: Buffer): Buffer => bytes) {
  const opened: string[] = [];
  let held: Promise<void> = Promise.resolve();
  const source: FileSource = {
    name: 'the server',
    open: async (path, { from }) => {
      opened.push(path);
      await held;
      const file = files.find((one) => one.path === path);
      if (file === undefined) return undefined;
      const bytes = change(file.bytes).subarray(from);
      return (async function* send() {
        yield bytes;
      })();
    },
  };
  return {
    source,
    opened,
    /** Whoever asks waits until the function that is answered is called. */
    hold: (): (() => void) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
  };
}

interface Served {
  readonly cache: FileCache;
  readonly server: LanServer;
  readonly folder: string;
}

async function serve(
  t: TestContext,
  files: readonly Published[],
  options: { source?: FileSource; maxBytes?: number; maxAtOnce?: number; folder?: string } = {},
): Promise<Served> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'holdfast-lan-cache-')));
  const log = createSilentLog();
  const cache = createFileCache({
    folder,
    maxBytes: () => options.maxBytes ?? 10_000_000,
    source: options.source ?? createCountingSource(files).source,
    findVouched: (path) => {
      const file = files.find((one) => one.path === path);
      return file === undefined ? undefined : { length: file.bytes.length, sha256: file.sha256 };
    },
    clock: systemClock,
    log,
  });
  await cache.start();
  const server = createLanServer({
    keys: [key],
    files: createFileServer({
      folder: cache,
      limits: {
        maxAtOnce: options.maxAtOnce ?? 5,
        maxSmallAtOnce: options.maxAtOnce ?? 5,
        retryAfterMs: 1_000,
      },
    }),
    provide: (path, signal) => cache.provide(path, signal),
    retryAfterMs: 1_000,
    log,
  });
  await server.open(0);
  t.after(async () => {
    await server.close();
    await cache.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return { cache, server, folder };
}

function createMember(
  t: TestContext,
  { server }: Served,
  options: { lanKey?: typeof key; address?: string; givenUp?: AbortSignal } = {},
) {
  const source = createLanSource({
    productNumber: 9,
    address: options.address ?? '127.0.0.1',
    port: server.port,
    key: options.lanKey ?? key,
    busyPatienceMs: 20_000,
    givenUp: options.givenUp ?? never,
  });
  t.after(() => source.close());
  return source;
}

async function read(source: FileSource, path: string, from = 0): Promise<Buffer | undefined> {
  const bytes = await source.open(path, { from, limit: 10_000_000, signal: never });
  if (bytes === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe('an Active Agent and its members', () => {
  test('many members get a file, and the server is asked for it once', async (t) => {
    const file = publish('a');
    const counting = createCountingSource([file]);
    const served = await serve(t, [file], { source: counting.source });
    const atOnce = Array.from({ length: 5 }, () => createMember(t, served));
    const got = await Promise.all(atOnce.map(async (member) => await read(member, file.path)));
    for (const bytes of got) assert.deepEqual(bytes, file.bytes);
    for (const member of atOnce) member.close();
    for (let later = 0; later < 15; later++) {
      const member = createMember(t, served);
      assert.deepEqual(await read(member, file.path), file.bytes);
      member.close();
    }
    assert.deepEqual(counting.opened, [file.path]);
  });

  test('a download that broke goes on by a range, and the whole is verified', async (t) => {
    const file = publish('a', 300_000);
    const served = await serve(t, [file]);
    const member = createMember(t, served);
    assert.deepEqual(await read(member, file.path, 250_000), file.bytes.subarray(250_000));
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-member-'));
    t.after(async () => await rm(folder, { recursive: true }));
    const into = join(folder, 'file');
    await writeFile(`${into}.partial`, file.bytes.subarray(0, 100_000));
    const target = { path: file.path, length: file.bytes.length, sha256: file.sha256 };
    const { receivedBytes } = await fetchTarget({
      target,
      sources: [member],
      into,
      location: file.path,
      signal: never,
    });
    assert.equal(receivedBytes, 200_000);
    assert.deepEqual(await readFile(into), file.bytes);
  });

  test('by IPv6 as well', async (t) => {
    const file = publish('a');
    const served = await serve(t, [file]);
    assert.deepEqual(await read(createMember(t, served, { address: '::1' }), file.path), file.bytes);
  });

  test('an agent of another organisation, and a stranger with none, get nothing', async (t) => {
    const file = publish('a');
    const counting = createCountingSource([file]);
    const served = await serve(t, [file], { source: counting.source });
    const stranger = createMember(t, served, { lanKey: foreignKey });
    await assert.rejects(read(stranger, file.path), (error) => hasCode(error, 'SOURCE_UNREACHABLE'));
    const claiming = createMember(t, served, { lanKey: { ...foreignKey, id: key.id } });
    await assert.rejects(read(claiming, file.path), (error) => hasCode(error, 'SOURCE_UNREACHABLE'));
    const without = request({ host: '127.0.0.1', port: served.server.port, rejectUnauthorized: false });
    without.end();
    const [error] = (await once(without, 'error')) as [NodeJS.ErrnoException];
    assert.ok(error.code !== undefined);
    assert.deepEqual(counting.opened, []);
  });

  test('in place of the Active Agent somebody without the key is found out', async (t) => {
    const file = publish('a');
    const served = await serve(t, [file]);
    // It has the key of another organisation, and the member has ours.
    const member = createMember(t, served, { lanKey: foreignKey });
    await assert.rejects(read(member, file.path), (error) => hasCode(error, 'SOURCE_UNREACHABLE'));
  });

  test('a stranger does not take all connections: members still come in', async (t) => {
    const file = publish('a');
    const served = await serve(t, [file]);
    const silent = Array.from({ length: 40 }, () => connect(served.server.port, '127.0.0.2'));
    t.after(() => silent.forEach((socket) => socket.destroy()));
    let refused = 0;
    for (const socket of silent) socket.on('error', () => undefined).on('close', () => refused++);
    const local = Array.from({ length: 40 }, () =>
      connect({ port: served.server.port, host: '127.0.0.1', localAddress: '127.0.0.9' }),
    );
    t.after(() => local.forEach((socket) => socket.destroy()));
    for (const socket of local) socket.on('error', () => undefined).on('close', () => refused++);
    assert.deepEqual(await read(createMember(t, served), file.path), file.bytes);
    await eventually('the others are refused', () => refused >= 32);
  });

  test('what no signed metadata name is not fetched from the server, and paths lead nowhere else', async (t) => {
    const counting = createCountingSource([]);
    const served = await serve(t, [], { source: counting.source });
    const member = createMember(t, served);
    const other = publish('b');
    assert.equal(await read(member, other.path), undefined);
    for (const path of [
      '/etc/passwd',
      '/..%2f..%2fetc/passwd',
      '//etc/passwd',
      '/targets/../x',
      '/x?y',
      '/%00',
    ]) {
      const status = await ask(served, path);
      assert.equal(status, 404, path);
    }
    assert.deepEqual(counting.opened, []);
  });

  async function ask({ server }: Served, path: string, method = 'GET'): Promise<number> {
    const agent = new Agent({
      ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
      maxVersion: 'TLSv1.2',
      checkServerIdentity: () => undefined,
      pskCallback: () => ({ psk: key.transferKey.export(), identity: Buffer.from(key.id).toString('hex') }),
    });
    const call = request({ host: '127.0.0.1', port: server.port, path, method, agent });
    call.end();
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    response.resume();
    await once(response, 'end');
    return response.statusCode ?? 0;
  }

  test('members only read', async (t) => {
    const file = publish('a');
    const served = await serve(t, [file]);
    await served.cache.provide(file.path, never);
    for (const method of ['POST', 'PUT', 'DELETE'])
      assert.equal(await ask(served, `/${file.path}`, method), 405);
  });

  test('a file that is still coming: come back, and not a second time to the server', async (t) => {
    const file = publish('a');
    const counting = createCountingSource([file]);
    const served = await serve(t, [file], { source: counting.source });
    const release = counting.hold();
    assert.equal(await ask(served, `/${file.path}`), 503);
    const member = read(createMember(t, served), file.path);
    release();
    assert.deepEqual(await member, file.bytes);
    assert.deepEqual(counting.opened, [file.path]);
  });

  test('an Active Agent that is given up is not waited for, and what is on its way breaks off', async (t) => {
    const [large, coming] = [publish('large', 5_000_000), publish('coming')];
    const counting = createCountingSource([large, coming]);
    const served = await serve(t, [large, coming], { source: counting.source });
    const giving = new AbortController();
    const member = createMember(t, served, { givenUp: giving.signal });
    await served.cache.provide(large.path, never);
    const bytes = await member.open(large.path, { from: 0, limit: large.bytes.length, signal: never });
    const pieces = bytes?.[Symbol.asyncIterator]();
    assert.equal((await pieces?.next())?.done, false);
    t.after(counting.hold());
    const waiting = assert.rejects(read(member, coming.path), { code: 'SOURCE_SLOW' });
    giving.abort();
    await waiting;
    const rest = async () => {
      while ((await pieces?.next())?.done === false);
    };
    await assert.rejects(rest(), { code: 'SOURCE_SLOW' });
    await assert.rejects(read(member, large.path), { code: 'SOURCE_SLOW' }, 'nothing more is asked of it');
  });

  test('wrong bytes from the way to the server are never served', async (t) => {
    const file = publish('a');
    const lying = createCountingSource([file], (bytes) => Buffer.from(bytes).fill(0, 10, 20));
    const served = await serve(t, [file], { source: lying.source });
    assert.equal(await read(createMember(t, served), file.path), undefined);
    assert.equal(served.cache.usedBytes, 0);
    const asked = lying.opened.length;
    assert.equal(await read(createMember(t, served), file.path), undefined);
    assert.equal(lying.opened.length, asked, 'and the server is left alone for a while');
  });

  test('a file that was damaged on the disk is not served as what it was', async (t) => {
    const file = publish('a');
    const counting = createCountingSource([file]);
    const served = await serve(t, [file], { source: counting.source });
    const member = createMember(t, served);
    await read(member, file.path);
    await writeFile(join(served.folder, file.path), 'short');
    assert.equal(await read(member, file.path), undefined);
    assert.deepEqual(await read(member, file.path), file.bytes, 'it is fetched anew');
  });

  test('the cache keeps its bound, and what was asked for least recently gives way', async (t) => {
    const files = ['a', 'b', 'c', 'd'].map((name) => publish(name, 30_000));
    const [a, b, c, d] = files as [Published, Published, Published, Published];
    const counting = createCountingSource(files);
    const served = await serve(t, files, { source: counting.source, maxBytes: 100_000 });
    const member = createMember(t, served);
    for (const { path } of [a, b, c, a, d]) await read(member, path);
    assert.ok(served.cache.usedBytes <= 100_000);
    await read(member, a.path);
    assert.equal(counting.opened.filter((path) => path === a.path).length, 1, 'a was used and has stayed');
    await assert.rejects(access(join(served.folder, b.path)));
    await read(member, b.path);
    assert.equal(counting.opened.filter((path) => path === b.path).length, 2);
  });

  test('files that are asked for at once do not take the same room', async (t) => {
    const files = ['a', 'b', 'c'].map((name) => publish(name, 60_000));
    const [a, b, c] = files as [Published, Published, Published];
    const counting = createCountingSource(files);
    const { cache } = await serve(t, files, { source: counting.source, maxBytes: 100_000 });
    await cache.provide(a.path, never);
    await Promise.all([cache.provide(b.path, never), cache.provide(c.path, never)]);
    assert.equal(cache.usedBytes, 60_000);
    assert.deepEqual(counting.opened, [a.path, b.path], 'what does not fit is not fetched');
  });

  test('what has come of a file that breaks off does not stay on the disk', async (t) => {
    const file = publish('a');
    const source: FileSource = {
      name: 'the server',
      open: async () =>
        (async function* send() {
          yield file.bytes.subarray(0, 30_000);
          throw new Error('It broke off.');
        })(),
    };
    const { cache, folder } = await serve(t, [file], { source });
    await cache.provide(file.path, never);
    const left = await readdir(folder, { recursive: true, withFileTypes: true });
    assert.deepEqual(
      left.filter((entry) => entry.isFile()).map(({ name }) => name),
      [],
    );
  });

  test('a file that is larger than the cache may be is not fetched', async (t) => {
    const file = publish('a', 200_000);
    const counting = createCountingSource([file]);
    const served = await serve(t, [file], { source: counting.source, maxBytes: 100_000 });
    assert.equal(await read(createMember(t, served), file.path), undefined);
    assert.deepEqual(counting.opened, []);
  });

  test('the next process goes on with what is there, and removes what is not vouched for', async (t) => {
    const [file, old] = [publish('a'), publish('old')];
    const first = await serve(t, [file, old]);
    for (const { path } of [file, old]) await first.cache.provide(path, never);
    await writeFile(join(first.folder, 'stray.unverified'), 'x');
    const counting = createCountingSource([file]);
    const second = await serve(t, [file], { source: counting.source, folder: first.folder });
    assert.deepEqual(await read(createMember(t, second), file.path), file.bytes);
    assert.deepEqual(counting.opened, []);
    const left = await readdir(first.folder, { recursive: true, withFileTypes: true });
    assert.equal(left.filter((entry) => entry.isFile()).length, 1);
  });

  test('metadata that were verified are served, and the former ones are not', async (t) => {
    const served = await serve(t, []);
    const member = createMember(t, served);
    await served.cache.keepMetadata(new Map([['metadata/timestamp.json', Buffer.from('one')]]));
    assert.equal((await read(member, 'metadata/timestamp.json'))?.toString(), 'one');
    await served.cache.keepMetadata(
      new Map([
        ['metadata/timestamp.json', Buffer.from('two')],
        ['metadata/2.snapshot.json', Buffer.from('s')],
      ]),
    );
    assert.equal((await read(member, 'metadata/timestamp.json'))?.toString(), 'two');
    await served.cache.keepMetadata(new Map([['metadata/timestamp.json', Buffer.from('three')]]));
    assert.equal(await read(member, 'metadata/2.snapshot.json'), undefined);
    await assert.rejects(served.cache.keepMetadata(new Map([['../x', Buffer.alloc(1)]])), RangeError);
  });

  test('more than may be served at once are told when to come back', async (t) => {
    const file = publish('a');
    const served = await serve(t, [file], { maxAtOnce: 0 });
    await served.cache.provide(file.path, never);
    assert.equal(await ask(served, `/${file.path}`), 503);
  });

  test('a stop ends what is under way and waits for no reader', async (t) => {
    const file = publish('a', 8_000_000);
    const served = await serve(t, [file]);
    const bytes = await createMember(t, served).open(file.path, {
      from: 0,
      limit: 10_000_000,
      signal: never,
    });
    assert.ok(bytes);
    const reader = bytes[Symbol.asyncIterator]();
    await reader.next();
    await served.server.close();
    assert.equal(served.server.port, 0);
    await reader.return?.();
  });
});
