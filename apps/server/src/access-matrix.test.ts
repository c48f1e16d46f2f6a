/**
 * Every route against every kind of caller, on the whole server with real sessions, keys and tokens. What is expected
 * stands in the table, so that loosening a route shows here as a change of the table.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as contract from '@holdfast/api';
import { type Permission, permissions, rolePermissions, type Route } from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import type { LightMyRequestResponse } from 'fastify';
import { GOOD_PASSWORD, signInFirstAdministrator, signInInvited } from './testing/test-administrators.ts';
import { type CallParts, TestBrowser } from './testing/test-browser.ts';
import type { CallerHeaders } from './testing/test-callers.ts';
import { createWorld, storeApiKey, type World } from './testing/test-matrix-world.ts';
import { createTestToken, TestProduct } from './testing/test-product.ts';
import { startTestServer, type TestServer } from './testing/test-server.ts';

/**
 * What a key with the right permission but for another group meets:
 * - `hidden`: the object does not exist for it;
 * - `filtered`: the call works and shows nothing of the world;
 * - `wide`: this concerns the whole organisation, so a key of any group is refused;
 * - `harmless`: nothing in the answer belongs to a group.
 */
type Elsewhere = 'hidden' | 'filtered' | 'wide' | 'harmless';

interface Row {
  readonly route: Route;
  readonly parts?: (world: World) => CallParts<Route>;
  /** Status for whoever may; that of the contract unless told. */
  readonly allowed?: number;
  readonly elsewhere?: Elsewhere;
  /** For routes that any signed-in caller may call: what a key gets. */
  readonly asKey?: number;
  /** Further permissions without which the call cannot name what it is about. */
  readonly also?: readonly Permission[];
}

const UNKNOWN_SECRET = 'A'.repeat(43);
const communication = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 };
const plan = { planToken: 'stale' };
const ofGroup = (world: World) => ({ groupId: world.groupId });

