import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createSocketServer, type Socket } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { after, before, test, type TestContext } from 'node:test';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import { createFileServer } from './file-server.ts';
import { createFolderSource } from './folder-source.ts';
import { createHttpSource, type HttpSource, type HttpSourceOptions } from './http-source.ts';
import { createServedFolder } from './served-folder.ts';
import { TransferError } from './transfer.errors.ts';

const content = randomBytes(1_000_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const file = `targets/${sha256}.full`;
const never = new AbortController().signal;
/** Enough for a computer that does much else, little enough for a test that waits for it. */
const quick = { headTimeoutMs: 400, windowMs: 400, minWindowBytes: 4_096, breakPauseMs: 5, maxBreaks: 3 };
let folder: string;

before(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'holdfast-http-source-'));
  await mkdir(path.join(folder, 'targets'));
  await writeFile(path.join(folder, file), content);
});
after(async () => {
  await rm(folder, { recursive: true });
});

/** A server of the test, which does what the test says. */
async function listen(t: TestContext, server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

async function serve(
  t: TestContext,
  listener: RequestListener,
  options: Partial<HttpSourceOptions> = {},
): Promise<HttpSource> {
  const port = await listen(t, createServer(listener));
  return createSource(t, { base: `http://127.0.0.1:${port}/repository`, ...options });
}

function createSource(t: TestContext, options: Partial<HttpSourceOptions> & { base: string }): HttpSource {
  const source = createHttpSource({ name: 'a source', limits: quick, ...options });
  t.after(() => source.close());
  return source;
}

/** The real other half. */
function serveFolder(): RequestListener {
  const files = createFileServer({ folder: createServedFolder(folder) });
  return (request, response) =>
    void files.answer(request, response, {
      path: (request.url ?? '').replace(/^\/(repository\/)?/, ''),
      caller: 'somebody',
    });
}

/** A server's key and certificate, and the authority that vouches for it as `localhost`. */
async function certify(): Promise<{ key: string; cert: string; authority: string }> {
  const nowMs = Date.now();
  const authority = await createCertificateAuthority(nowMs);
  const { certificate, privateKey } = await issueServerCertificate({
    authority,
    names: ['localhost'],
    nowMs,
  });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  return { key, cert: certificate, authority: authority.certificate };
}

async function fetchAll(
  source: Pick<HttpSource, 'open'>,
  { from = 0, limit = content.length, signal = never, name = file } = {},
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  const bytes = await source.open(name, { from, limit, signal });
  if (bytes === undefined) return undefined;
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function rejectsWithCode(work: Promise<unknown>, code: string): Promise<TransferError> {
  let found: unknown;
  await assert.rejects(work, (error) => {
    found = error;
    return error instanceof TransferError && error.code === code;
  });
  return found as TransferError;
}

test('a file comes from the other half, whole, from an offset on, and from its end', async (t) => {
  const source = await serve(t, serveFolder());
  assert.ok((await fetchAll(source))?.equals(content));
  assert.ok((await fetchAll(source, { from: 999_000, limit: 1_000 }))?.equals(content.subarray(999_000)));
  assert.equal((await fetchAll(source, { from: 1_000_000, limit: 0 }))?.length, 0);
  assert.equal(await fetchAll(source, { name: 'targets/none' }), undefined);
  await rejectsWithCode(fetchAll(source, { from: 1_000_001 }), 'SOURCE_FILE_CHANGED');
});

test('a folder of this computer is a source as well', async () => {
  const source = createFolderSource({ name: 'a folder', folder });
  assert.ok((await fetchAll(source))?.equals(content));
  assert.ok((await fetchAll(source, { from: 999_000, limit: 1_000 }))?.equals(content.subarray(999_000)));
  assert.equal(await fetchAll(source, { name: 'targets/none' }), undefined);
  await rejectsWithCode(fetchAll(source, { from: 1_000_001 }), 'SOURCE_FILE_CHANGED');
  await rejectsWithCode(fetchAll(source, { limit: 999_999 }), 'SOURCE_TOO_LONG');
  await rejectsWithCode(fetchAll(source, { name: '../key' }), 'REPOSITORY_PATH_INVALID');
});

test('a path that is none is asked for nowhere', async (t) => {
  const source = await serve(t, () => assert.fail('it was asked for'));
  await rejectsWithCode(fetchAll(source, { name: 'metadata/../../key' }), 'REPOSITORY_PATH_INVALID');
});

test('a web server without ranges serves the rest as well', async (t) => {
  const source = await serve(t, (_, response) => response.end(content));
  assert.ok((await fetchAll(source, { from: 700_000 }))?.equals(content.subarray(700_000)));
});

test('a connection that breaks is taken up where it broke, with the same file', async (t) => {
  const asked: IncomingHttpHeaders[] = [];
  const real = serveFolder();
  const source = await serve(t, (request, response) => {
    asked.push(request.headers);
    if (asked.length === 4) return real(request, response);
    const start = Number(/\d+/.exec(request.headers.range ?? '0')?.[0]);
    response.writeHead(start === 0 ? 200 : 206, {
      etag: `"${sha256}"`,
      'content-length': content.length - start,
      'content-range': `bytes ${start}-${content.length - 1}/${content.length}`,
    });
    response.write(content.subarray(start, start + 100_000), () => response.destroy());
  });
  assert.ok((await fetchAll(source))?.equals(content));
  assert.deepEqual(
    asked.map((headers) => headers['if-range']),
    [undefined, `"${sha256}"`, `"${sha256}"`, `"${sha256}"`],
  );
});

test('what is another file after a break is not put behind the first', async (t) => {
  let asked = 0;
  const source = await serve(t, (_, response) => {
    asked += 1;
    response.writeHead(200, { etag: `"${asked}"`, 'content-length': content.length });
    response.write(content.subarray(0, 100_000), () => response.destroy());
  });
  await rejectsWithCode(fetchAll(source), 'SOURCE_FILE_CHANGED');
});

test('connections that break without bringing anything end after a few', async (t) => {
  let asked = 0;
  const source = await serve(t, (_, response) => {
    asked += 1;
    response.writeHead(200, { 'content-length': content.length }).flushHeaders();
    response.write('x', () => response.destroy());
  });
  const error = await rejectsWithCode(fetchAll(source), 'SOURCE_BROKE_OFF');
  assert.equal(error.retry, 'safe');
  assert.equal(asked, 4);
});

test('one that says nothing is given up, before and after the head of its answer', async (t) => {
  const silent = await serve(t, () => undefined);
  await rejectsWithCode(fetchAll(silent), 'SOURCE_UNREACHABLE');
  const hanging = await serve(t, (_, response) => response.writeHead(200).flushHeaders());
  await rejectsWithCode(fetchAll(hanging), 'SOURCE_TOO_SLOW');
});

test('one that drips is given up, also when it spreads the drops over connections', async (t) => {
  const dripping = await serve(t, (_, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 10);
    response.on('close', () => clearInterval(timer));
  });
  await rejectsWithCode(fetchAll(dripping), 'SOURCE_TOO_SLOW');
  const breaking = await serve(
    t,
    (_, response) => {
      response.writeHead(200, { 'content-length': content.length }).flushHeaders();
      setTimeout(() => response.write('x', () => response.destroy()), 100);
    },
    { limits: { ...quick, maxBreaks: 1_000 } },
  );
  await rejectsWithCode(fetchAll(breaking), 'SOURCE_TOO_SLOW');
});

test('a reader that pauses is not taken for a slow source', async (t) => {
  const source = await serve(t, serveFolder(), { limits: { ...quick, windowMs: 100 } });
  const bytes = await source.open(file, { from: 0, limit: content.length, signal: never });
  let length = 0;
  for await (const chunk of bytes ?? []) {
    if (length === 0) await new Promise((resolve) => setTimeout(resolve, 300));
    length += chunk.length;
  }
  assert.equal(length, content.length);
});

test('never more than the limit comes: not announced, not without end', async (t) => {
  const announced = await serve(t, serveFolder());
  await rejectsWithCode(fetchAll(announced, { limit: 999_999 }), 'SOURCE_TOO_LONG');
  let sent = 0;
  const endless = await serve(t, (_, response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(content)) sent += content.length;
    };
    response.on('drain', more);
    more();
  });
  let received = 0;
  const work = (async () => {
    const bytes = await endless.open(file, { from: 0, limit: 3_000_000, signal: never });
    for await (const chunk of bytes ?? []) received += chunk.length;
  })();
  await rejectsWithCode(work, 'SOURCE_TOO_LONG');
  assert.ok(received <= 3_000_000, `${received} of ${sent}`);
});

