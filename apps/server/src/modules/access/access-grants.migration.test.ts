import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { sql } from 'kysely';
import { migrateDatabase } from '../../platform/database/migrate.ts';
import { readMigrationFiles } from '../../platform/database/migration-file.ts';
import { createTestDatabase, type TestDatabase } from '../../platform/database/test-database.ts';

const ALICE = '019aa000-0000-7000-8000-00000000000a';
const BOB = '019aa000-0000-7000-8000-00000000000b';
const KEY = '019aa000-0000-7000-8000-00000000000c';
const BERLIN = '019aa000-0000-7000-8000-00000000000d';
const ENTERPRISE = '00000000-0000-7000-8000-000000000101';
const AUDITOR = '00000000-0000-7000-8000-000000000102';
const GROUPS = '00000000-0000-7000-8000-000000000103';

/** A database of the previous release: an enterprise administrator, an auditor, and a key of the first in a group. */
async function createOldDatabase(context: TestContext): Promise<TestDatabase> {
  const database = await createTestDatabase({ isEmpty: true });
  context.after(() => database.close());
  const files = (await readMigrationFiles()).filter((file) => file.name < '0016');
  await migrateDatabase({ connection: database.connection, files });
  await writeAdministrator(database, ALICE, 'alice', 'enterprise-administrator');
  await writeAdministrator(database, BOB, 'bob', 'auditor');
  await writeKey(database, KEY, BERLIN);
  return database;
}

/** The statements of the previous release. */
async function writeAdministrator(
  { db }: TestDatabase,
  id: string,
  name: string,
  role: string,
): Promise<void> {
  await sql`
    insert into administrator (id, name, name_key, display_name, role, state, created_at)
    values (${id}, ${name}, ${name}, ${name}, ${role}, 'invited', now())`.execute(db);
}

async function writeKey({ db }: TestDatabase, id: string, groupId: string | null): Promise<void> {
  await sql`
    insert into api_key (id, name, prefix, key_hash, permissions, scope_group_id, owner_id, created_at, created_by)
    values (${id}, 'x', ${`hfk_${id.slice(-8)}`}, decode(md5(${id}) || md5(${id}), 'hex'), '{directory:read,logs:read}',
      ${groupId}, ${ALICE}, now(), 'alice')`.execute(db);
}

async function grantsOf({ db }: TestDatabase, holder: string) {
  const { rows } = await sql<{
    role_id: string | null;
    permissions: string[] | null;
    group_id: string | null;
  }>`
    select role_id, permissions, group_id from access_grant
    where administrator_id = ${holder} or api_key_id = ${holder} order by role_id`.execute(db);
  return rows.map((row) => [row.role_id ?? row.permissions, row.group_id]);
}

async function roleOf({ db }: TestDatabase, id: string): Promise<string | undefined> {
  const { rows } = await sql<{ role: string }>`select role from administrator where id = ${id}`.execute(db);
  return rows[0]?.role;
}

async function give({ db }: TestDatabase, holder: string, roleId: string, groupId: string | null) {
  await sql`
    insert into access_grant (administrator_id, role_id, group_id, created_at, created_by)
    values (${holder}, ${roleId}, ${groupId}, now(), 'test')`.execute(db);
}

test('roles of administrators and limits of keys are carried over into grants', async (context) => {
  const database = await createOldDatabase(context);
  await migrateDatabase({ connection: database.connection });
  assert.deepEqual(await grantsOf(database, ALICE), [[ENTERPRISE, null]]);
  assert.deepEqual(await grantsOf(database, BOB), [[AUDITOR, null]]);
  assert.deepEqual(await grantsOf(database, KEY), [[['directory:read', 'logs:read'], BERLIN]]);
});

test('what the previous release writes afterwards becomes grants, and what it deletes takes them along', async (context) => {
  const database = await createOldDatabase(context);
  await migrateDatabase({ connection: database.connection });
  const { db } = database;
  const carol = '019aa000-0000-7000-8000-0000000000ca';
  await writeAdministrator(database, carol, 'carol', 'auditor');
  assert.deepEqual(await grantsOf(database, carol), [[AUDITOR, null]]);
  // It invites again, with another role.
  await sql`update administrator set display_name = 'C', role = 'enterprise-administrator' where id = ${carol}`.execute(
    db,
  );
  assert.deepEqual(await grantsOf(database, carol), [[ENTERPRISE, null]]);
  assert.equal(await roleOf(database, carol), 'enterprise-administrator');
  // What it does not say about roles changes none.
  await give(database, carol, GROUPS, BERLIN);
  await sql`update administrator set state = 'disabled' where id = ${carol}`.execute(db);
  assert.equal((await grantsOf(database, carol)).length, 2);
  const other = '019aa000-0000-7000-8000-0000000000cb';
  await writeKey(database, other, null);
  assert.deepEqual(await grantsOf(database, other), [[['directory:read', 'logs:read'], null]]);
  await sql`delete from api_key where id = ${other}`.execute(db);
  await sql`delete from administrator where id = ${carol}`.execute(db);
  assert.deepEqual([await grantsOf(database, other), await grantsOf(database, carol)], [[], []]);
});

test('the previous release sees of grants no more than what it has a word for', async (context) => {
  const database = await createOldDatabase(context);
  await migrateDatabase({ connection: database.connection });
  const { db } = database;
  // As this release writes: without a role, and then grants.
  const dora = '019aa000-0000-7000-8000-0000000000da';
  await sql`
    insert into administrator (id, name, name_key, display_name, state, created_at)
    values (${dora}, 'dora', 'dora', 'Dora', 'invited', now())`.execute(db);
  assert.equal(await roleOf(database, dora), 'none');
  await give(database, dora, GROUPS, BERLIN);
  assert.equal(await roleOf(database, dora), 'none');
  await give(database, dora, ENTERPRISE, BERLIN);
  assert.equal(await roleOf(database, dora), 'none');
  await give(database, dora, AUDITOR, null);
  assert.equal(await roleOf(database, dora), 'auditor');
  await give(database, dora, ENTERPRISE, null);
  assert.equal(await roleOf(database, dora), 'enterprise-administrator');
  await sql`delete from access_grant where administrator_id = ${dora} and group_id is null`.execute(db);
  assert.equal(await roleOf(database, dora), 'none');
  assert.equal((await grantsOf(database, dora)).length, 2);
});
