/**
 * Every table of the database, and all of it, comes back from a backup. Which tables there are is read from the database itself, and
 * each must have a row here: whoever adds a table gives it one.
 */
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import {
  builtInRoleIds,
  cancelCommand,
  createWebhook,
  giveGrant,
  issueCommand,
  signIn,
  testWebhook,
  updateCommunicationSettings,
  updateGroupCommunication,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { systemClock } from '@holdfast/kernel';
import { sql } from 'kysely';
import { createBackup, restoreBackup } from '../platform/database/backup/index.ts';
import { createTestDatabase, type TestDatabase } from '../platform/database/test-database.ts';
import { signInFirstAdministrator } from '../testing/test-administrators.ts';
import { callApi } from '../testing/test-api.ts';
import { createWorld } from '../testing/test-matrix-world.ts';
import { createTestToken, TestProduct } from '../testing/test-product.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

/** Written by the migrations that a restore runs. */
const MADE_BY_MIGRATIONS = 'schema_migration';

let server: TestServer;
let home: string;
before(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'holdfast-backup-tables-'));
  await chmod(home, 0o755);
  await mkdir(path.join(home, 'keys'), { mode: 0o700 });
  await writeFile(path.join(home, 'keys', 'master.key'), 'the master key\n', { mode: 0o600 });
  server = await startTestServer();
  await fillTables();
  // Events get their places beside what is done: nothing changes any more when all have been heard.
  await server.hearEvents();
});
after(async () => {
  await server.close();
  await rm(home, { recursive: true, force: true });
});

/** A bit of everything that a server keeps, by using it; what only comes about in trouble is written as it would be. */
async function fillTables(): Promise<void> {
  const first = await signInFirstAdministrator(server, 'alice');
  const world = await createWorld(server, first);
  // Somebody who does not know the password.
  await first.send(signIn, { body: { name: 'alice', password: 'guessed by somebody' } });
  await first.call(giveGrant, {
    params: { administratorId: world.invited.id },
    body: { roleId: builtInRoleIds.auditor, groupId: world.groupId },
  });
  const product = await new TestProduct(server, { name: 'desk-1' }).join(await createTestToken(server));
  await product.heartbeat();
  const inventory = await server.call(
    {
      method: 'PUT',
      url: mcpPath.inventory,
      payload: { collectedAt: server.clock.now(), facts: { system: { kernel: '6.1.0' } } },
    },
    product.bearer,
  );
  assert.ok(inventory.statusCode < 300, inventory.body);
  await callApi(server, updateGroupCommunication, {
    params: { groupId: world.groupId },
    body: {
      revision: 0,
      own: {
        heartbeatIntervalMs: 90_000,
        offlineTimeoutMs: 600_000,
        schedule: null,
        mode: null,
        transport: null,
        listenerPort: null,
      },
    },
  });
  await callApi(server, updateCommunicationSettings, {
    body: { revision: 1, communication: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 } },
  });
  const { webhook } = await first.call(createWebhook, {
    body: {
      name: 'Desk',
      url: 'https://192.0.2.1/',
      events: ['device.*'],
      groupId: null,
      allowsPrivate: false,
    },
  });
  await first.call(testWebhook, { params: { webhookId: webhook.id } });
  // What comes after it still waits for its place in the audit log.
  await server.ticks.run('audit.chain');
  const { id: commandId } = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: [world.deviceId] } },
  });
  await callApi(server, cancelCommand, { params: { commandId } });
  const { db } = server.database;
  await sql`insert into product_instance (product_number, instance, state, device_name, remote_address, first_epoch, last_epoch,
      challenged_at, first_seen_at, last_seen_at)
    values (${world.productNumber}, gen_random_uuid(), 'refused', 'copy-1', '192.0.2.7', 1, 2, now(), now(), now())`.execute(
    db,
  );
  await sql`with repository as (
      insert into component_repository (first_root, fingerprint, trusted_at, trusted_by)
      values ('{}', repeat('0', 64), now(), 'alice')),
    source as (
      insert into component_source (id, position, name, name_key, kind, address, created_at)
      values (gen_random_uuid(), 1, 'Drive', 'drive', 'folder', '/mnt/components', now())),
    download as (
      insert into component_download (id, state, requested_by, requested_at)
      values (gen_random_uuid(), 'waiting', 'alice', now())),
    rated as (
      insert into component_rate (all_per_second, revision) values (1000000, 1)),
    scheduled as (
      insert into component_schedule (is_enabled, every_minutes, revision) values (true, 60, 1)),
    reported as (
      insert into component_product (product_number, component_id, state, changed_at)
      values (${world.productNumber}, 'virus-patterns', 'behind', now()))
    insert into component (id, kind, title, platforms, handler, newest_release)
    values ('virus-patterns', 'pattern', 'Virus patterns', '["any"]', 'plain-file', 7)`.execute(db);
  await sql`insert into component_release (component_id, release, version, is_urgent, full_bytes, increments, arrived_at)
    values ('virus-patterns', 7, '7.0', false, 10, '[]', now())`.execute(db);
  await sql`with plan as (
      insert into component_plan (id, name, name_key, stages, created_at)
      values (${world.noteId}, 'Pilot', 'pilot', '[]', now()) returning id),
    deployment as (
      insert into component_deployment (component_id, mode, plan_id, allowed_release)
      select 'virus-patterns', 'by-plan', id, 6 from plan),
    rollout as (
      insert into component_rollout (id, component_id, release, plan_name, state, started_at)
      values (${world.noteId}, 'virus-patterns', 7, 'Pilot', 'running', now()) returning id)
    insert into component_rollout_stage (rollout_id, position, group_id, due_at, success_percent)
    select id, 1, ${world.groupId}, now(), 90 from rollout`.execute(db);
  await sql`insert into command_cancellation (id, command_id, scope_group_ids, requested_by, requested_at)
    values (gen_random_uuid(), ${commandId}, null, 'alice', now())`.execute(db);
}

