import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import { sendWebhookMessage } from './webhook-sender.ts';

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

async function receive(answer: RequestListener, server: Server = createServer(answer)): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function send(
  url: string,
  options: {
    readonly allowsLoopback?: boolean;
    readonly timeoutMs?: number;
    readonly signal?: AbortSignal;
  } = {},
): Promise<number> {
  return await sendWebhookMessage({
    url: new URL(url),
    headers: { 'webhook-id': 'msg_1' },
    body: '{"ä":1}',
    rules: { allowsPrivate: false, allowsLoopback: options.allowsLoopback ?? true },
    signal: options.signal ?? new AbortController().signal,
    timeoutMs: options.timeoutMs ?? 10_000,
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

test('a message arrives as it is, and any status from 200 to 299 accepts it', async () => {
  const seen: unknown[] = [];
  let status = 200;
  const port = await receive((request, answer) => {
    void bodyOf(request).then((body) => {
      seen.push([request.method, request.url, request.headers['webhook-id'], body]);
      answer.writeHead(status).end('thanks');
    });
  });
  for (status of [200, 202, 204]) assert.equal(await send(`http://127.0.0.1:${port}/in?x=1`), status);
  assert.deepEqual(seen[0], ['POST', '/in?x=1', 'msg_1', '{"ä":1}']);
});

test('every other status is a failure that says the status and nothing else of the answer', async () => {
  let status = 500;
  const port = await receive(
    (_request, answer) => void answer.writeHead(status).end('the secret of the receiver'),
  );
  for (const [code, expected] of [
    [500, 'WEBHOOK_REFUSED_BY_RECEIVER'],
    [404, 'WEBHOOK_REFUSED_BY_RECEIVER'],
    [410, 'WEBHOOK_GONE'],
    [199 + 105, 'WEBHOOK_REDIRECTED'],
  ] as const) {
    status = code;
    await assert.rejects(
      send(`http://127.0.0.1:${port}/`),
      (error: Error & { code: string; status: number }) => {
        assert.deepEqual([error.code, error.status], [expected, code]);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      },
    );
  }
});

test('a redirect is not followed', async () => {
  let hits = 0;
  const target = await receive((_request, answer) => {
    hits += 1;
    answer.end();
  });
  for (const status of [301, 302, 303, 307, 308]) {
    const port = await receive(
      (_request, answer) => void answer.writeHead(status, { location: `http://127.0.0.1:${target}/` }).end(),
    );
    await assert.rejects(send(`http://127.0.0.1:${port}/`), { code: 'WEBHOOK_REDIRECTED', status });
  }
  assert.equal(hits, 0);
});

test('this computer is not called, by address or by name, where that is not allowed', async () => {
  let hits = 0;
  const server = createServer((_request, answer) => void answer.end());
  server.on('connection', () => {
    hits += 1;
  });
  const port = await receive(() => {}, server);
  for (const host of [
    '127.0.0.1',
    'localhost',
    '127.1',
    '2130706433',
    '0x7f.1',
    '[::ffff:127.0.0.1]',
    '[::1]',
  ]) {
    const sent = send(`http://${host}:${port}/`, { allowsLoopback: false });
    await assert.rejects(sent, { code: 'WEBHOOK_DESTINATION_REFUSED' }, host);
  }
  assert.equal(hits, 0, 'not even a connection');
  assert.equal(await send(`http://localhost:${port}/`), 200, 'and where it is allowed, it is');
});

test('metadata services, link-local and private addresses are refused before a connection is tried', async () => {
  for (const host of [
    '169.254.169.254',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '100.100.100.200',
    '0.0.0.0',
    '10.0.0.1',
  ]) {
    await assert.rejects(send(`https://${host}/`), { code: 'WEBHOOK_DESTINATION_REFUSED' }, host);
  }
});

test('a certificate of an authority that nobody trusts is refused', async () => {
  const nowMs = systemClock.now();
  const authority = await createCertificateAuthority(nowMs);
  const issued = await issueServerCertificate({ authority, names: ['localhost'], nowMs });
  let hits = 0;
  const server = createTlsServer(
    {
      key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      cert: issued.certificate,
    },
    (_request, answer) => {
      hits += 1;
      answer.end();
    },
  );
  const port = await receive(() => {}, server);
  await assert.rejects(send(`https://localhost:${port}/`), {
    code: 'WEBHOOK_NOT_REACHED',
    message: /UNABLE_TO_VERIFY_LEAF_SIGNATURE|SELF_SIGNED_CERT/,
  });
  assert.equal(hits, 0);
});

test('a receiver that does not answer, and one that is not there, are failures', async () => {
  const port = await receive(() => {});
  await assert.rejects(send(`http://127.0.0.1:${port}/`, { timeoutMs: 50 }), { code: 'WEBHOOK_TIMED_OUT' });
  const [server] = servers.splice(0);
  server?.closeAllConnections();
  server?.close();
  await assert.rejects(send(`http://127.0.0.1:${port}/`), {
    code: 'WEBHOOK_NOT_REACHED',
    message: /ECONNREFUSED/,
  });
});

test('an answer without end is cut off, and its status counts', async () => {
  let isCut = false;
  const port = await receive((_request, answer) => {
    answer.on('close', () => {
      isCut = true;
    });
    answer.writeHead(200);
    const write = (): void => {
      while (!isCut && answer.write('x'.repeat(16_384)));
    };
    answer.on('drain', write);
    write();
  });
  assert.equal(await send(`http://127.0.0.1:${port}/`), 200);
  while (!isCut) await new Promise((resolve) => setImmediate(resolve));
});

test('whoever stops the server does not wait for a receiver', async () => {
  const stopping = new AbortController();
  const port = await receive(() => stopping.abort());
  await assert.rejects(send(`http://127.0.0.1:${port}/`, { signal: stopping.signal }), {
    code: 'WEBHOOK_NOT_REACHED',
  });
});
