/** The whole application: which routes there are and who may call them, and what any request at all may cause. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { Problem } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import fc from 'fast-check';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { Check } from 'typebox/value';
import type { RegisteredRoute } from '../platform/http/access-control.ts';
import { describeAccess } from '../platform/access/route-access.ts';
import { arbitraryOf, strangeText } from '../testing/schema-arbitrary.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

let server: TestServer;
let lastFailure = '';
let caller: Readonly<Record<string, string>>;
let product: Readonly<Record<string, string>>;

before(async () => {
  server = await startTestServer({
    onLogLine: (line) => {
      if (line.includes('request failed')) lastFailure = line;
    },
  });
  caller = server.actAs();
  product = server.actAsProduct(1);
});
after(() => server.close());

const listFile = new URL('./app.routes.txt', import.meta.url);

/** Set HOLDFAST_TEST_UPDATE to write the list anew; the difference is then for review. */
test('every route stands in the reviewed list with who may call it', async () => {
  const lines = server.app.http.routes.map(
    ({ method, url, access }) => `${method.padEnd(6)} ${url}  →  ${describeAccess(access)}`,
  );
  const list = `${lines.sort().join('\n')}\n`;
  if (process.env['HOLDFAST_TEST_UPDATE'] !== undefined) await writeFile(listFile, list);
  assert.ok(lines.length > 40);
  assert.equal(list, await readFile(listFile, 'utf8'));
});

/** Routes whose good answer is a stream without an end. */
const endless: ReadonlySet<string> = new Set(['/api/v1/events', mcpPath.notifications]);

test('nobody who is not known gets further than 401 on a route that asks who calls', async () => {
  const guarded = server.app.http.routes.filter(
    ({ access }) => !('public' in access) && !('selfProving' in access),
  );
  assert.ok(guarded.length > 30);
  for (const route of guarded) {
    for (const headers of [
      {},
      { authorization: 'Bearer wrong' },
      { cookie: '__Host-holdfast=wrong' },
      otherKind(route),
    ]) {
      const answer = await server.call({ ...plain(route), headers });
      assert.equal(
        answer.statusCode,
        401,
        `${route.method} ${route.url} ${JSON.stringify(headers)}: ${answer.body}`,
      );
      assertProblem(answer);
    }
  }
});

test('each permission alone opens the routes that declare it and no others', async () => {
  const guarded = server.app.http.routes.filter(({ access }) => 'permission' in access);
  for (const route of guarded) {
    const needed = 'permission' in route.access ? route.access.permission : undefined;
    const others = server.app.http.routes.flatMap(({ access }) =>
      'permission' in access ? [access.permission] : [],
    );
    const permissions = [...new Set(others)].filter((permission) => permission !== needed);
    const answer = await server.call(plain(route), server.actAs({ permissions }));
    assert.equal(answer.statusCode, 403, `${route.method} ${route.url}: ${answer.body}`);
    assert.equal(answer.json<Problem>().code, 'PERMISSION_DENIED');
  }
});

