import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { afterEach, test } from 'node:test';
import { defineRoute, permissions, type Problem } from '@holdfast/api';
import { AppError } from '@holdfast/kernel';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import { Type } from 'typebox';
import { createTestClock } from '../../testing/test-clock.ts';
import { AccessError } from '../access/access.errors.ts';
import { DatabaseError } from '../database/index.ts';
import { createHttpServer, type HttpServer } from './http-server.ts';
import { defaultRequestLimits, type RequestLimitSettings } from './request-limits.ts';

const closed = { additionalProperties: false } as const;
const publicAccess = { public: true, because: 'planted by a test for everybody' } as const;
const base = { tag: 'Test', summary: 'planted' } as const;

const readThing = defineRoute({
  ...base,
  name: 'readThing',
  method: 'GET',
  path: '/api/v1/things/:number',
  access: { permission: 'directory:read' },
  params: Type.Object({ number: Type.Integer({ minimum: 1 }) }, closed),
  query: Type.Object(
    {
      limit: Type.Optional(Type.Integer({ maximum: 10 })),
      deep: Type.Optional(Type.Boolean()),
      text: Type.Optional(Type.String()),
    },
    closed,
  ),
  response: Type.Object({ echo: Type.Unknown() }),
});
const writeThing = defineRoute({
  ...base,
  name: 'writeThing',
  method: 'POST',
  path: '/api/v1/things',
  access: { permission: 'directory:edit' },
  body: Type.Object({ name: Type.String({ maxLength: 10 }), count: Type.Optional(Type.Integer()) }, closed),
  response: Type.Object({ name: Type.String() }),
});
const enter = defineRoute({
  ...base,
  name: 'enter',
  method: 'POST',
  path: '/api/v1/enter',
  access: publicAccess,
  body: Type.Object({ name: Type.String() }, closed),
});
const poke = defineRoute({
  ...base,
  name: 'poke',
  method: 'POST',
  path: '/api/v1/poke',
  access: { signedIn: true },
});

const COOKIE = { cookie: '__Host-holdfast=good' };
const CSRF = { 'x-csrf-token': 'csrf-of-good' };
const clock = createTestClock();
let http: HttpServer | undefined;
let logLines: string[] = [];

afterEach(async () => {
  await http?.app.close();
  http = undefined;
});

interface PlantOptions {
  readonly limits?: RequestLimitSettings;
  readonly prepare?: (server: HttpServer) => void;
  readonly isStrictTransport?: boolean;
  readonly isResponseChecked?: boolean;
}

async function plant(
  options: PlantOptions = {},
): Promise<(request: InjectOptions) => Promise<LightMyRequestResponse>> {
  logLines = [];
  const server = await createHttpServer({
    clock,
    log: pino({ level: 'trace' }, { write: (line) => void logLines.push(line) }),
    createId: randomUUID,
    isResponseChecked: options.isResponseChecked ?? true,
    isStrictTransport: options.isStrictTransport ?? false,
    limits: options.limits ?? defaultRequestLimits,
  });
  http = server;
  server.useAuthentication({
    async authenticateSession(token) {
      if (token !== 'good') throw new AccessError('SESSION_EXPIRED', 'The session has ended.');
      return {
        kind: 'administrator',
        id: 'a1',
        name: 'anna',
        displayName: 'Anna',
        role: 'auditor',
        sessionId: 's1',
        csrfToken: 'csrf-of-good',
        permissions: new Set(permissions),
        scope: 'everything',
      };
    },
    async authenticateApiKey(key) {
      if (key !== 'hfk_reader') throw new AccessError('NOT_SIGNED_IN', 'The API key is not known.');
      return {
        kind: 'api-key',
        id: 'k1',
        name: 'reader',
        permissions: new Set(['directory:read']),
        scope: 'everything',
      };
    },
    async authenticateProduct(token) {
      if (!token.startsWith('product-'))
        throw new AccessError('ACCESS_TOKEN_INVALID', 'The token is not valid.');
      return { kind: 'product', productNumber: Number(token.slice(8)), epoch: 1 };
    },
  });
  server.registerRoute(readThing, async ({ params, query }) => ({ echo: { params, query } }));
  server.registerRoute(
    writeThing,
    async ({ body }) => ({ name: body.name, secret: 'never leaves' }) as { name: string },
  );
  server.registerRoute(enter, async () => null);
  server.registerRoute(poke, async () => null);
  options.prepare?.(server);
  await server.app.ready();
  return async (request) => await server.app.inject(request);
}

