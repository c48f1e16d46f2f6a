import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type AuditEntry, listAuditEntries, type QueryOf } from '@holdfast/api';
import { sql } from 'kysely';
import { inTransaction } from '../../platform/database/index.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const TOP = '00000000-0000-7000-8000-000000000001';
const NEW_DEVICES = '00000000-0000-7000-8000-000000000002';

let server: TestServer;
before(async () => {
  server = await startTestServer();
  const { platform } = server.app;
  for (let index = 1; index <= 25; index += 1) {
    server.clock.advance(1_000);
    await inTransaction(platform.database, async (transaction) => {
      await platform.recordAuditEntry(
        transaction,
        { kind: 'system', name: index % 2 === 0 ? 'Even' : 'Odd' },
        {
          action: index % 5 === 0 ? 'device.removed' : 'device.renamed',
          objectKind: 'device',
          objectId: `thing-${index}`,
          objectName: index === 7 ? '100% of_it\\' : `Thing ${index}`,
          ...(index % 2 === 0 ? { scopeGroupId: index % 4 === 0 ? TOP : NEW_DEVICES } : {}),
          details: { index },
        },
        { id: `request-${index}`, remoteAddress: '192.0.2.7', userAgent: '' },
      );
    });
  }
});
after(() => server.close());

async function list(
  query: QueryOf<typeof listAuditEntries>,
  scope?: ReadonlySet<string>,
): Promise<{ entries: AuditEntry[]; nextCursor: string | null }> {
  const caller = server.actAs({ permissions: ['audit:read'], ...(scope === undefined ? {} : { scope }) });
  const answer = await send(server, listAuditEntries, { query }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

test('entries come newest first, with everything that was recorded', async () => {
  const { entries } = await list({ limit: 1 });
  const [{ id: _id, ...newest } = {} as AuditEntry] = entries;
  assert.deepEqual(newest, {
    sequence: 25,
    occurredAt: new Date(server.clock.now()).toISOString(),
    actorKind: 'system',
    actorName: 'Odd',
    action: 'device.removed',
    objectKind: 'device',
    objectId: 'thing-25',
    objectName: 'Thing 25',
    details: { index: 25 },
    remoteAddress: '192.0.2.7',
    requestId: 'request-25',
  });
});

test('pages follow each other without gap or repetition, and the last says so', async () => {
  const sequences: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: 10, ...(cursor === undefined ? {} : { cursor }) });
    sequences.push(...page.entries.map((entry) => entry.sequence));
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  assert.deepEqual(
    sequences,
    Array.from({ length: 25 }, (_, index) => 25 - index),
  );
});

test('filters narrow down by action, object, time and words, and combine', async () => {
  const count = async (query: QueryOf<typeof listAuditEntries>) => (await list(query)).entries.length;
  assert.equal(await count({ action: 'device.removed' }), 5);
  assert.equal(await count({ action: 'device' }), 0);
  assert.equal(await count({ objectId: 'thing-3' }), 1);
  assert.equal(await count({ search: 'EVEN' }), 12);
  assert.equal(await count({ actorName: 'Even' }), 12);
  assert.equal(await count({ actorName: 'Eve' }), 0);
  assert.equal(await count({ actorKind: 'system', actorName: 'Odd' }), 13);
  assert.equal(await count({ actorKind: 'administrator' }), 0);
  assert.equal(await count({ search: '192.0.2.' }), 25);
  assert.equal(await count({ search: 'even', action: 'device.removed' }), 2);
  const middle = new Date(server.clock.now() - 10_000).toISOString();
  assert.equal(await count({ from: middle }), 11);
  assert.equal(await count({ to: middle }), 15);
  assert.equal(await count({ from: middle, to: middle }), 1);
});

test('signs with a meaning for the database are only signs in a search', async () => {
  for (const search of ['100% of_it\\', '%', '_', '\\']) {
    const { entries } = await list({ search });
    assert.deepEqual(
      entries.map((entry) => entry.sequence),
      [7],
      search,
    );
  }
  assert.deepEqual((await list({ search: "'; drop table audit_entry; --" })).entries, []);
});

test('a caller with a scope sees the entries of its groups and no others', async () => {
  const inGroup = await list({}, new Set([NEW_DEVICES]));
  assert.deepEqual(
    inGroup.entries.map((entry) => entry.sequence),
    [22, 18, 14, 10, 6, 2],
  );
  const inTop = await list({}, new Set([TOP]));
  assert.equal(inTop.entries.length, 12, 'subgroups too, but nothing that concerns no group');
  assert.deepEqual((await list({}, new Set(['019aa000-0000-7000-8000-000000000009']))).entries, []);
});

test('a caller without the permission reads nothing', async () => {
  assertRefused(await send(server, listAuditEntries, { query: {} }), 401, 'NOT_SIGNED_IN');
  const other = server.actAs({ permissions: ['system:read'] });
  assertRefused(await send(server, listAuditEntries, { query: {} }, other), 403, 'PERMISSION_DENIED');
});

test('a cursor or an instant that is none is refused', async () => {
  const caller = server.actAs();
  for (const query of [
    { cursor: 'AAAA' },
    { cursor: Buffer.from('["audit",-1]').toString('base64url') },
    { cursor: Buffer.from('["audit",99999999999999999999]').toString('base64url') },
    { from: '2026-11-22 08:00:00.000Z' },
    { to: '2026-13-45T08:00:00.000Z' },
  ]) {
    const problem = assertRefused(
      await send(server, listAuditEntries, { query }, caller),
      400,
      'cursor' in query ? 'CURSOR_INVALID' : 'REQUEST_INVALID',
    );
    assert.equal(problem.fields?.[0]?.path, `query.${Object.keys(query)[0]}`);
  }
});

test('the chain of entries is proven whole, and a change behind the server is found', async () => {
  const { audit } = server.app.modules;
  assert.deepEqual(await audit.verifyChain(), { verifiedCount: 25, brokenSequence: undefined });
  const { db } = server.database;
  await sql`alter table audit_entry disable trigger user`.execute(db);
  try {
    await sql`update audit_entry set actor_name = 'Nobody' where seq = 13`.execute(db);
    assert.deepEqual(await audit.verifyChain(), { verifiedCount: 12, brokenSequence: 13 });
    await sql`update audit_entry set actor_name = 'Odd' where seq = 13`.execute(db);
    await sql`delete from audit_entry where seq = 20`.execute(db);
    assert.deepEqual(await audit.verifyChain(), { verifiedCount: 19, brokenSequence: 21 });
  } finally {
    await sql`alter table audit_entry enable trigger user`.execute(db);
  }
});
