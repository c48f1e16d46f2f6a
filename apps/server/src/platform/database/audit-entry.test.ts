import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { findSqlState } from './sql-state.ts';
import { createTestDatabase, type TestDatabase } from './test-database.ts';

let database: TestDatabase;
before(async () => {
  database = await createTestDatabase();
  await database.db
    .insertInto('audit_entry')
    .values({
      id: randomUUID(),
      occurred_at: new Date(0),
      actor_kind: 'system',
      actor_id: null,
      actor_name: 'server',
      action: 'server.started',
      object_kind: null,
      object_id: null,
      object_name: null,
      scope_group_id: null,
      details: JSON.stringify({}),
      request_id: null,
      remote_address: null,
      previous_hash: null,
      entry_hash: Buffer.alloc(32),
    })
    .execute();
});
after(() => database.close());

const changes = {
  updated: sql`update audit_entry set action = 'server.stopped'`,
  deleted: sql`delete from audit_entry`,
  truncated: sql`truncate audit_entry`,
};

for (const [name, statement] of Object.entries(changes)) {
  test(`an audit entry cannot be ${name}`, async () => {
    await assert.rejects(statement.execute(database.db), (error) => findSqlState(error) === '23001');
    const entry = await database.db.selectFrom('audit_entry').selectAll().executeTakeFirstOrThrow();
    assert.equal(entry.action, 'server.started');
    assert.equal(entry.seq, 1);
  });
}