test('one that lies about lengths is not believed', async (t) => {
  const answers: ((response: ServerResponse) => unknown)[] = [
    // Less than it said: the file breaks off.
    (response) => {
      response.writeHead(200, { 'content-length': 100 }).flushHeaders();
      response.socket?.end();
    },
    // Another part than was asked for.
    (response) => response.writeHead(206, { 'content-range': 'bytes 0-999999/1000000' }).end(content),
    (response) => response.writeHead(206, { 'content-range': 'bytes 500-600/1000000' }).end(content),
    (response) => response.writeHead(206, { 'content-range': 'bytes 500-999999/999999999999999999' }).end(),
    (response) => response.writeHead(206).end(content),
    (response) =>
      response
        .writeHead(206, { 'content-range': 'bytes 500-999999/1000000', 'content-length': 3 })
        .end('abc'),
    // Nothing of it, although there is more.
    (response) => response.writeHead(416, { 'content-range': 'bytes */100' }).end(content),
    (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(content),
  ];
  const codes: (string | undefined)[] = [];
  for (const answer of answers) {
    const source = await serve(t, (_, response) => {
      answer(response);
    });
    await fetchAll(source, { from: 500 }).then(
      () => codes.push(undefined),
      (error: TransferError) => codes.push(error.code),
    );
  }
  const invalid = 'SOURCE_ANSWER_INVALID';
  assert.deepEqual(codes, [
    'SOURCE_BROKE_OFF',
    invalid,
    invalid,
    invalid,
    invalid,
    invalid,
    'SOURCE_FILE_CHANGED',
    invalid,
  ]);
});

test('what comes with "nothing more" is no part of the file', async (t) => {
  const source = await serve(t, (_, response) =>
    response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end('planted'),
  );
  assert.equal((await fetchAll(source, { from: content.length, limit: 100 }))?.length, 0);
});

test('a part that nobody asked for is refused', async (t) => {
  const source = await serve(t, (_, response) =>
    response.writeHead(206, { 'content-range': 'bytes 0-999999/1000000' }).end(content),
  );
  await rejectsWithCode(fetchAll(source), 'SOURCE_ANSWER_INVALID');
});

test('what is no HTTP is no source', async (t) => {
  const server = createSocketServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('SSH-2.0-OpenSSH_9.9\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const source = createSource(t, { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
  await rejectsWithCode(fetchAll(source), 'SOURCE_UNREACHABLE');
});

test('who refuses says so, and a busy one says until when', async (t) => {
  for (const status of [401, 403, 407]) {
    const source = await serve(t, (_, response) => response.writeHead(status).end());
    await rejectsWithCode(fetchAll(source), 'SOURCE_REFUSED');
  }
  for (const [header, ms] of [
    ['7', 7_000],
    ['999999999', 86_400_000],
    ['Tue, 01 Dec 2026 00:00:00 GMT', 5_000],
  ] as const) {
    const source = await serve(t, (_, response) => response.writeHead(503, { 'retry-after': header }).end());
    const error = await rejectsWithCode(fetchAll(source), 'SOURCE_BUSY');
    assert.equal(error.facts['retryAfterMs'], ms);
  }
  const broken = await serve(t, (_, response) => response.writeHead(500).end('x'.repeat(100_000)));
  await rejectsWithCode(fetchAll(broken), 'SOURCE_ANSWER_INVALID');
});

test('a busy source is waited for as far as patience goes', async (t) => {
  let asked = 0;
  const real = serveFolder();
  const listener: RequestListener = (request, response) => {
    asked += 1;
    if (asked % 3 === 0) return real(request, response);
    response.writeHead(503, { 'retry-after': '0' }).end();
  };
  const patient = await serve(t, listener, { limits: { ...quick, busyPatienceMs: 5_000 } });
  assert.ok((await fetchAll(patient))?.equals(content));
  assert.equal(asked, 3);
  const hasty = await serve(t, listener, { limits: { ...quick, busyPatienceMs: 50 } });
  await rejectsWithCode(fetchAll(hasty), 'SOURCE_BUSY');
});

test('redirects are not followed unless that is said, and then a bounded number with the same scheme', async (t) => {
  const asked: IncomingHttpHeaders[] = [];
  const real = serveFolder();
  const target = await listen(
    t,
    createServer((request, response) => {
      asked.push(request.headers);
      real(request, response);
    }),
  );
  const answer = (location: string): RequestListener => {
    return (_, response) => response.writeHead(302, { location }).end();
  };
  const there = `http://localhost:${target}/${file}`;
  const following = {
    limits: { ...quick, maxRedirects: 3 },
    headers: async () => ({ authorization: 'Bearer x' }),
  };
  await rejectsWithCode(fetchAll(await serve(t, answer(there))), 'SOURCE_REDIRECTED');
  assert.ok((await fetchAll(await serve(t, answer(there), following)))?.equals(content));
  assert.deepEqual(
    asked.map(({ authorization }) => authorization),
    [undefined],
    'another origin gets no credentials',
  );
  for (const location of [
    '/repository/loop',
    `https://localhost:${target}/${file}`,
    'file:///etc/passwd',
    `http://user:password@localhost:${target}/${file}`,
    'http://[',
    '',
  ])
    await rejectsWithCode(fetchAll(await serve(t, answer(location), following)), 'SOURCE_REDIRECTED');
});

test('who stops waiting is told by its own reason, at once', async (t) => {
  const source = await serve(t, (_, response) => response.writeHead(200).flushHeaders(), {
    limits: { ...quick, windowMs: 60_000 },
  });
  const reason = new Error('enough');
  const stop = new AbortController();
  const bytes = await source.open(file, { from: 0, limit: 10, signal: stop.signal });
  assert.ok(bytes !== undefined);
  const next = bytes[Symbol.asyncIterator]().next();
  stop.abort(reason);
  await assert.rejects(next, reason);
  await assert.rejects(source.open(file, { from: 0, limit: 10, signal: stop.signal }), reason);
});

test('a reader that leaves in the middle leaves no connection behind', async (t) => {
  const sockets = new Set<Socket>();
  const server = createServer(serveFolder());
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const port = await listen(t, server);
  const source = createSource(t, { base: `http://127.0.0.1:${port}/` });
  const bytes = await source.open(file, { from: 0, limit: content.length, signal: never });
  for await (const _ of bytes ?? []) break;
  for (let tries = 0; sockets.size > 0; tries += 1) {
    assert.ok(tries < 400, 'the connection stays');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('over TLS the authority that is named is trusted, and no other', async (t) => {
  const own = await certify();
  const other = await certify();
  const server = createTlsServer(own, serveFolder());
  const port = await listen(t, server);
  const base = `https://localhost:${port}/`;
  const trusting = createSource(t, { base, authorities: own.authority });
  assert.ok((await fetchAll(trusting))?.equals(content));
  for (const options of [{ authorities: other.authority }, {}])
    await rejectsWithCode(fetchAll(createSource(t, { base, ...options })), 'SOURCE_CERTIFICATE_INVALID');
  const misnamed = createSource(t, { base: `https://127.0.0.1:${port}/`, authorities: own.authority });
  await rejectsWithCode(fetchAll(misnamed), 'SOURCE_CERTIFICATE_INVALID');
});

test('a kept connection that was closed meanwhile is made anew with the same trust', async (t) => {
  const [own, other] = [await certify(), await certify()];
  const used = new Set<Socket>();
  let connections = 0;
  let isReplaced = false;
  const real = serveFolder();
  const server = createTlsServer(own, (request, response) => {
    // As one that closes what was idle, at the moment at which it is used again.
    if (used.has(request.socket)) {
      if (isReplaced) server.setSecureContext(other);
      return void request.socket.destroy();
    }
    used.add(request.socket);
    real(request, response);
  });
  server.on('secureConnection', () => void (connections += 1));
  const port = await listen(t, server);
  const source = createSource(t, { base: `https://localhost:${port}/`, authorities: own.authority });
  assert.ok((await fetchAll(source))?.equals(content));
  assert.ok((await fetchAll(source))?.equals(content));
  assert.equal(connections, 2);
  isReplaced = true;
  await rejectsWithCode(fetchAll(source), 'SOURCE_CERTIFICATE_INVALID');
});

test('a proxy is asked for a tunnel or for the file, with its credentials', async (t) => {
  const own = await certify();
  const tlsPort = await listen(t, createTlsServer(own, serveFolder()));
  const plainPort = await listen(t, createServer(serveFolder()));
  const wanted = `Basic ${Buffer.from('al:p@ss/word').toString('base64')}`;
  const seen: string[] = [];
  const real = serveFolder();
  const proxy = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== wanted) return void response.writeHead(407).end();
    request.url = new URL(request.url ?? '').pathname;
    real(request, response);
  });
  proxy.on('connect', (request, socket) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.headers['proxy-authorization'] !== wanted)
      return void socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const upstream = connect(tlsPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  const proxyPort = await listen(t, proxy);
  const url = `http://127.0.0.1:${proxyPort}`;
  const known = { url, userName: 'al', password: 'p@ss/word' };
  const bases = [`https://localhost:${tlsPort}/`, `http://localhost:${plainPort}/`];
  for (const base of bases) {
    const source = createSource(t, { base, authorities: own.authority, proxy: known });
    assert.ok((await fetchAll(source))?.equals(content), base);
  }
  assert.deepEqual(seen, [`CONNECT localhost:${tlsPort}`, `GET http://localhost:${plainPort}/${file}`]);
  for (const base of bases) {
    const source = createSource(t, { base, authorities: own.authority, proxy: { url } });
    await assert.rejects(fetchAll(source), TransferError, base);
  }
});

test('an address with credentials or a query, and one that is no address, is a mistake of the program', () => {
  for (const base of ['http://a:b@localhost/', 'https://localhost/?x=1', 'ftp://localhost/', 'localhost'])
    assert.throws(() => createHttpSource({ name: 'a source', base }), TypeError, base);
});
