import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
import { migrateDatabase } from '../../platform/database/migrate.ts';
import { readMigrationFiles } from '../../platform/database/migration-file.ts';
import { createTestDatabase } from '../../platform/database/test-database.ts';
import { TOP_GROUP_ID } from './group-tree.ts';
import { splitSearch, toSearchText, toSortKey } from './sort-key.ts';

const id = (number: number): string => `019aa000-0000-7000-8000-${String(number).padStart(12, '0')}`;

test('names that are there are folded as new ones are, and two that become one keep their rows', async (t) => {
  const database = await createTestDatabase({ isEmpty: true });
  t.after(() => database.close());
  const files = await readMigrationFiles();
  await migrateDatabase({
    connection: database.connection,
    files: files.filter((file) => file.name < '0029'),
  });
  const { db } = database;
  // As the previous release folded: compatibility composition and lower case.
  const old = (text: string): string => text.normalize('NFKC').toLowerCase();
  const devices = ['İSTANBUL-ı', 'STRAẞE 1', 'plain-pc'];
  for (const [index, name] of devices.entries()) {
    const fields = { reportedName: name, displayName: null, address: '10.0.0.1', system: 'Größe  12' };
    const search = [null, name, fields.address, fields.system].map((field) => old(field ?? '')).join('\n');
    await db.transaction().execute(async (transaction) => {
      await sql`
        insert into device (id, group_id, product_number, reported_name, platform, registered_at, address, system,
          name_key, system_key, search_text)
        values (${id(index)}, ${TOP_GROUP_ID}, ${index + 1}, ${name}, 'linux', now(), ${fields.address}, ${fields.system},
          ${old(name)}, ${old(fields.system)}, ${search})`.execute(transaction);
      await sql`
        insert into managed_product (number, device_id, kind, name, version, key_thumbprint, public_jwk, capabilities,
          registered_at)
        values (${index + 1}, ${id(index)}, 'agent', 'x', '1', ${'k'.repeat(42) + index}, '{}', '{}', now())`.execute(
        transaction,
      );
    });
  }
  for (const [index, name] of ['strasse', 'STRAßE', 'other'].entries()) {
    await sql`
      insert into administrator (id, name, name_key, display_name, role, state, created_at)
      values (${id(index)}, ${name}, ${name.toLowerCase()}, ${name}, 'auditor', 'invited', now())`.execute(
      db,
    );
  }
  await migrateDatabase({ connection: database.connection, files });
  const { rows } = await sql<{ name: string; name_key: string; system_key: string; search_text: string }>`
    select reported_name as name, name_key, system_key, search_text from device order by id`.execute(db);
  for (const row of rows) {
    const fields = { reportedName: row.name, displayName: null, address: '10.0.0.1', system: 'Größe  12' };
    assert.equal(row.name_key, toSortKey(row.name));
    assert.equal(row.system_key, toSortKey(fields.system));
    assert.equal(row.search_text, toSearchText(fields));
  }
  const found = await sql<{ name: string }>`
    select reported_name as name from device where search_text like ${splitSearch('istanbul').patterns[0]}`.execute(
    db,
  );
  assert.deepEqual(found.rows, [{ name: 'İSTANBUL-ı' }]);
  const accounts = await sql<{ name: string; name_key: string }>`
    select name, name_key from administrator order by id`.execute(db);
  assert.deepEqual(accounts.rows, [
    { name: 'strasse', name_key: 'strasse' },
    { name: 'STRAßE', name_key: 'strasse (2)' },
    { name: 'other', name_key: 'other' },
  ]);
});
