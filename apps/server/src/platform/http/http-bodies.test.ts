import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import type { LightMyRequestResponse } from 'fastify';
import { assertProblem, clock, closePlanted, COOKIE, CSRF, plant } from './planted-server.testing.ts';
import { defaultRequestLimits, type RequestLimitSettings } from './request-limits.ts';

afterEach(closePlanted);

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
  assertProblem(await post('['.repeat(200_000)), 400, 'MESSAGE_TOO_DEEP');
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

test('one class of callers that is limited leaves the others alone', async () => {
  const limits: RequestLimitSettings = {
    ...defaultRequestLimits,
    classes: {
      ...defaultRequestLimits.classes,
      public: { byAddress: { burst: 2, perSecond: 0.1 } },
      api: { byActor: { burst: 3, perSecond: 1 } },
    },
  };
  const call = await plant({ limits });
  const post = async (remoteAddress: string): Promise<LightMyRequestResponse> =>
    await call({ method: 'POST', url: '/api/v1/enter', payload: { name: 'x' }, remoteAddress });
  assert.equal((await post('192.0.2.1')).statusCode, 204);
  assert.equal((await post('192.0.2.1')).statusCode, 204);
  const refused = await post('192.0.2.1');
  assert.equal(assertProblem(refused, 429, 'RATE_LIMITED').retry, 'safe');
  assert.equal(refused.headers['retry-after'], '10');
  assert.equal((await post('192.0.2.2')).statusCode, 204);
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
  assert.equal((await post('192.0.2.1')).statusCode, 204);
  assert.equal((await call(read)).statusCode, 200);
});

test('a storm of one kind of products waits and is turned away, while people are served', async () => {
  const limits: RequestLimitSettings = {
    ...defaultRequestLimits,
    classes: {
      ...defaultRequestLimits.classes,
      'mcp-commands': { concurrency: { maxRunning: 1, maxWaiting: 1 } },
    },
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