function assertProblem(answer: LightMyRequestResponse, status: number, code: string): Problem {
  assert.equal(answer.statusCode, status, answer.body);
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  const problem = answer.json<Problem>();
  assert.equal(problem.code, code);
  assert.equal(problem.status, status);
  assert.equal(problem.requestId, answer.headers['x-request-id']);
  return problem;
}

test('a route without an access declaration keeps the server from starting', async () => {
  for (const access of [
    undefined,
    {},
    { public: true },
    { public: true, because: 'x' },
    { permission: 'made:up' },
    { signedIn: true, public: true, because: 'both at once' },
  ]) {
    const server = await createHttpServer({ clock, log: pino({ level: 'silent' }), createId: randomUUID });
    assert.throws(
      () =>
        server.app.route({
          method: 'GET',
          url: '/x',
          config: { access: access as never },
          handler: async () => 'x',
        }),
      /does not declare who may call it/,
    );
    await server.app.close();
  }
});

test('a route that was added behind the declaration check still lets nobody in', async () => {
  const call = await plant({
    prepare: ({ app }) => {
      app.route({
        method: 'GET',
        url: '/sneaky',
        config: { access: publicAccess },
        // Undone after access control, as a faulty hook of ours might do.
        preHandler: async (request) => void (request.hasAccessDecision = false),
        handler: async (_request, reply) => await reply.header('set-cookie', 'a=b').send('the goods'),
      });
    },
  });
  const answer = await call({ method: 'GET', url: '/sneaky' });
  const problem = JSON.parse(answer.body) as Problem;
  assert.equal(answer.statusCode, 500);
  assert.equal(problem.code, 'INTERNAL_ERROR');
  assert.equal(answer.headers['set-cookie'], undefined);
  assert.ok(logLines.some((line) => line.includes('answer without an access decision')));
});

test('a caller without, with a wrong and with the right credential', async () => {
  const call = await plant();
  const get = { method: 'GET', url: '/api/v1/things/1' } as const;
  const anonymous = await call(get);
  assertProblem(anonymous, 401, 'NOT_SIGNED_IN');
  assert.match(String(anonymous.headers['www-authenticate']), /^Bearer/);
  assertProblem(await call({ ...get, headers: { cookie: '__Host-holdfast=old' } }), 401, 'SESSION_EXPIRED');
  assertProblem(await call({ ...get, headers: { authorization: 'Bearer hfk_other' } }), 401, 'NOT_SIGNED_IN');
  assertProblem(await call({ ...get, headers: { authorization: 'Bearer product-7' } }), 401, 'NOT_SIGNED_IN');
  assert.equal((await call({ ...get, headers: COOKIE })).statusCode, 200);
  assert.equal((await call({ ...get, headers: { authorization: 'Bearer hfk_reader' } })).statusCode, 200);
});

test('a bad Authorization header is not made good by a cookie', async () => {
  const call = await plant();
  const answer = await call({
    method: 'GET',
    url: '/api/v1/things/1',
    headers: { ...COOKIE, authorization: 'Basic YTpi' },
  });
  assertProblem(answer, 401, 'NOT_SIGNED_IN');
});

test('a permission that the caller lacks refuses before the body is looked at', async () => {
  const call = await plant();
  const answer = await call({
    method: 'POST',
    url: '/api/v1/things',
    headers: { authorization: 'Bearer hfk_reader', 'content-type': 'application/json' },
    payload: '{ not json',
  });
  assertProblem(answer, 403, 'PERMISSION_DENIED');
});

test('a write of a session needs the token of that session; an API key needs none', async () => {
  const call = await plant({ isResponseChecked: false });
  const post = { method: 'POST', url: '/api/v1/things', payload: { name: 'x' } } as const;
  assertProblem(await call({ ...post, headers: COOKIE }), 403, 'CSRF_TOKEN_INVALID');
  assertProblem(
    await call({ ...post, headers: { ...COOKIE, 'x-csrf-token': 'csrf-of-goof' } }),
    403,
    'CSRF_TOKEN_INVALID',
  );
  assertProblem(
    await call({ ...post, headers: { ...COOKIE, 'x-csrf-token': '' } }),
    403,
    'CSRF_TOKEN_INVALID',
  );
  assert.equal((await call({ ...post, headers: { ...COOKIE, ...CSRF } })).statusCode, 200);
});

