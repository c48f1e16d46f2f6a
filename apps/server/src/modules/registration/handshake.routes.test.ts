import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  admitRegistration,
  createGroup,
  getDevice,
  getDirectorySummary,
  listGroups,
  listWaitingRegistrations,
  refuseRegistration,
  setProductState,
} from '@holdfast/api';
import { limits, mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import type { LightMyRequestResponse } from 'fastify';
import { NEW_DEVICES_GROUP_ID, TOP_GROUP_ID } from '../directory/index.ts';
import { callApi, refusalOf } from '../../testing/test-api.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { countStrangers } from './waiting.store.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
});
after(() => server.close());

const codeOf = (answer: LightMyRequestResponse): string => answer.json<{ code: string }>().code;

async function waitingOf(product: TestProduct) {
  const { registrations } = await callApi(server, listWaitingRegistrations);
  return registrations.find((waiting) => waiting.keyThumbprint === product.key.thumbprint);
}

async function admit(product: TestProduct) {
  const waiting = await waitingOf(product);
  return await callApi(server, admitRegistration, {
    params: { registrationId: waiting?.id ?? '' },
    body: {},
  });
}

/** As after the loss of the database: only the keys of the server are the old ones. */
async function loseRecords(): Promise<void> {
  const { db } = server.database;
  const { rows } = await sql<{ number: number }>`select number from managed_product`.execute(db);
  await sql`truncate device, managed_product, product_presence, device_inventory, waiting_registration cascade`.execute(
    db,
  );
  await sql`delete from directory_group where not is_fixed`.execute(db);
  await sql`alter sequence product_number_seq restart`.execute(db);
  for (const { number } of rows) server.app.modules.presence.removeProduct(number);
  // A database is not lost and set up anew within one second.
  server.clock.advance(10_000);
}

test('each handshake begins a new epoch, and proofs of the one before are worth nothing', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const first = product.handshake;
  const oldBearer = product.bearer;
  const oldHeartbeat = product.sealHeartbeat();
  await product.shakeHands();
  assert.ok((product.handshake?.heartbeat.epoch ?? 0) > (first?.heartbeat.epoch ?? 0));
  const call = {
    method: 'POST',
    url: mcpPath.transports,
    payload: { probesSent: 0, acknowledged: false },
  } as const;
  assert.equal(codeOf(await server.call(call, oldBearer)), 'ACCESS_TOKEN_INVALID');
  assert.equal((await server.call(call, product.bearer)).statusCode, 200);
  const answer = await product.heartbeat(oldHeartbeat);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.rawPayload.readUInt16BE(2), 2, 'flag: make a handshake');
});

test('an access token ends after an hour', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  server.clock.advance(3_600_001);
  const call = {
    method: 'POST',
    url: mcpPath.transports,
    payload: { probesSent: 0, acknowledged: false },
  } as const;
  assert.equal(codeOf(await server.call(call, product.bearer)), 'ACCESS_TOKEN_EXPIRED');
});

test('a product that pretends to be another is refused everywhere', async () => {
  const token = await createTestToken(server);
  const victim = await new TestProduct(server, { name: 'Victim' }).join(token);
  const thief = await new TestProduct(server, { name: 'Thief' }).join(token);
  const epoch = victim.handshake?.heartbeat.epoch ?? 0;
  const before = server.app.modules.presence.currentPresence(victim.productNumber);
  server.clock.advance(5_000);

  // A heartbeat in the other's name under the own key.
  const forged = thief.sealHeartbeat({ productNumber: victim.productNumber, epoch, sequence: 1 });
  assert.equal(codeOf(await thief.heartbeat(forged)), 'HEARTBEAT_INVALID');
  // The other's receipt with the own key: the handshake is the thief's own.
  await thief.shakeHands({ receipt: victim.registered?.receipt ?? '' });
  assert.equal(thief.handshake?.productNumber, thief.registered?.productNumber);
  // An access token that was changed to the other's number.
  const bytes = Buffer.from(thief.handshake?.accessToken ?? '', 'base64url');
  bytes.writeBigUInt64BE(BigInt(victim.productNumber), 1);
  const answer = await server.call(
    { method: 'POST', url: mcpPath.transports, payload: { probesSent: 0, acknowledged: false } },
    { authorization: `Bearer ${bytes.toString('base64url')}` },
  );
  assert.equal(codeOf(answer), 'ACCESS_TOKEN_INVALID');
  assert.deepEqual(server.app.modules.presence.currentPresence(victim.productNumber), before);
});

