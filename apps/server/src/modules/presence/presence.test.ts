import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { getDevice, getSettings, listDevices, updateCommunicationSettings } from '@holdfast/api';
import { sql } from 'kysely';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { callApi } from '../../testing/test-api.ts';
import { insertFleet } from '../../testing/test-fleet.ts';
import { createTestToken, TestProduct } from '../../testing/test-product.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { createPresenceModule, type PresenceModule } from './index.ts';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  const { revision } = await callApi(server, getSettings);
  await callApi(server, updateCommunicationSettings, { body: { revision, communication: times } });
});
after(() => server.close());

const MINUTE = 60_000;
const times = { heartbeatIntervalMs: MINUTE, offlineTimeoutMs: 3 * MINUTE };

/** Time passes while the server turns as it should. */
async function run(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 250) {
    server.clock.advance(Math.min(250, left));
    await server.ticks.run('presence.turn');
  }
}

async function statusOf(product: TestProduct): Promise<string> {
  const { device } = await callApi(server, getDevice, {
    params: { deviceId: product.registered?.deviceId ?? '' },
  });
  return device.presence.status;
}

/** A second server on the same database, as after a restart. */
async function restart(): Promise<PresenceModule> {
  const { platform } = server.app;
  const again = createPresenceModule({
    platform: {
      ...platform,
      log: pino({ level: 'silent' }),
      metrics: new Registry(),
      ticks: { every: () => ({ wake: () => {} }), stop: async () => {} },
    },
  });
  await again.load();
  again.start();
  return again;
}

test('a silent device turns timed out, then offline, and tells those who may see it', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  await server.ticks.run('presence.announce');
  const told: string[] = [];
  const stop = server.app.platform.live.listen(({ event, groupPath, permission }) => {
    if (event.type !== 'presence' || event.productNumber !== product.productNumber) return;
    assert.equal(permission, 'directory:read');
    assert.deepEqual(groupPath?.at(-1), product.registered?.groupId);
    assert.equal(event.deviceId, product.registered?.deviceId);
    told.push(event.presence.status);
  });
  for (let minute = 0; minute < 4; minute += 1) {
    await run(MINUTE);
    await server.ticks.run('presence.announce');
  }
  await product.heartbeat();
  await server.ticks.run('presence.announce');
  await server.ticks.run('presence.announce');
  stop();
  assert.deepEqual(told, ['timed-out', 'offline', 'online']);
});

test('what memory knows is in the database after a save, in one go and only what changed', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  await product.heartbeat(
    product.sealHeartbeat({ items: [{ id: 3, value: Uint8Array.of(55) }], sequence: 17 }),
  );
  await server.ticks.run('presence.save');
  const row = await server.database.db
    .selectFrom('product_presence')
    .selectAll()
    .where('product_number', '=', product.productNumber)
    .executeTakeFirstOrThrow();
  assert.equal(row.status, 'online');
  assert.equal(row.reason, 'heartbeat-https');
  assert.equal(row.last_seen_at?.getTime(), server.clock.now());
  assert.equal(row.last_sequence, 17);
  assert.equal(row.epoch, product.handshake?.heartbeat.epoch);
  assert.equal(row.service_state, 'running');
  assert.equal(row.interval_ms, MINUTE);
  assert.deepEqual(row.activity, { memoryInUsePercent: 55 });
  const version = async () =>
    (
      await sql<{ xmin: string }>`select xmin::text from product_presence
        where product_number = ${product.productNumber}`.execute(server.database.db)
    ).rows[0]?.xmin;
  const before = await version();
  await server.ticks.run('presence.save');
  assert.equal(await version(), before, 'nothing changed, nothing written');
});