test('a write that another site started is refused, before sign-in and after', async () => {
  const call = await plant();
  const post = { method: 'POST', url: '/api/v1/enter', payload: { name: 'x' } } as const;
  const host = { host: 'holdfast.example:8443' };
  for (const foreign of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { ...host, origin: 'https://evil.example' },
    { ...host, origin: 'null' },
  ]) {
    assertProblem(await call({ ...post, headers: foreign }), 403, 'CROSS_SITE_REFUSED');
    assertProblem(
      await call({ method: 'POST', url: '/api/v1/poke', headers: { ...COOKIE, ...CSRF, ...foreign } }),
      403,
      'CROSS_SITE_REFUSED',
    );
  }
  for (const own of [
    {},
    { 'sec-fetch-site': 'same-origin' },
    { ...host, origin: 'https://holdfast.example:8443' },
  ]) {
    assert.equal((await call({ ...post, headers: own })).statusCode, 204);
  }
});

test('bodies are refused that are not exactly what the call takes', async () => {
  const call = await plant();
  const headers = { ...COOKIE, ...CSRF };
  const post = async (
    payload: string | Buffer | object,
    contentType = 'application/json',
  ): Promise<LightMyRequestResponse> =>
    await call({
      method: 'POST',
      url: '/api/v1/things',
      headers: { ...headers, 'content-type': contentType },
      payload,
    });
  const extra = assertProblem(await post({ name: 'x', admin: true }), 400, 'REQUEST_INVALID');
  assert.deepEqual(extra.fields, [{ path: 'body.admin', message: 'is not known here' }]);
  const missing = assertProblem(await post({}), 400, 'REQUEST_INVALID');
  assert.deepEqual(missing.fields, [{ path: 'body.name', message: 'is missing' }]);
  assertProblem(await post({ name: 'x', count: '3' }), 400, 'REQUEST_INVALID');
  assertProblem(await post({ name: 3 }), 400, 'REQUEST_INVALID');
  assertProblem(await post([]), 400, 'REQUEST_INVALID');
  assertProblem(await post('{"name":"x"'), 400, 'BODY_INVALID');
  assertProblem(await post('{"name":"x","__proto__":{"a":1}}'), 400, 'BODY_INVALID');
  assertProblem(await post(Buffer.from([0x22, 0xff, 0x22])), 400, 'BODY_INVALID');
  assertProblem(await post('['.repeat(200_000)), 400, 'BODY_INVALID');
  assertProblem(await post(`"${'x'.repeat(300_000)}"`), 413, 'BODY_TOO_LARGE');
  assertProblem(await post('name=x', 'application/x-www-form-urlencoded'), 415, 'CONTENT_TYPE_UNSUPPORTED');
  assertProblem(await post('x', 'application/octet-stream'), 415, 'CONTENT_TYPE_UNSUPPORTED');
  assertProblem(await call({ method: 'POST', url: '/api/v1/things', headers }), 400, 'REQUEST_INVALID');
  assertProblem(
    await call({ method: 'POST', url: '/api/v1/poke', headers, payload: {} }),
    400,
    'BODY_NOT_EXPECTED',
  );
});

test('naming the faults of a large body does not hold up the server', async () => {
  const call = await plant();
  const payload = JSON.stringify({
    name: 'x',
    ...Object.fromEntries(Array.from({ length: 9_000 }, (_, index) => [`k${index}`, index])),
  });
  const answer = await call({
    method: 'POST',
    url: '/api/v1/things',
    headers: { ...COOKIE, ...CSRF, 'content-type': 'application/json' },
    payload,
  });
  assert.equal(assertProblem(answer, 400, 'REQUEST_INVALID').fields, undefined);
});

test('a public call takes small bodies only', async () => {
  const call = await plant();
  const answer = await call({ method: 'POST', url: '/api/v1/enter', payload: { name: 'x'.repeat(17_000) } });
  assertProblem(answer, 413, 'BODY_TOO_LARGE');
});