test('a heartbeat that is replayed counts for nothing', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const first = product.sealHeartbeat();
  const second = product.sealHeartbeat();
  assert.equal((await product.heartbeat(second)).statusCode, 200);
  const { lastSeenAt } = server.app.modules.presence.currentPresence(product.productNumber);
  server.clock.advance(1_000);
  assert.equal(codeOf(await product.heartbeat(first)), 'HEARTBEAT_REPLAYED');
  assert.equal((await product.heartbeat(second)).statusCode, 200, 'a lost answer is given again');
  assert.equal(server.app.modules.presence.currentPresence(product.productNumber).lastSeenAt, lastSeenAt);
});

test('junk instead of a heartbeat is refused', async () => {
  const product = new TestProduct(server);
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(56), Buffer.alloc(512, 1)]) {
    const answer = await product.heartbeat(bytes);
    assert.equal(codeOf(answer), 'HEARTBEAT_INVALID', answer.body);
  }
  assert.equal((await product.heartbeat(Buffer.alloc(513))).statusCode, 413);
});

test('activity that travels with a heartbeat is shown', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const items = [
    { id: 1, value: Uint8Array.of(0, 0, 14, 16) },
    { id: 2, value: Uint8Array.of(0, 150) },
    { id: 4, value: Uint8Array.of(0, 0, 4, 0) },
  ];
  await product.heartbeat(product.sealHeartbeat({ items }));
  const { products } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.deepEqual(products[0]?.activity, {
    uptimeSeconds: 3_600,
    loadAverage: 1.5,
    agentMemoryBytes: 1_048_576,
  });
});

test('a clock that is off by a day works, with a warning', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  assert.deepEqual(product.handshake?.warnings, []);
  const day = 86_400_000;
  assert.equal((await product.shakeHands({ clockMs: server.clock.now() + day })).statusCode, 200);
  assert.deepEqual(product.handshake?.warnings, [{ code: 'CLOCK_SKEW', skewMs: day }]);
  const { products } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.equal(products[0]?.clockSkewMs, -day);
  await product.shakeHands({ clockMs: server.clock.now() - limits.clockSkewWarningMs });
  assert.deepEqual(product.handshake?.warnings, []);
});

test('a disabled product is refused at its next call, and comes back when it is enabled', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const { productNumber } = product;
  await callApi(server, setProductState, { params: { productNumber }, body: { state: 'disabled' } });
  const call = {
    method: 'POST',
    url: mcpPath.transports,
    payload: { probesSent: 0, acknowledged: false },
  } as const;
  assert.equal(codeOf(await server.call(call, product.bearer)), 'ACCESS_TOKEN_INVALID');
  assert.equal(codeOf(await product.shakeHands()), 'PRODUCT_DISABLED');
  assert.equal(codeOf(await product.register(await createTestToken(server))), 'PRODUCT_DISABLED');
  assert.equal((await product.heartbeat()).rawPayload.readUInt16BE(2), 2);
  const { device } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.equal(device.presence.status, 'disabled');
  await callApi(server, setProductState, { params: { productNumber }, body: { state: 'active' } });
  assert.equal((await product.shakeHands()).statusCode, 200);
});

test('what a handshake says about the device is taken over', async () => {
  const product = await new TestProduct(server, { name: 'Old name' }).join(await createTestToken(server));
  const { device } = product.facts;
  await product.shakeHands({ device: { ...device, name: 'New name', platform: 'plan9' } });
  const details = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  assert.equal(details.device.name, 'New name');
  assert.equal(details.device.platform, 'other');
});

test('after the loss of the database a product comes back to its number, device and group by one click', async () => {
  const site = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name: 'Site' } });
  const room = await callApi(server, createGroup, { body: { parentId: site.id, name: 'Room' } });
  const token = await createTestToken(server, { groupId: room.id });
  const product = await new TestProduct(server, { name: 'Lost' }).join(token);
  const former = product.registered;
  const formerEpoch = product.handshake?.heartbeat.epoch ?? 0;
  await loseRecords();

  const refused = await product.shakeHands();
  assert.equal(refused.statusCode, 404);
  assert.equal(codeOf(refused), 'PRODUCT_UNKNOWN');
  assert.ok(refused.json<{ facts: { retryAfterMs: number } }>().facts.retryAfterMs >= 1_000);
  await product.shakeHands();
  const waiting = await waitingOf(product);
  assert.equal(waiting?.kind, 're-admission');
  assert.equal(waiting.isReceiptVerified, true);
  assert.equal(waiting.productNumber, former?.productNumber);
  assert.deepEqual(waiting.groupPath, ['Site', 'Room']);
  assert.equal((await callApi(server, getDirectorySummary)).waitingCount, 1);

  const admitted = await admit(product);
  assert.deepEqual(
    [admitted.productNumber, admitted.deviceId, admitted.groupPath],
    [former?.productNumber, former?.deviceId, ['Site', 'Room']],
  );
  const { groups } = await callApi(server, listGroups);
  assert.ok(groups.some((group) => group.name === 'Room' && group.deviceCount === 1));
  assert.equal((await product.shakeHands()).statusCode, 200);
  assert.ok((product.handshake?.heartbeat.epoch ?? 0) > formerEpoch);

  // A newcomer gets a number that nobody had.
  const newcomer = new TestProduct(server);
  await newcomer.register(await createTestToken(server));
  assert.ok(newcomer.productNumber > admitted.productNumber);
});