interface Table {
  readonly name: string;
  /** Of all rows, as text. */
  readonly hash: string;
  readonly count: number;
}

async function readTables({ db }: Pick<TestDatabase, 'db'>): Promise<Map<string, Table>> {
  const { rows: names } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> ${MADE_BY_MIGRATIONS}
    order by relname`.execute(db);
  const tables = new Map<string, Table>();
  for (const { name } of names) {
    const { rows } = await sql<Table>`
      select ${name} as name, count(*) as count, md5(string_agg(t::text, '|' order by t::text)) as hash
      from ${sql.table(name)} t`.execute(db);
    const [table] = rows;
    if (table !== undefined) tables.set(name, table);
  }
  return tables;
}

test('every table that the database has is filled here', async () => {
  const tables = await readTables(server.database);
  assert.ok(tables.size > 30, `${tables.size}`);
  const empty = [...tables.values()].filter(({ count }) => count === 0).map(({ name }) => name);
  assert.deepEqual(empty, [], 'these tables have no row: fill them, so that their backup is tried');
});

test('every table comes back from a backup as it was', async () => {
  const file = path.join(home, 'all.hfbackup');
  const { connection } = server.database;
  await createBackup({ connection, home, file, productVersion: '0.0.0-test', clock: systemClock });
  await using target = await createTestDatabase({ isEmpty: true });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  await restoreBackup({ file, home: path.join(home, 'restored'), connection: target.connection, log });
  const before = await readTables(server.database);
  const restored = await readTables(target);
  for (const [name, table] of before) assert.deepEqual(restored.get(name), table, name);
  assert.deepEqual([...restored.keys()], [...before.keys()]);
});

test('a number that was given before the backup is not given again after it', async () => {
  const file = path.join(home, 'numbers.hfbackup');
  const { connection } = server.database;
  await createBackup({ connection, home, file, productVersion: '0.0.0-test', clock: systemClock });
  await using target = await createTestDatabase({ isEmpty: true });
  const log = { info: () => {}, warn: () => {}, error: () => {} };
  await restoreBackup({ file, home: path.join(home, 'numbers'), connection: target.connection, log });
  const { rows: sequences } = await sql<{ name: string }>`
    select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'`.execute(
    server.database.db,
  );
  assert.ok(sequences.length > 3);
  for (const { name } of sequences) {
    const next = async ({ db }: Pick<TestDatabase, 'db'>): Promise<number> => {
      const { rows } = await sql<{ next: number }>`select nextval(${name}::regclass) as next`.execute(db);
      return Number(rows[0]?.next);
    };
    assert.equal(await next(target), await next(server.database), name);
  }
});