test('the text of a query becomes an integer or a boolean where it is exactly one, and nothing else', async () => {
  const call = await plant();
  const get = async (rest: string): Promise<LightMyRequestResponse> =>
    await call({ method: 'GET', url: `/api/v1/things/${rest}`, headers: COOKIE });
  const accepted = await get('12?limit=7&deep=true&text=5');
  assert.deepEqual(accepted.json(), {
    echo: { params: { number: 12 }, query: { limit: 7, deep: true, text: '5' } },
  });
  for (const rest of [
    '12?limit=7.0',
    '12?limit=07',
    '12?limit=+7',
    '12?limit=%207',
    '12?limit=',
    '12?deep=1',
    '12?deep=TRUE',
    '12?limit=1&limit=2',
    '12?unknown=1',
    '12?__proto__=1',
    '12?text=a%00b',
    '0',
    '1e3',
    'x',
  ]) {
    assertProblem(await get(rest), 400, 'REQUEST_INVALID');
  }
  assertProblem(await get('%zz'), 400, 'REQUEST_MALFORMED');
});

test('an unknown address is 404, a known one with another method is 405 and says which it takes', async () => {
  const call = await plant();
  assertProblem(await call({ method: 'GET', url: '/api/v1/nothing' }), 404, 'ROUTE_NOT_FOUND');
  const wrong = await call({ method: 'DELETE', url: '/api/v1/things/5' });
  assertProblem(wrong, 405, 'METHOD_NOT_ALLOWED');
  assert.equal(wrong.headers['allow'], 'GET');
  assertProblem(await call({ method: 'GET', url: '/api/v1/things/a/b' }), 404, 'ROUTE_NOT_FOUND');
});

test('one class of callers that is limited leaves the others alone', async () => {
  const limits: RequestLimitSettings = {
    ...defaultRequestLimits,
    public: { byAddress: { burst: 2, perSecond: 0.1 } },
    api: { byActor: { burst: 3, perSecond: 1 } },
  };
  const call = await plant({ limits });
  const knock = async (remoteAddress: string): Promise<LightMyRequestResponse> =>
    await call({ method: 'POST', url: '/api/v1/enter', payload: { name: 'x' }, remoteAddress });
  assert.equal((await knock('192.0.2.1')).statusCode, 204);
  assert.equal((await knock('192.0.2.1')).statusCode, 204);
  const refused = await knock('192.0.2.1');
  assert.equal(assertProblem(refused, 429, 'RATE_LIMITED').retry, 'safe');
  assert.equal(refused.headers['retry-after'], '10');
  assert.equal((await knock('192.0.2.2')).statusCode, 204);
  const read = {
    method: 'GET',
    url: '/api/v1/things/1',
    headers: COOKIE,
    remoteAddress: '192.0.2.1',
  } as const;
  for (let count = 0; count < 3; count += 1) assert.equal((await call(read)).statusCode, 200);
  assertProblem(await call(read), 429, 'RATE_LIMITED');
  assert.equal((await call({ ...read, headers: { authorization: 'Bearer hfk_reader' } })).statusCode, 200);
  clock.advance(10_000);
  assert.equal((await knock('192.0.2.1')).statusCode, 204);
  assert.equal((await call(read)).statusCode, 200);
});

test('a storm of one kind of products waits and is turned away, while people are served', async () => {
  const limits: RequestLimitSettings = {
    ...defaultRequestLimits,
    'mcp-commands': { gate: { maxRunning: 1, maxWaiting: 1 } },
  };
  let finish = (): void => {};
  const isHeld = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const call = await plant({
    limits,
    prepare: (server) =>
      server.registerMcpRoute(
        {
          name: 'slow',
          method: 'GET',
          path: '/mcp/v1/slow',
          access: 'product',
          requestClass: 'commands',
          bodyLimit: 1,
        },
        async ({ product }) => {
          await isHeld;
          return Buffer.from(String(product?.productNumber));
        },
      ),
  });
  const claim = async (number: number): Promise<LightMyRequestResponse> =>
    await call({
      method: 'GET',
      url: '/mcp/v1/slow',
      headers: { authorization: `Bearer product-${number}` },
    });
  const [first, second] = [claim(1), claim(2)];
  const third = await claim(3);
  assertProblem(third, 503, 'SERVER_BUSY');
  assert.ok(Number(third.headers['retry-after']) >= 5);
  assert.equal((await call({ method: 'GET', url: '/api/v1/things/1', headers: COOKIE })).statusCode, 200);
  finish();
  assert.deepEqual([(await first).body, (await second).body], ['1', '2']);
  assert.equal((await claim(4)).body, '4');
});

