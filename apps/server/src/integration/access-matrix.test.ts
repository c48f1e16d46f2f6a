/**
 * Every route against every kind of caller, on the whole server with real sessions, keys and tokens. What is expected
 * stands in the table, so that loosening a route shows here as a change of the table.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as contract from '@holdfast/api';
import { permissions, type Route } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { type AccessRow, accessRows, isChanging, sendRow } from '../testing/access-rows.ts';
import { GOOD_PASSWORD, signInFirstAdministrator, signInInvited } from '../testing/test-administrators.ts';
import { TestBrowser } from '../testing/test-browser.ts';
import type { CallerHeaders } from '../testing/test-callers.ts';
import {
  createWorld,
  KeptWorlds,
  objectIdsOf,
  storeApiKey,
  type World,
} from '../testing/test-matrix-world.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

/** Routes of managed products: whoever is not one is refused, or asked for the proof in the body. */
const productRoutes: Readonly<Record<keyof typeof mcpPath, 'public' | 'proof' | 'product'>> = {
  authority: 'public',
  challenges: 'public',
  registrations: 'proof',
  handshakes: 'proof',
  heartbeats: 'proof',
  transports: 'product',
  commandClaims: 'product',
  commandReports: 'product',
  componentStates: 'product',
  components: 'product',
  inventory: 'product',
  logs: 'product',
  notifications: 'product',
};

interface SignedIn {
  readonly auditor: TestBrowser;
  readonly administrator: TestBrowser;
}

let server: TestServer;
let first: TestBrowser;
let firstId: string;
let auditors = 0;
let productHeaders: CallerHeaders;
/** Until a row was about whoever is signed in: it may have ended that. */
let signedIn: SignedIn | undefined;
const worlds = new KeptWorlds<'asked about'>(async () => await createWorld(server, first));

before(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server, 'alice');
  firstId = (await first.call(contract.getCurrentSession)).id;
  const product = await new TestProduct(server, { name: 'caller' }).join(await createTestToken(server));
  productHeaders = product.bearer;
});
after(() => server.close());

test('the table names every route of the contract, and the server has every one of them', () => {
  const named = accessRows.map((row) => row.route.name).toSorted();
  const declared = Object.values(contract as Record<string, unknown>)
    .filter(
      (value): value is Route =>
        typeof value === 'object' && value !== null && 'access' in value && 'path' in value,
    )
    .map((route) => route.name)
    .toSorted();
  assert.ok(declared.length > 45);
  assert.deepEqual(named, declared);
  const registered = new Set(server.app.http.routes.map(({ method, url }) => `${method} ${url}`));
  for (const { route } of accessRows) assert.ok(registered.has(`${route.method} ${route.path}`), route.name);
  const description = '/api/v1/openapi.json';
  const served = server.app.http.routes.filter(
    ({ url }) => url.startsWith('/api/v1/') && url !== description,
  );
  assert.equal(served.length, accessRows.length, 'no route below /api/v1 that the contract does not know');
});

for (const row of accessRows) {
  test(`who may call ${row.route.name}`, async () => await checkRow(row));
}

async function checkRow(row: AccessRow): Promise<void> {
  try {
    await askAsEverybody(row);
  } finally {
    if (isChanging(row)) worlds.spoil('asked about');
    if (!('permission' in row.route.access)) signedIn = undefined;
  }
}

async function askAsEverybody(row: AccessRow): Promise<void> {
  const { access } = row.route;
  const world = await worlds.find('asked about');
  const allowed = row.allowed ?? row.route.status;
  const callers = await createCallers(row, world);
  const isPublic = 'public' in access;
  const isSignedIn = 'signedIn' in access;
  const guarded = (status: number): number => (isPublic ? allowed : status);
  const auditorMay = isSignedIn || ('permission' in access && access.permission.endsWith(':read'));
  const writes = row.route.method !== 'GET';

  await expectStatus(row, world, 'nobody', {}, guarded(401));
  await expectStatus(row, world, 'a product', productHeaders, guarded(401));
  await expectStatus(
    row,
    world,
    'a browser without its token',
    callers.withoutToken,
    writes ? guarded(403) : allowed,
  );
  if (isSignedIn) {
    await expectStatus(row, world, 'a key', callers.keyWithout, row.asKey ?? allowed);
  } else if (!isPublic) {
    await expectStatus(row, world, 'a key without the permission', callers.keyWithout, 403);
    await expectElsewhere(row, world, callers.keyElsewhere);
  }
  // Whoever may write comes last, because it changes the world.
  await expectStatus(row, world, 'an auditor', callers.auditor, auditorMay ? allowed : guarded(403));
  if ('permission' in access) {
    await expectStatus(row, world, 'a key with the permission', callers.keyWith, row.asKey ?? allowed);
    if (isChanging(row)) worlds.spoil('asked about');
  }
  await expectStatus(
    row,
    await worlds.find('asked about'),
    'an administrator',
    callers.administrator,
    allowed,
  );
}