test('after a restart everybody is what it was, replays included, and nobody is offline for it', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const silent = await new TestProduct(server).join(await createTestToken(server));
  const replay = product.sealHeartbeat();
  await product.heartbeat(product.sealHeartbeat());
  await run(4 * MINUTE);
  await product.heartbeat(product.sealHeartbeat());
  await server.ticks.run('presence.save');
  const expected = [product, silent].map((it) =>
    server.app.modules.presence.currentPresence(it.productNumber),
  );
  server.clock.advance(24 * 60 * MINUTE);
  const again = await restart();
  const actual = [product, silent].map((it) => again.currentPresence(it.productNumber));
  const [online, offline] = expected;
  // Who was online has not been heard by this process yet, and it says so.
  assert.deepEqual(actual, [{ ...online, reason: 'before-restart' }, offline]);
  assert.deepEqual(
    actual.map((presence) => presence.status),
    ['online', 'offline'],
  );
  assert.equal(again.findEpoch(product.productNumber), product.handshake?.heartbeat.epoch);
  assert.equal(replay.length > 0, true);
  await again.stop();
});

test('while the database is away the changes are kept, and written when it is back', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  await server.ticks.run('presence.save');
  const { db } = server.database;
  await sql`alter table product_presence rename to product_presence_away`.execute(db);
  await product.heartbeat();
  await assert.rejects(server.ticks.run('presence.save'));
  await product.heartbeat();
  await assert.rejects(server.ticks.run('presence.save'));
  await sql`alter table product_presence_away rename to product_presence`.execute(db);
  await server.ticks.run('presence.save');
  const row = await db
    .selectFrom('product_presence')
    .select('last_sequence')
    .where('product_number', '=', product.productNumber)
    .executeTakeFirstOrThrow();
  assert.equal(row.last_sequence, 2);
});

test('a change of the settings reaches products with their next answer', async () => {
  const product = await new TestProduct(server).join(await createTestToken(server));
  const { revision } = await callApi(server, getSettings);
  const changed = { heartbeatIntervalMs: 5_000, offlineTimeoutMs: 15_000 };
  const after = await callApi(server, updateCommunicationSettings, {
    body: { revision, communication: changed },
  });
  await server.ticks.run('communication.follow');
  const answer = product.datagramKey.verify(new Uint8Array((await product.heartbeat()).rawPayload));
  assert.ok(answer.type === 'heartbeat-acknowledgement');
  assert.equal(answer.nextIntervalMs, 5_000);
  await run(10_000);
  // The answer to the first heartbeat may have been lost: until the second, the old interval is right too.
  assert.equal(await statusOf(product), 'online');
  await product.heartbeat();
  await run(16_000);
  assert.equal(await statusOf(product), 'offline');
  await callApi(server, updateCommunicationSettings, {
    body: { revision: after.revision, communication: times },
  });
  await server.ticks.run('communication.follow');
});

test('when very many change at once, open views are told to ask again instead', async () => {
  await server.ticks.run('presence.announce');
  const fleet = await insertFleet(server, { count: 501 });
  const types: string[] = [];
  const stop = server.app.platform.live.listen(({ event }) => types.push(event.type));
  for (const { productNumber } of fleet) server.app.modules.presence.beginEpoch(productNumber, 1);
  await server.ticks.run('presence.announce');
  stop();
  assert.deepEqual(types, ['refresh']);
  const { count } = await callApi(server, listDevices, { query: { status: 'online', limit: 1 } });
  assert.ok(count.value >= 501, 'and what they then ask is right at once');
});

test('a product whose record is removed while its presence waits to be written hurts nobody', async () => {
  const [gone, stays] = await insertFleet(server, { count: 2 });
  for (const it of [gone, stays]) server.app.modules.presence.recordSign(it?.productNumber ?? 0, 'poll');
  const { db } = server.database;
  await sql`delete from device where id = ${gone?.id ?? ''}`.execute(db);
  await server.ticks.run('presence.save');
  const { rows } = await sql<{ status: string }>`
    select status from product_presence where product_number = ${stays?.productNumber ?? 0}`.execute(db);
  assert.equal(rows[0]?.status, 'online');
});

test('the metrics count products', async () => {
  const text = await server.app.platform.metrics.metrics();
  assert.match(text, /holdfast_products\{status="online"\} \d+/);
  assert.match(text, /holdfast_presence_unsaved \d+/);
});