test('raw bytes reach a route of products unchanged, and JSON does not', async () => {
  const call = await plant({
    prepare: (server) =>
      server.registerMcpRoute(
        {
          name: 'beat',
          method: 'POST',
          path: '/mcp/v1/beat',
          access: 'self-proving',
          requestClass: 'heartbeat',
          bodyLimit: 512,
        },
        async ({ body, product }) => {
          assert.equal(product, undefined);
          return Buffer.from((body as Buffer).toReversed());
        },
      ),
  });
  const beat = async (payload: Buffer, type: string): Promise<LightMyRequestResponse> =>
    await call({ method: 'POST', url: '/mcp/v1/beat', payload, headers: { 'content-type': type } });
  const answer = await beat(Buffer.from([1, 0, 255]), 'application/octet-stream');
  assert.deepEqual([...answer.rawPayload], [255, 0, 1]);
  assertProblem(await beat(Buffer.from('{}'), 'application/json'), 415, 'CONTENT_TYPE_UNSUPPORTED');
  assertProblem(await beat(Buffer.alloc(513), 'application/octet-stream'), 413, 'BODY_TOO_LARGE');
});

test('what is not in the contract does not leave the server', async () => {
  const call = await plant({ isResponseChecked: false });
  const answer = await call({
    method: 'POST',
    url: '/api/v1/things',
    headers: { ...COOKIE, ...CSRF },
    payload: { name: 'x' },
  });
  assert.deepEqual(answer.json(), { name: 'x' });
});

class StrangeError extends AppError<'STRANGE_CODE'> {
  readonly code = 'STRANGE_CODE';
}

test('an error that no table knows, and one that is none of ours, tell nothing and are logged whole', async () => {
  const errors: unknown[] = [
    new StrangeError('the inner text'),
    new TypeError('the inner text'),
    'the inner text',
  ];
  for (const error of errors) {
    const call = await plant({
      prepare: ({ registerRoute }) =>
        registerRoute(
          defineRoute({ ...base, name: 'fail', method: 'GET', path: '/api/v1/fail', access: publicAccess }),
          async () => {
            throw error;
          },
        ),
    });
    const answer = await call({ method: 'GET', url: '/api/v1/fail' });
    const problem = assertProblem(answer, 500, 'INTERNAL_ERROR');
    assert.doesNotMatch(answer.body, /inner text|STRANGE/);
    assert.ok(logLines.some((line) => line.includes('the inner text') && line.includes(problem.requestId)));
    await http?.app.close();
  }
});

test('a database that is away is 503 and says when to come back', async () => {
  const call = await plant({
    prepare: ({ registerRoute }) =>
      registerRoute(
        defineRoute({ ...base, name: 'away', method: 'GET', path: '/api/v1/away', access: publicAccess }),
        async () => {
          throw new DatabaseError('DATABASE_UNAVAILABLE', 'The database is away.', { retry: 'safe' });
        },
      ),
  });
  const answer = await call({ method: 'GET', url: '/api/v1/away' });
  assert.equal(assertProblem(answer, 503, 'DATABASE_UNAVAILABLE').retry, 'safe');
  assert.equal(answer.headers['retry-after'], '2');
});

test('every answer carries the security headers, also a refusal and a missing page', async () => {
  const call = await plant();
  for (const url of ['/api/v1/things/1', '/nothing', '/%zz']) {
    const { headers } = await call({ method: 'GET', url });
    assert.match(String(headers['content-security-policy']), /^default-src 'none'/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-opener-policy'], 'same-origin');
    assert.equal(headers['cache-control'], 'no-store');
    assert.equal(headers['strict-transport-security'], undefined);
  }
});

test('browsers are bound to HTTPS only where the certificate is one that they trust', async () => {
  const call = await plant({ isStrictTransport: true });
  const { headers } = await call({ method: 'GET', url: '/nothing' });
  assert.equal(headers['strict-transport-security'], 'max-age=31536000');
});

test('the log knows who called what and never with which credential', async () => {
  const call = await plant();
  await call({
    method: 'GET',
    url: '/api/v1/things/1?text=hidden',
    headers: { authorization: 'Bearer hfk_reader' },
  });
  await call({ method: 'POST', url: '/api/v1/enter', payload: { name: 'hunter2' } });
  const text = logLines.join('');
  assert.match(text, /api-key k1/);
  assert.match(text, /\/api\/v1\/things\/:number/);
  assert.doesNotMatch(text, /hfk_reader|hidden|hunter2/);
});