test('no request that is only malformed is ever an error of the server, on any route', async () => {
  const routes = server.app.http.routes.filter(({ url }) => !endless.has(url) && url !== '/*');
  const property = fc.asyncProperty(
    fc.constantFrom(...routes),
    malformedRequest,
    async (route, malformed) => {
      const answer = await server.call(
        {
          ...malformed,
          method: route.method as 'GET',
          url: fill(route.url, malformed.step) + malformed.query,
        },
        isForProducts(route) ? product : caller,
      );
      const text = `${route.method} ${route.url} ${JSON.stringify(malformed).slice(0, 300)} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
      assert.ok(answer.statusCode < 500, `${text}\n${lastFailure}`);
      if (answer.statusCode >= 400) assertProblem(answer, text);
    },
  );
  await fc.assert(property, {
    numRuns: Number(process.env['HOLDFAST_TEST_RUNS'] ?? 600),
    endOnFailure: true,
  });
});

test('no request that keeps its contract, however strange, is an error of the server', async () => {
  const { contractRoutes, mcpRoutes } = server.app.http;
  const calls = [
    ...contractRoutes
      .filter(({ path }) => !endless.has(path))
      .map((route) => ({ route, path: route.path as string })),
    ...mcpRoutes
      .filter(({ path }) => !endless.has(path))
      .map((route) => ({
        route: { params: undefined, query: undefined, body: route.body, method: route.method },
        path: route.path as string,
      })),
  ];
  // One property for each call: choosing among all of them within one costs more than the calls themselves.
  for (const { route, path } of calls) {
    const arbitrary = fc.record({
      params: route.params === undefined ? fc.constant({}) : arbitraryOf(route.params),
      query: route.query === undefined ? fc.constant({}) : arbitraryOf(route.query),
      body:
        route.body === undefined || ('type' in route.body && route.body.type === 'undefined')
          ? fc.constant(undefined)
          : arbitraryOf(route.body),
    });
    const property = fc.asyncProperty(arbitrary, async ({ params, query, body }) => {
      const url = path.replaceAll(/:([A-Za-z]+)/g, (_, name: string) =>
        escapeText((params as Record<string, unknown>)[name]),
      );
      const search = Object.entries(query as object)
        .map(([name, value]) => `${name}=${escapeText(value)}`)
        .join('&');
      const answer = await server.call(
        {
          method: route.method as 'GET',
          url: `${url}?${search}`,
          ...(body === undefined
            ? {}
            : { payload: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
        },
        path.startsWith('/mcp/') ? product : caller,
      );
      const text = `${route.method} ${url}?${search} ${JSON.stringify(body)} → ${answer.statusCode} ${answer.body.slice(0, 300)}`;
      assert.ok(answer.statusCode < 500, `${text}\n${lastFailure}`);
      if (answer.statusCode >= 400) assertProblem(answer, text);
    });
    await fc.assert(property, {
      numRuns: Number(process.env['HOLDFAST_TEST_RUNS'] ?? 10),
      endOnFailure: true,
    });
  }
});

test('a body larger than the route takes is refused on every route that takes one', async () => {
  const writing = server.app.http.routes.filter(({ method }) => method !== 'GET' && method !== 'DELETE');
  for (const route of writing) {
    const isBytes = route.url === '/mcp/v1/heartbeats';
    const answer = await server.call(
      {
        ...plain(route),
        headers: { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' },
        payload: Buffer.alloc(2 * 1024 * 1024, '"'),
      },
      isForProducts(route) ? product : caller,
    );
    assert.equal(answer.statusCode, 413, `${route.method} ${route.url}: ${answer.body}`);
    assertProblem(answer);
  }
});

test('the description of the API names every call of the contract, and its page loads no script', async () => {
  const document = (await server.call({ method: 'GET', url: '/api/v1/openapi.json' })).json<{
    openapi: string;
    paths: Record<string, Record<string, { operationId: string; security: unknown[] }>>;
  }>();
  assert.equal(document.openapi, '3.1.0');
  const described = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  assert.deepEqual(described.toSorted(), server.app.http.contractRoutes.map(({ name }) => name).toSorted());
  const page = await server.call({ method: 'GET', url: '/api/docs' });
  assert.equal(page.statusCode, 200);
  assert.doesNotMatch(page.body, /<script/i);
  for (const name of described) assert.ok(page.body.includes(`id="${name}"`), name);
});

test('metrics are for callers with system:read, and count requests', async () => {
  assert.equal((await server.call({ method: 'GET', url: '/metrics' })).statusCode, 401);
  const answer = await server.call(
    { method: 'GET', url: '/metrics' },
    server.actAs({ permissions: ['system:read'] }),
  );
  assert.equal(answer.statusCode, 200);
  assert.match(answer.body, /holdfast_http_requests_total\{class="api",status="401"\} \d+/);
});

test('health and readiness are told to anybody, and nothing else with them', async () => {
  assert.equal((await server.call({ method: 'GET', url: '/healthz' })).body, '{"status":"ok"}');
  assert.equal((await server.call({ method: 'GET', url: '/readyz' })).body, '{"status":"ready"}');
});

const UUID = '01890000-0000-7000-8000-000000000000';

function escapeText(value: unknown): string {
  return encodeURIComponent(String(value).toWellFormed());
}

function fill(url: string, step: string): string {
  return url.replaceAll(/:[A-Za-z]+/g, encodeURIComponent(step));
}

function plain(route: RegisteredRoute): InjectOptions & { url: string } {
  return { method: route.method as 'GET', url: fill(route.url, UUID) };
}

function isForProducts({ url }: RegisteredRoute): boolean {
  return url.startsWith('/mcp/');
}

/** The credential of a product where a person is wanted, and the other way round. */
function otherKind(route: RegisteredRoute): Readonly<Record<string, string>> {
  return isForProducts(route) ? caller : product;
}

function assertProblem(answer: LightMyRequestResponse, text = answer.body): void {
  assert.match(String(answer.headers['content-type']), /^application\/problem\+json/, text);
  assert.ok(Check(Problem, answer.json()), text);
}

const fieldNames = fc.constantFrom(
  'name',
  'groupId',
  'deviceIds',
  'targets',
  'filter',
  'secret',
  'password',
  'revision',
  'planToken',
  'type',
  'parameters',
  'communication',
  'assertion',
  'request',
  'reports',
  'max',
  'collectedAt',
  'facts',
  'probesSent',
  'acknowledged',
  'permissions',
  'role',
  'state',
  'maxUses',
  'expiresInMs',
  'parentId',
);
const strangeValue = fc.oneof(
  strangeText,
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.constantFrom(UUID, [UUID], 1, true, null, {}, []),
);
const strangeBody = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.dictionary(fieldNames, strangeValue, { maxKeys: 6 }).map((value) => JSON.stringify(value)),
  },
  { weight: 2, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.string({ maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('', '{', '[]', 'null', '{"a":'.repeat(40), `{"name":"${'x'.repeat(9_000)}"}`),
  },
);
const malformedRequest = fc.record({
  step: fc.oneof(
    fc.constant(UUID),
    strangeText.filter((text) => text.isWellFormed() && !/^\.{0,2}$/.test(text)),
  ),
  query: fc.oneof(
    fc.constant(''),
    fc
      .tuple(
        fc.constantFrom('limit', 'cursor', 'groupId', 'search', 'from', 'status', 'format', 'x', '__proto__'),
        strangeText.filter((text) => text.isWellFormed()),
      )
      .map(([name, value]) => `?${name}=${encodeURIComponent(value)}`),
    fc.constantFrom('?', '?=', '?&&', '?a', '?limit=1&limit=2', '?cursor=AAAA', '?%zz'),
  ),
  payload: strangeBody,
  headers: fc.oneof(
    { weight: 6, arbitrary: fc.constant({ 'content-type': 'application/json' }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        { 'content-type': 'text/plain' },
        { 'content-type': 'application/octet-stream' },
        { 'content-type': ';;;' },
        { 'content-type': 'application/json; charset=latin1' },
      ),
    },
  ),
});