async function signIn(): Promise<SignedIn> {
  auditors += 1;
  const auditor = await signInInvited(server, first, `auditor-${auditors}`, 'auditor');
  const administrator = new TestBrowser(server);
  await administrator.call(contract.signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
  return { auditor, administrator };
}

async function createCallers(row: AccessRow, world: World) {
  signedIn ??= await signIn();
  const { auditor, administrator } = signedIn;
  const needed = 'permission' in row.route.access ? row.route.access.permission : undefined;
  const others = permissions.filter((permission) => permission !== needed);
  const exactly = needed === undefined ? [...others] : [needed, ...(row.also ?? [])];
  const ownerId = firstId;
  const wide = row.elsewhere === 'wide' || row.elsewhere === 'whole';
  return {
    auditor: auditor.headers,
    administrator: administrator.headers,
    withoutToken: { cookie: administrator.headers['cookie'] ?? '' },
    keyWithout: (await storeApiKey(server, { ownerId, permissions: others })).headers,
    keyWith: (
      await storeApiKey(server, {
        ownerId,
        permissions: exactly,
        ...(wide ? {} : { scopeGroupId: world.groupId }),
      })
    ).headers,
    keyElsewhere: (
      await storeApiKey(server, { ownerId, permissions: exactly, scopeGroupId: world.otherGroupId })
    ).headers,
  };
}

async function expectStatus(
  row: AccessRow,
  world: World,
  who: string,
  headers: CallerHeaders,
  status: number,
): Promise<void> {
  const answer = await sendRow(server, row, world, headers);
  assert.equal(answer.statusCode, status, `${row.route.name} as ${who}: ${answer.body}`);
}

async function expectElsewhere(row: AccessRow, world: World, headers: CallerHeaders): Promise<void> {
  const answer = await sendRow(server, row, world, headers);
  const text = `${row.route.name} with a key of another group: ${answer.statusCode} ${answer.body}`;
  switch (row.elsewhere) {
    case 'hidden':
      assert.equal(answer.statusCode, 404, text);
      break;
    case 'wide':
    case 'whole':
      assert.equal(answer.statusCode, 403, text);
      break;
    case 'filtered': {
      assert.equal(answer.statusCode, row.route.status, text);
      for (const id of objectIdsOf(world)) assert.ok(!answer.body.includes(id), text);
      break;
    }
    case 'harmless':
      assert.equal(answer.statusCode, row.route.status, text);
      break;
    case undefined:
      assert.fail(`${row.route.name} does not say what a key of another group meets`);
  }
}

for (const [name, access] of Object.entries(productRoutes)) {
  test(`nobody but a product gets through the call ${name} of managed products`, async () => {
    const path = mcpPath[name as keyof typeof mcpPath];
    const route = server.app.http.routes.find((one) => one.url === path || one.url === `${path}/*`);
    assert.ok(route !== undefined, `${path} is not served`);
    const url = route.url.replace('*', 'metadata/timestamp.json');
    const administrator = first.headers;
    const key = (await storeApiKey(server, { ownerId: firstId, permissions })).headers;
    for (const headers of [{}, administrator, key]) {
      const method = route.method as 'GET' | 'POST' | 'PUT';
      const answer = await server.call(
        { method, url, ...(method === 'GET' ? {} : { payload: {} }) },
        headers,
      );
      if (access === 'product') assert.equal(answer.statusCode, 401, answer.body);
      else if (access === 'proof')
        assert.ok(answer.statusCode >= 400 && answer.statusCode < 500, answer.body);
      else assert.equal(answer.statusCode, 200, answer.body);
    }
  });
}