const rows: readonly Row[] = [
  // Public
  { route: contract.getSetup },
  { route: contract.checkPassword, parts: () => ({ body: { password: 'x' } }) },
  {
    route: contract.createFirstAdministrator,
    parts: () => ({ body: { secret: UNKNOWN_SECRET, name: 'mallory', password: GOOD_PASSWORD } }),
    allowed: 404,
  },
  { route: contract.getInvitation, parts: () => ({ body: { secret: UNKNOWN_SECRET } }), allowed: 404 },
  {
    route: contract.acceptInvitation,
    parts: () => ({ body: { secret: UNKNOWN_SECRET, password: GOOD_PASSWORD } }),
    allowed: 404,
  },
  { route: contract.signIn, parts: () => ({ body: { name: 'alice', password: GOOD_PASSWORD } }) },
  // For the caller itself
  { route: contract.getCurrentSession, asKey: 200 },
  { route: contract.listSessions, asKey: 200 },
  {
    route: contract.revokeSession,
    parts: () => ({ params: { sessionId: UNKNOWN_ID } }),
    allowed: 404,
    asKey: 404,
  },
  {
    route: contract.changeOwnPassword,
    parts: () => ({ body: { currentPassword: GOOD_PASSWORD, newPassword: 'x' } }),
    allowed: 422,
    asKey: 403,
  },
  { route: contract.signOut, asKey: 403 },
  // The whole organisation
  { route: contract.listAdministrators, elsewhere: 'wide' },
  {
    route: contract.inviteAdministrator,
    parts: (world) => ({ body: { name: `x-${world.invited.name}`, displayName: 'X', role: 'auditor' } }),
    elsewhere: 'wide',
    also: rolePermissions.auditor,
  },
  {
    route: contract.setAdministratorState,
    parts: (world) => ({ params: { administratorId: world.invited.id }, body: { state: 'disabled' } }),
    elsewhere: 'wide',
  },
  { route: contract.listApiKeys, elsewhere: 'wide' },
  {
    route: contract.createApiKey,
    parts: () => ({ body: { name: 'x', permissions: ['administrators:manage'] } }),
    elsewhere: 'wide',
  },
  {
    route: contract.revokeApiKey,
    parts: (world) => ({ params: { apiKeyId: world.apiKeyId } }),
    elsewhere: 'wide',
  },
  { route: contract.getSettings, elsewhere: 'wide' },
  {
    route: contract.updateCommunicationSettings,
    parts: () => ({ body: { revision: 99, communication } }),
    allowed: 409,
    elsewhere: 'wide',
  },
  { route: contract.getSystemState, elsewhere: 'wide' },
  // What lies in groups
  {
    route: contract.listAuditEntries,
    parts: (world) => ({ query: { search: world.groupId } }),
    elsewhere: 'filtered',
  },
  { route: contract.listGroups, elsewhere: 'filtered' },
  {
    route: contract.createGroup,
    parts: (world) => ({ body: { parentId: world.groupId, name: 'Below' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.renameGroup,
    parts: (world) => ({ params: ofGroup(world), body: { name: 'Renamed', revision: 99 } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.planGroupMove,
    parts: (world) => ({ params: { groupId: world.innerGroupId }, body: { parentId: world.innerTargetId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.moveGroup,
    parts: (world) => ({
      params: { groupId: world.innerGroupId },
      body: { parentId: world.innerTargetId, ...plan },
    }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  { route: contract.planGroupRemoval, parts: (world) => ({ params: ofGroup(world) }), elsewhere: 'hidden' },
  {
    route: contract.removeGroup,
    parts: (world) => ({ params: ofGroup(world), body: plan }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  { route: contract.getDirectorySummary, parts: (world) => ({ query: ofGroup(world) }), elsewhere: 'hidden' },
  { route: contract.listDevices, elsewhere: 'filtered' },
  { route: contract.exportDevices, parts: () => ({ query: { format: 'json' } }), elsewhere: 'filtered' },
  {
    route: contract.getDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.renameDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId }, body: { name: 'Renamed' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.planDeviceMove,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], groupId: world.innerGroupId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.moveDevices,
    parts: (world) => ({ body: { deviceIds: [world.deviceId], groupId: world.innerGroupId, ...plan } }),
    allowed: 409,
    elsewhere: 'hidden',
  },
  {
    route: contract.setProductState,
    parts: (world) => ({ params: { productNumber: world.productNumber }, body: { state: 'disabled' } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.removeDevice,
    parts: (world) => ({ params: { deviceId: world.deviceId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listRecycleBin, elsewhere: 'filtered' },
  {
    route: contract.restoreRecycled,
    parts: (world) => ({ params: { itemId: world.recycledItemId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.purgeRecycled,
    parts: (world) => ({ params: { itemId: world.recycledItemId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listEnrolmentTokens, elsewhere: 'filtered' },
  {
    route: contract.createEnrolmentToken,
    parts: (world) => ({
      body: { name: 'x', groupId: world.groupId, maxUses: 1, expiresInMs: 60_000, isApprovalNeeded: false },
    }),
    elsewhere: 'hidden',
  },
  {
    route: contract.revokeEnrolmentToken,
    parts: (world) => ({ params: { tokenId: world.tokenId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listWaitingRegistrations, elsewhere: 'filtered' },
  {
    route: contract.admitRegistration,
    parts: (world) => ({ params: { registrationId: world.waitingId }, body: {} }),
    elsewhere: 'hidden',
  },
  {
    route: contract.refuseRegistration,
    parts: (world) => ({ params: { registrationId: world.waitingId } }),
    elsewhere: 'hidden',
  },
  { route: contract.listCommandTypes, elsewhere: 'harmless' },
  {
    route: contract.issueCommand,
    parts: (world) => ({ body: { type: 'collect-inventory', targets: { deviceIds: [world.deviceId] } } }),
    elsewhere: 'hidden',
    also: ['directory:read'],
  },
  { route: contract.listCommands, elsewhere: 'filtered' },
  {
    route: contract.getCommand,
    parts: (world) => ({ params: { commandId: world.commandId } }),
    elsewhere: 'hidden',
  },
  {
    route: contract.listCommandTargets,
    parts: (world) => ({ params: { commandId: world.commandId }, query: {} }),
    elsewhere: 'hidden',
  },
  {
    route: contract.cancelCommand,
    parts: (world) => ({ params: { commandId: world.commandId } }),
    elsewhere: 'hidden',
  },
  { route: contract.streamEvents, elsewhere: 'harmless' },
];

const UNKNOWN_ID = '019aa000-0000-7000-8000-000000000001';

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
  inventory: 'product',
};

let server: TestServer;
let first: TestBrowser;
let firstId: string;
let auditors = 0;
let productHeaders: CallerHeaders;

before(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server, 'alice');
  firstId = (await first.call(contract.getCurrentSession)).id;
  const product = await new TestProduct(server, { name: 'caller' }).join(await createTestToken(server));
  productHeaders = product.bearer;
});
after(() => server.close());

test('the table names every route of the contract, and the server has every one of them', () => {
  const named = rows.map((row) => row.route.name).toSorted();
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
  for (const { route } of rows) assert.ok(registered.has(`${route.method} ${route.path}`), route.name);
  const description = '/api/v1/openapi.json';
  const served = server.app.http.routes.filter(
    ({ url }) => url.startsWith('/api/v1/') && url !== description,
  );
  assert.equal(served.length, rows.length, 'no route below /api/v1 that the contract does not know');
});

for (const row of rows) {
  test(`who may call ${row.route.name}`, async () => await checkRow(row));
}

async function checkRow(row: Row): Promise<void> {
  const { access } = row.route;
  const world = await createWorld(server, firstId);
  const allowed = row.allowed ?? row.route.status;
  const callers = await createCallers(row, world);
  const isPublic = 'public' in access;
  const isSignedIn = 'signedIn' in access;
  const guarded = (status: number): number => (isPublic ? allowed : status);
  const auditorMay =
    isSignedIn || ('permission' in access && rolePermissions.auditor.includes(access.permission));
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
    await expectStatus(row, world, 'a key with the permission', callers.keyWith, allowed);
    await expectStatus(
      row,
      await createWorld(server, firstId),
      'an administrator',
      callers.administrator,
      allowed,
    );
  } else {
    await expectStatus(row, world, 'an administrator', callers.administrator, allowed);
  }
}

async function createCallers(row: Row, world: World) {
  auditors += 1;
  const auditor = await signInInvited(server, first, `auditor-${auditors}`, 'auditor');
  const administrator = new TestBrowser(server);
  await administrator.call(contract.signIn, { body: { name: 'alice', password: GOOD_PASSWORD } });
  const needed = 'permission' in row.route.access ? row.route.access.permission : undefined;
  const others = permissions.filter((permission) => permission !== needed);
  const exactly = needed === undefined ? [...others] : [needed, ...(row.also ?? [])];
  const ownerId = firstId;
  const wide = row.elsewhere === 'wide';
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
  row: Row,
  world: World,
  who: string,
  headers: CallerHeaders,
  status: number,
): Promise<void> {
  const answer = await sendRow(row, world, headers);
  assert.equal(answer.statusCode, status, `${row.route.name} as ${who}: ${answer.body}`);
}

async function expectElsewhere(row: Row, world: World, headers: CallerHeaders): Promise<void> {
  const answer = await sendRow(row, world, headers);
  const text = `${row.route.name} with a key of another group: ${answer.statusCode} ${answer.body}`;
  switch (row.elsewhere) {
    case 'hidden':
      assert.equal(answer.statusCode, 404, text);
      break;
    case 'wide':
      assert.equal(answer.statusCode, 403, text);
      break;
    case 'filtered': {
      assert.equal(answer.statusCode, row.route.status, text);
      for (const id of [
        world.groupId,
        world.deviceId,
        world.tokenId,
        world.recycledItemId,
        world.waitingId,
        world.commandId,
      ]) {
        assert.ok(!answer.body.includes(id), text);
      }
      break;
    }
    case 'harmless':
      assert.equal(answer.statusCode, row.route.status, text);
      break;
    case undefined:
      assert.fail(`${row.route.name} does not say what a key of another group meets`);
  }
}

async function sendRow(row: Row, world: World, headers: CallerHeaders): Promise<LightMyRequestResponse> {
  const parts = row.parts?.(world) ?? {};
  const url = contract.targetOf(
    row.route,
    parts.params as Record<string, unknown>,
    parts.query as Record<string, unknown>,
  );
  const request = {
    method: row.route.method,
    url,
    ...(parts.body === undefined ? {} : { payload: parts.body as object }),
  } as const;
  if (row.route.name !== contract.streamEvents.name) return await server.call(request, headers);
  // A stream that opens never ends by itself: its head is the answer.
  const answer = await server.call({ ...request, payloadAsStream: true }, headers);
  answer.stream().destroy();
  return answer;
}

for (const [name, access] of Object.entries(productRoutes)) {
  test(`nobody but a product gets through the call ${name} of managed products`, async () => {
    const url = mcpPath[name as keyof typeof mcpPath];
    const route = server.app.http.routes.find((one) => one.url === url);
    assert.ok(route !== undefined, `${url} is not served`);
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
