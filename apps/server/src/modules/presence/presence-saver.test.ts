import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { sql } from 'kysely';
import type { Database } from '../../platform/database/database.ts';
import { createTestClock, type TestClock } from '../../platform/clock/test-clock.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/database/test-database.ts';
import { createHeartbeat } from './heartbeat.testing.ts';
import { PresenceEngine } from './presence-engine.ts';
import { loadPresence } from './presence-loader.service.ts';
import { PresenceSaver } from './presence-saver.service.ts';
import { rememberedPageQuery } from './presence.store.ts';

const times = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 };

let database: TestDatabase;
let db: Database;
let clock: TestClock;
let engine: PresenceEngine;
let saver: PresenceSaver;
before(async () => {
  database = await createTestDatabase();
  db = database.db;
  // One row for each row that is written, in the order of writing.
  await sql`
    create table written (id bigint generated always as identity, number bigint, status text);
    create function note_written() returns trigger language plpgsql as $$
      begin insert into written (number, status) values (new.product_number, new.status); return null; end $$;
    create trigger note_written after update on product_presence for each row execute function note_written();
  `.execute(db);
});
beforeEach(async () => {
  await sql`truncate device, managed_product, product_presence, written cascade`.execute(db);
  clock = createTestClock();
  engine = new PresenceEngine({ clock, times });
  saver = new PresenceSaver(db, engine, async () => {});
});
after(() => database.close());

async function insertProducts(numbers: readonly number[], options: { readonly hasPresence: boolean }) {
  await sql`
    with fleet as (select number, gen_random_uuid() as device_id from unnest(${[...numbers]}::bigint[]) as f (number)),
    devices as (
      insert into device (id, group_id, product_number, reported_name, platform, registered_at, name_key, search_text)
      select device_id, (select id from directory_group order by depth desc limit 1), number, 'd', 'linux', now(), 'd', 'd'
      from fleet
    )
    insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, epoch, transport,
      capabilities, registered_at)
    select number, device_id, 'agent', 'agent', '1', lpad(number::text, 43, 'k'), '{}', 7, 'udp', '{}', now() from fleet
  `.execute(db);
  if (options.hasPresence)
    await sql`insert into product_presence (product_number) select * from unnest(${[...numbers]}::bigint[])`.execute(
      db,
    );
}

async function written(): Promise<(readonly [number, string])[]> {
  const { rows } = await sql<{ number: number; status: string }>`
    with gone as (delete from written returning *) select number, status from gone order by id`.execute(db);
  return rows.map((row) => [row.number, row.status] as const).sort(([left], [right]) => left - right);
}

test('a change of the status is written once, and so is a sign of life that changes none', async () => {
  await insertProducts([1, 2, 3], { hasPresence: true });
  for (const number of [1, 2, 3]) engine.beginEpoch(number, 7);
  await saver.saveAll();
  assert.deepEqual(await written(), [
    [1, 'online'],
    [2, 'online'],
    [3, 'online'],
  ]);
  engine.recordSign(1, 'poll');
  engine.setDisabled(2, true);
  await saver.saveAll();
  assert.deepEqual(await written(), [
    [1, 'online'],
    [2, 'disabled'],
  ]);
  await saver.saveAll();
  assert.deepEqual(await written(), []);
});

test('a status that was written for a list is not written again, unless there is something new', async () => {
  await insertProducts([1, 2], { hasPresence: true });
  for (const number of [1, 2]) engine.beginEpoch(number, 7);
  await saver.saveStatuses();
  assert.equal((await written()).length, 2);
  engine.recordSign(2, 'poll');
  await saver.saveAll();
  assert.deepEqual(await written(), [[2, 'online']]);
});

test('what changes while it is written is written again', async () => {
  await insertProducts([1], { hasPresence: true });
  engine.beginEpoch(1, 7);
  const saving = saver.saveAll();
  // The first thing that a save does is to take what it writes; its statement is under way from then on.
  while (engine.statusUnsaved.length > 0) await Promise.resolve();
  engine.setDisabled(1, true);
  await saving;
  await saver.saveAll();
  assert.deepEqual((await written()).at(-1), [1, 'disabled']);
  assert.equal(engine.unsaved.length, 0);
});

test('without a database nothing is forgotten and nothing grows', async () => {
  await insertProducts([1, 2, 3], { hasPresence: true });
  for (const number of [1, 2, 3]) engine.beginEpoch(number, 7);
  await sql`alter table product_presence rename to product_presence_away`.execute(db);
  for (let turn = 0; turn < 100; turn += 1) await assert.rejects(saver.saveAll());
  assert.ok(engine.unsaved.length <= 6 && engine.statusUnsaved.length === 3, `${engine.unsaved.length}`);
  await sql`alter table product_presence_away rename to product_presence`.execute(db);
  await saver.saveAll();
  assert.equal((await written()).length, 3);
});

test('what was saved is read back in pages, also with gaps between the numbers and where nothing was saved yet', async () => {
  await insertProducts([2, 3, 11, 12, 40], { hasPresence: true });
  await insertProducts([13], { hasPresence: false });
  for (const number of [2, 3, 11, 12]) engine.beginEpoch(number, 7);
  engine.recordHeartbeat(createHeartbeat(3, 99, { epoch: 7, serviceState: 'stopped' }), 'heartbeat-udp');
  engine.table.writeActivity(3, { uptimeS: 5, agentMemoryKiB: 70_000 });
  engine.setDisabled(12, true);
  await sql`update managed_product set state = 'disabled' where number = 12`.execute(db);
  await sql`update managed_product set epoch = 8 where number = 11`.execute(db);
  await saver.saveAll();
  for (const pageSize of [1, 2, 3, 10, 100]) {
    const restored = new PresenceEngine({ clock, times });
    await loadPresence(db, restored, pageSize);
    assert.equal(restored.count, 6);
    for (const number of [2, 3, 11, 12, 40]) {
      const { status, reason, ...rest } = engine.current(number);
      const told = status === 'online' ? 'before-restart' : reason;
      assert.deepEqual(restored.current(number), { status, reason: told, ...rest });
    }
    assert.equal(restored.current(3).status, 'service-stopped');
    assert.deepEqual(restored.table.readActivity(3), { uptimeS: 5, agentMemoryKiB: 70_000 });
    assert.equal(restored.table.columns.lastSequence[3], 99);
    assert.equal(restored.table.columns.lastSequence[11], 0, 'a sequence of an older epoch says nothing');
    assert.deepEqual(
      [restored.findEpoch(11), restored.findEpoch(12), restored.findEpoch(13)],
      [8, undefined, 7],
    );
    assert.deepEqual([restored.current(13).status, restored.current(13).lastSeenAt], ['offline', null]);
    assert.deepEqual(restored.unsaved.take(10), []);
  }
});

test('a page of the fleet reads its own part of both tables and no other', async () => {
  await insertProducts(
    Array.from({ length: 3_000 }, (_, index) => index + 1),
    { hasPresence: true },
  );
  await sql`analyze managed_product, product_presence`.execute(db);
  const { rows } = await sql<{ 'QUERY PLAN': string }>`
    explain ${rememberedPageQuery(100, 120)}`.execute(db);
  assert.doesNotMatch(rows.map((row) => row['QUERY PLAN']).join('\n'), /Seq Scan/);
});
