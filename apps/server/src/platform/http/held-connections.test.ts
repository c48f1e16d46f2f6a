import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { signOut } from '@holdfast/api';
import { createCertificateAuthority, issueServerCertificate } from '@holdfast/trust/certificates';
import { pino } from 'pino';
import { AccessError } from '../access/access.errors.ts';
import { Grants } from '../access/grants.ts';
import { createTestClock } from '../clock/test-clock.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server.ts';

const nowMs = Date.parse('2026-11-22T08:00:00Z');
const authority = await createCertificateAuthority(nowMs);
const issued = await issueServerCertificate({ authority, names: ['127.0.0.1'], nowMs });
const tls = {
  key: issued.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  cert: issued.certificate,
};

const opened: Socket[] = [];

type Limits = Pick<
  HttpServerOptions,
  'openFileLimit' | 'maxConnections' | 'maxConnectionsPerNetwork' | 'reservedConnections'
>;

async function listen(
  t: TestContext,
  limits: Limits = {},
  prepare: (http: HttpServer) => void = () => undefined,
): Promise<HttpServer> {
  const http = await createHttpServer({
    clock: createTestClock(),
    log: pino({ level: 'silent' }),
    createId: randomUUID,
    tls,
    // What this computer allows must not change what is tested.
    openFileLimit: 65_536,
    ...limits,
  });
  prepare(http);
  await http.app.listen({ host: '127.0.0.1', port: 0 });
  t.after(async () => {
    for (const socket of opened.splice(0)) socket.destroy();
    await http.app.close();
  });
  return http;
}

async function open(http: HttpServer, localAddress = '127.0.0.1'): Promise<Socket> {
  const { port } = http.app.server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  opened.push(socket);
  // The other end may reset what it refuses.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Waits until the server holds exactly so many connections. */
async function assertHolds(http: HttpServer, expected: number): Promise<void> {
  const count = promisify(http.app.server.getConnections.bind(http.app.server));
  let held = await count();
  for (let tries = 0; held !== expected && tries < 200; tries += 1) {
    await delay(10);
    held = await count();
  }
  assert.equal(held, expected);
}

test('a connection that ends without TLS is let go at once', async (t) => {
  const http = await listen(t);
  const silent = await open(http);
  await assertHolds(http, 1);
  silent.end();
  await assertHolds(http, 0);
});

test('a connection whose bytes are no TLS is let go, also when its sender keeps it open', async (t) => {
  const http = await listen(t);
  const talking = await open(http);
  talking.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(talking, 'close');
  await assertHolds(http, 0);
});

test('one network holds its share of the connections and not one more', async (t) => {
  const http = await listen(t, { maxConnectionsPerNetwork: 2 });
  const held = [await open(http), await open(http)];
  await assertHolds(http, 2);
  const refused = await open(http);
  await once(refused, 'close');
  await assertHolds(http, 2);
  held[0]?.end();
  await assertHolds(http, 1);
  await open(http);
  await assertHolds(http, 2);
});

test('strangers from many networks never take what is kept for addresses that were proven', async (t) => {
  const http = await listen(t, { maxConnections: 5, reservedConnections: 2 }, (server) => {
    server.useAuthentication({
      authenticateSession: async () => await Promise.reject(new AccessError('NOT_SIGNED_IN', 'No.')),
      authenticateApiKey: async (key) => {
        if (key !== 'right') throw new AccessError('NOT_SIGNED_IN', 'No.');
        return { kind: 'api-key', id: 'k', name: 'k', isForTime: false, grants: Grants.none };
      },
      authenticateProduct: async () => await Promise.reject(new AccessError('ACCESS_TOKEN_INVALID', 'No.')),
      lookAgain: async (actor) => await Promise.resolve(actor),
    });
    server.registerRoute(signOut, async () => null);
  });
  const call = async (remoteAddress: string, key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key}` };
    const answer = await http.app.inject({ method: 'DELETE', url: signOut.path, remoteAddress, headers });
    return answer.statusCode;
  };
  assert.equal(await call('127.0.0.9', 'right'), 204);
  assert.equal(await call('127.0.0.8', 'wrong'), 401);

  for (const network of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) await open(http, network);
  await assertHolds(http, 3);
  for (const network of ['127.0.0.5', '127.0.0.8']) await once(await open(http, network), 'close');
  await assertHolds(http, 3);
  const known = [await open(http, '127.0.0.9'), await open(http, '127.0.0.9')];
  await assertHolds(http, 5);

  // The places that a known address leaves are not for strangers either.
  known[0]?.end();
  await assertHolds(http, 4);
  await once(await open(http, '127.0.0.5'), 'close');
  await open(http, '127.0.0.9');
  await assertHolds(http, 5);
});

test('a network that comes too fast is turned away before TLS, another one is not, and it is counted', async (t) => {
  const http = await listen(t);
  const ended = async (socket: Socket): Promise<boolean> =>
    await Promise.race([once(socket, 'close').then(() => true), delay(100).then(() => false)]);
  // Two hundred agents behind one address may start together.
  for (let index = 0; index < 200; index += 1) await open(http);
  assert.equal(http.refusedConnections(), 0);
  for (let index = 0; index < 450; index += 1) (await open(http)).on('data', () => {});
  const deadline = Date.now() + 5_000;
  while (http.refusedConnections() < 50 && Date.now() < deadline) await delay(5);
  assert.equal(http.refusedConnections(), 50);
  assert.equal(await ended(await open(http, '127.0.0.2')), false);
});

test('a small limit of open files makes the number of connections small', async (t) => {
  const http = await listen(t, { openFileLimit: 1_024 });
  assert.equal(http.app.server.maxConnections, 716);
});