test('who approves new devices only brings none back, by the names of its receipt, to where others decide', async () => {
  for (const isThere of [true, false]) {
    const name = `Vault ${isThere}`;
    const vault = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } });
    const product = await new TestProduct(server).join(await createTestToken(server, { groupId: vault.id }));
    await loseRecords();
    if (isThere) await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } });
    await product.shakeHands();
    const params = { registrationId: (await waitingOf(product))?.id ?? '' };
    const as = server.actAs({ scope: new Set([NEW_DEVICES_GROUP_ID]) });
    const refused = await refusalOf(server, admitRegistration, { as, params, body: {} });
    assert.equal(refused, 'PERMISSION_DENIED');
    const { groups } = await callApi(server, listGroups);
    assert.equal(groups.filter((group) => group.name === name).length, isThere ? 1 : 0);
    const body = { groupId: NEW_DEVICES_GROUP_ID };
    const { groupPath } = await callApi(server, admitRegistration, { as, params, body });
    assert.deepEqual(groupPath, ['New devices']);
  }
});

test('a number that another product has meanwhile is not taken from it', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  await loseRecords();
  let newcomer = new TestProduct(server);
  while (newcomer.productNumber < product.productNumber) {
    newcomer = new TestProduct(server);
    await newcomer.join(await createTestToken(server));
  }
  assert.equal(newcomer.productNumber, product.productNumber);
  await product.shakeHands();
  assert.equal((await waitingOf(product))?.productNumber, null);
  const admitted = await admit(product);
  assert.notEqual(admitted.productNumber, newcomer.productNumber);
  // The key of the old epoch is none of the newcomer's, though the number is the same.
  assert.notEqual(product.handshake?.heartbeat.key, newcomer.handshake?.heartbeat.key);
});

test('a stranger without a receipt waits too, and says of itself what it likes', async () => {
  const stranger = new TestProduct(server, { name: 'Stranger' });
  assert.equal(codeOf(await stranger.shakeHands({ receipt: 'AAAA' })), 'PRODUCT_UNKNOWN');
  const waiting = await waitingOf(stranger);
  assert.equal(waiting?.isReceiptVerified, false);
  assert.equal(waiting.productNumber, null);
  assert.deepEqual(waiting.groupPath, ['New devices']);
  await callApi(server, refuseRegistration, { params: { registrationId: waiting.id } });
  const again = await stranger.shakeHands();
  assert.equal(codeOf(again), 'PRODUCT_UNKNOWN');
  assert.equal(again.json<{ facts: { retryAfterMs: number } }>().facts.retryAfterMs, 3_600_000);
  assert.equal(await waitingOf(stranger), undefined);
});

test('the receipt of one product does not help another', async () => {
  const owner = await new TestProduct(server).join(await createTestToken(server));
  const thief = new TestProduct(server);
  await thief.shakeHands({ receipt: owner.handshake?.receipt ?? '' });
  assert.equal((await waitingOf(thief))?.isReceiptVerified, false);
});

test('strangers from one address fill fifty places and no more', async () => {
  await loseRecords();
  for (let round = 0; round < 60; round += 1) {
    assert.equal(codeOf(await new TestProduct(server).shakeHands()), 'PRODUCT_UNKNOWN');
  }
  const { registrations } = await callApi(server, listWaitingRegistrations);
  assert.equal(registrations.length, 50);

  // Whoever was given a token stands in front of all of them, although it came last.
  const expected = new TestProduct(server);
  await expected.register(await createTestToken(server, { isApprovalNeeded: true }));
  const [head] = (await callApi(server, listWaitingRegistrations)).registrations;
  assert.equal(head?.keyThumbprint, expected.key.thumbprint);
});

test('a stranger that comes back from another network keeps its place where it came first', async () => {
  await loseRecords();
  const { db } = server.database;
  const stranger = new TestProduct(server);
  await stranger.shakeHands();
  await db.updateTable('waiting_registration').set({ remote_address: '198.51.100.7' }).execute();
  server.clock.advance(120_000);
  await stranger.shakeHands();
  assert.deepEqual(await countStrangers(db, '198.51.100.7'), { total: 1, fromNetwork: 1 });
});

