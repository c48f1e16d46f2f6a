/** Products that register at the same time share a transaction, and nothing else. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  createGroup,
  listAuditEntries,
  listDevices,
  listEnrolmentTokens,
  listWaitingRegistrations,
  revokeEnrolmentToken,
} from '@holdfast/api';
import { parseEnrolmentToken } from '@holdfast/protocol';
import { createProductKey } from '@holdfast/trust';
import type { LightMyRequestResponse } from 'fastify';
import { sql } from 'kysely';
import { inTransaction } from '../../platform/database/index.ts';
import { callApi } from '../../testing/test-api.ts';
import { createTestToken, TestProduct, type TestProductOptions } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

let server: TestServer;
let token: string;
before(async () => {
  server = await startTestServer();
  token = await createTestToken(server);
});
after(() => server.close());

const codeOf = (answer: LightMyRequestResponse): string => answer.json<{ code: string }>().code;

async function registerAll(
  applicants: readonly (TestProductOptions & { readonly by?: string })[],
): Promise<{ readonly product: TestProduct; readonly answer: LightMyRequestResponse }[]> {
  return await Promise.all(
    applicants.map(async ({ by = token, ...options }) => {
      const product = new TestProduct(server, options);
      return { product, answer: await product.register(by) };
    }),
  );
}

const named = (prefix: string, count: number): TestProductOptions[] =>
  Array.from({ length: count }, (_, index) => ({ name: `${prefix}-${index}` }));

async function usesOf(tokenString: string): Promise<number | undefined> {
  const { tokenId } = parseEnrolmentToken(tokenString);
  const { tokens } = await callApi(server, listEnrolmentTokens);
  return tokens.find(({ id }) => id === tokenId)?.uses;
}

test('each of many that come at once gets its own record, number, place, use and entry in the audit log', async () => {
  const { id: groupId } = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'Berlin' },
  });
  const elsewhere = await createTestToken(server, { groupId });
  const before = await usesOf(token);
  const applicants = [
    ...named('here', 60).map((options, index) => ({ ...options, hardwareId: `hardware-${index}` })),
    ...named('there', 30).map((options) => ({ ...options, by: elsewhere })),
  ];
  const registered = await registerAll(applicants);
  for (const [index, { product, answer }] of registered.entries()) {
    assert.equal(answer.statusCode, 201, answer.body);
    assert.deepEqual(product.registered?.groupPath, index < 60 ? ['New devices'] : ['Berlin']);
  }
  assert.equal(new Set(registered.map(({ product }) => product.productNumber)).size, 90);
  const { devices } = await callApi(server, listDevices, { query: { limit: 200 } });
  const nameOf = new Map(devices.map((device) => [device.id, device.name]));
  for (const [index, { product }] of registered.entries())
    assert.equal(nameOf.get(product.registered?.deviceId ?? ''), applicants[index]?.name);
  assert.deepEqual([await usesOf(token), await usesOf(elsewhere)], [(before ?? 0) + 60, 30]);
  const { entries } = await callApi(server, listAuditEntries, {
    query: { action: 'product.registered', limit: 200 },
  });
  for (const { product } of registered) {
    const own = entries.filter(({ objectId }) => objectId === product.registered?.deviceId);
    assert.deepEqual(
      own.map(({ objectName, details }) => [objectName, details['keyThumbprint']]),
      [[product.facts.device.name, product.key.thumbprint]],
    );
  }
  const { rows: events } = await sql<{ id: string }>`
    select object_id as id from domain_event where type = 'product.registered'`.execute(server.database.db);
  const told = new Set(events.map(({ id }) => Number(id)));
  assert.ok(registered.every(({ product }) => told.has(product.productNumber)));
});

test('among many each gets the answer that it would have got alone', async () => {
  const revoked = await createTestToken(server);
  await callApi(server, revokeEnrolmentToken, { params: { tokenId: parseEnrolmentToken(revoked).tokenId } });
  const approval = await createTestToken(server, { isApprovalNeeded: true });
  const twice = await createTestToken(server, { maxUses: 2 });
  const known = await new TestProduct(server, { name: 'known', hardwareId: 'shared' }).join(token);
  const key = createProductKey();
  const registered = await registerAll([
    ...named('good', 8),
    { name: 'revoked', by: revoked },
    { name: 'approval', by: approval },
    { name: 'known', key: known.key },
    { name: 'same hardware', hardwareId: 'shared' },
    ...named('new hardware', 2).map((options) => ({ ...options, hardwareId: 'new' })),
    { name: 'one key', key },
    { name: 'one key', key },
    ...named('twice', 3).map((options) => ({ ...options, by: twice })),
    ...named('fine', 8),
  ]);
  const of = (name: string) => registered.filter(({ product }) => product.facts.device.name.startsWith(name));
  const statusesOf = (name: string) => of(name).map(({ answer }) => answer.statusCode);
  assert.deepEqual(new Set([...statusesOf('good'), ...statusesOf('fine')]), new Set([201]));
  assert.deepEqual(
    of('revoked').map(({ answer }) => codeOf(answer)),
    ['ENROLMENT_TOKEN_REVOKED'],
  );
  assert.deepEqual(statusesOf('approval'), [202]);
  assert.deepEqual(statusesOf('known'), [200]);
  assert.equal(of('known')[0]?.product.productNumber, known.productNumber);
  assert.deepEqual(
    statusesOf('one key').toSorted((one, other) => one - other),
    [200, 201],
  );
  assert.equal(new Set(of('one key').map(({ product }) => product.productNumber)).size, 1);
  assert.deepEqual(
    statusesOf('twice').toSorted((one, other) => one - other),
    [201, 201, 403],
  );
  assert.equal(await usesOf(twice), 2);
  // Who shows the hardware of a device that is there is a device of its own that names it.
  const { rows } = await sql<{ name: string; twin: string | null }>`
    select d.reported_name as name, t.reported_name as twin from device d left join device t on t.id = d.hardware_twin_id
    where d.hardware_id in ('shared', 'new') order by d.registered_at, d.id`.execute(server.database.db);
  const twinOf = new Map(rows.map(({ name, twin }) => [name, twin]));
  assert.equal(twinOf.get('same hardware'), 'known');
  const pair = [twinOf.get('new hardware-0'), twinOf.get('new hardware-1')];
  assert.equal(pair.filter((twin) => twin === null).length, 1, 'one of two came first');
});

test('who waits for approval and comes again with a token that needs none joins, and waits no more', async () => {
  const approval = await createTestToken(server, { isApprovalNeeded: true });
  const key = createProductKey();
  const isWaiting = async () => {
    const { registrations } = await callApi(server, listWaitingRegistrations);
    return registrations.some(({ keyThumbprint }) => keyThumbprint === key.thumbprint);
  };
  await registerAll([{ name: 'patient', key, by: approval }]);
  assert.equal(await isWaiting(), true);
  const registered = await registerAll([...named('ahead', 3), { name: 'patient', key }]);
  assert.deepEqual(new Set(registered.map(({ answer }) => answer.statusCode)), new Set([201]));
  assert.equal(await isWaiting(), false);
});

test('one whose records cannot be written fails alone, and nothing of it is left', async () => {
  const { db } = server.database;
  await sql`create function refuse_poison() returns trigger language plpgsql as
    $$ begin if new.reported_name = 'poison' then raise exception 'poison'; end if; return null; end $$`.execute(
    db,
  );
  // At the commit, when everything has been written.
  await sql`create constraint trigger refuse_poison after insert on device deferrable initially deferred
    for each row execute function refuse_poison()`.execute(db);
  const before = await usesOf(token);
  const registered = await registerAll([...named('left', 9), { name: 'poison' }, ...named('right', 9)]);
  const statuses = registered.map(({ answer }) => answer.statusCode);
  assert.deepEqual(
    statuses.flatMap((status, index) => (status === 201 ? [] : [[index, status]])),
    [[9, 500]],
  );
  assert.equal(await usesOf(token), (before ?? 0) + 18);
  const { entries } = await callApi(server, listAuditEntries, { query: { search: 'poison' } });
  assert.deepEqual(entries, []);
});

test('whose place somebody is changing waits, and keeps nobody else waiting', async () => {
  const { id: groupId } = await callApi(server, createGroup, {
    body: { parentId: TOP_GROUP_ID, name: 'Moving' },
  });
  const moving = await createTestToken(server, { groupId });
  let slow: ReturnType<typeof registerAll> | undefined;
  let isSlowOver = false;
  await inTransaction(server.database.db, async (transaction) => {
    await sql`select from directory_group where id = ${groupId} for update`.execute(transaction);
    slow = registerAll([{ name: 'slow', by: moving }]);
    void slow.then(() => (isSlowOver = true));
    const others = await registerAll([{ name: 'other', by: token }, ...named('beside', 5)]);
    assert.deepEqual(new Set(others.map(({ answer }) => answer.statusCode)), new Set([201]));
    assert.equal(isSlowOver, false);
  });
  const [answered] = (await slow) ?? [];
  assert.equal(answered?.answer.statusCode, 201);
  assert.deepEqual(answered?.product.registered?.groupPath, ['Moving']);
});