test('all addresses of one IPv6 network share the places of strangers', async () => {
  await loseRecords();
  const { db } = server.database;
  for (const part of ['a', 'b', 'c']) {
    const stranger = new TestProduct(server);
    await stranger.shakeHands();
    await db
      .updateTable('waiting_registration')
      .set({ remote_address: `2001:db8:1:2::${part}` })
      .where('key_thumbprint', '=', stranger.key.thumbprint)
      .execute();
  }
  assert.deepEqual(await countStrangers(db, '2001:db8:1:2:ffff::1'), { total: 3, fromNetwork: 3 });
  assert.deepEqual(await countStrangers(db, '2001:db8:1:3::a'), { total: 3, fromNetwork: 0 });
});

test('strangers that were refused give their places back, and are not asked about again at once', async () => {
  await loseRecords();
  const strangers = Array.from({ length: 50 }, () => new TestProduct(server));
  for (const stranger of strangers) await stranger.shakeHands();
  const late = new TestProduct(server);
  await late.shakeHands();
  assert.equal(await waitingOf(late), undefined, 'all places of the network are taken');
  for (const stranger of strangers) {
    const waiting = await waitingOf(stranger);
    await callApi(server, refuseRegistration, { params: { registrationId: waiting?.id ?? '' } });
  }
  await late.shakeHands();
  assert.notEqual(await waitingOf(late), undefined);
  await strangers[0]?.shakeHands();
  assert.equal((await callApi(server, listWaitingRegistrations)).registrations.length, 1);
});

test('a stranger that was refused is forgotten after a week, a refused holder of a token is not', async () => {
  await loseRecords();
  const stranger = new TestProduct(server);
  await stranger.shakeHands();
  const invited = new TestProduct(server);
  const token = await createTestToken(server, { isApprovalNeeded: true, expiresInMs: 30 * 86_400_000 });
  await invited.register(token);
  for (const product of [stranger, invited]) {
    const waiting = await waitingOf(product);
    await callApi(server, refuseRegistration, { params: { registrationId: waiting?.id ?? '' } });
  }
  server.clock.advance(8 * 86_400_000);
  await server.jobs.run('prune');
  await stranger.shakeHands();
  assert.notEqual(await waitingOf(stranger), undefined);
  assert.equal(codeOf(await invited.register(token)), 'REGISTRATION_REFUSED');
});

test('of refused strangers only the last thousand are remembered', async () => {
  await loseRecords();
  const { db } = server.database;
  const stranger = new TestProduct(server);
  await stranger.shakeHands();
  // As many as would take an hour to bring in one by one, older than the one that is refused now.
  await sql`
    insert into waiting_registration
      (id, kind, state, key_thumbprint, public_jwk, request, remote_address, first_seen_at, last_seen_at)
    select gen_random_uuid(), kind, 'refused', lpad(n::text, 43, '0'), public_jwk, request, remote_address,
      first_seen_at, last_seen_at - n * interval '1 second'
    from waiting_registration, generate_series(1, 1100) n`.execute(db);
  const waiting = await waitingOf(stranger);
  await callApi(server, refuseRegistration, { params: { registrationId: waiting?.id ?? '' } });
  const { rows } = await sql<{ thumbprint: string }>`
    select key_thumbprint as thumbprint from waiting_registration order by last_seen_at desc`.execute(db);
  assert.equal(rows.length, 1_000);
  assert.equal(rows[0]?.thumbprint, stranger.key.thumbprint);
});

test('when all places are taken, strangers that are silent for an hour give way to a new one', async () => {
  await loseRecords();
  const silent = Array.from({ length: 49 }, () => new TestProduct(server));
  for (const stranger of silent) await stranger.shakeHands();
  const patient = new TestProduct(server);
  await patient.shakeHands();
  server.clock.advance(3_000_000);
  await patient.shakeHands();
  const late = new TestProduct(server);
  await late.shakeHands();
  assert.equal(await waitingOf(late), undefined, 'nobody has been silent for an hour yet');
  server.clock.advance(700_000);
  await late.shakeHands();
  const { registrations } = await callApi(server, listWaitingRegistrations);
  assert.deepEqual(
    registrations.map((waiting) => waiting.keyThumbprint).toSorted(),
    [patient.key.thumbprint, late.key.thumbprint].toSorted(),
  );
});

test('those that have not come back for a month are forgotten', async () => {
  const stranger = new TestProduct(server);
  await loseRecords();
  await stranger.shakeHands();
  server.clock.advance(29 * 86_400_000);
  await server.jobs.run('prune');
  assert.notEqual(await waitingOf(stranger), undefined);
  server.clock.advance(2 * 86_400_000);
  await server.jobs.run('prune');
  assert.equal(await waitingOf(stranger), undefined);
});
