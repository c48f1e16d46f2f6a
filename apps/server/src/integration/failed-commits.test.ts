/**
 * A change whose commit fails leaves nothing behind: no row of any table, no event, no entry in the audit log. So whatever belongs
 * to a change is written in its transaction, and nothing of it in one of its own.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { type AccessRow, accessRows, sendRow } from '../testing/access-rows.ts';
import { signInFirstAdministrator } from '../testing/test-administrators.ts';
import type { TestBrowser } from '../testing/test-browser.ts';
import { createEntries, createJournal, sendLogs } from '../testing/test-logs.ts';
import { createWorld, type World } from '../testing/test-matrix-world.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

/** Where something is written by every change, or by most: a commit with new rows of it is made to fail. */
const witnesses = ['audit_unchained', 'domain_event'] as const;
type Witness = (typeof witnesses)[number];

let server: TestServer;
let first: TestBrowser;
let snapshot: string;
let world: World | undefined;

before(async () => {
  server = await startTestServer();
  first = await signInFirstAdministrator(server, 'alice');
  await execute(`create function refuse_commit() returns trigger language plpgsql as
    $$ begin raise exception 'this commit fails'; end $$`);
  for (const table of witnesses) {
    await execute(`create constraint trigger refuse_commit after insert on ${table} deferrable initially deferred
      for each row execute function refuse_commit()`);
    await execute(`alter table ${table} disable trigger refuse_commit`);
  }
  const { rows } = await sql<{ name: string }>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p') and not relispartition
    order by relname`.execute(server.database.db);
  // Events get their position a moment later; and a session remembers when it was used.
  const row = `(to_jsonb(t) - 'position' - 'last_used_at')::text`;
  snapshot = rows
    .map(
      ({ name }) =>
        `select '${name}' as name, count(*) as count, md5(string_agg(${row}, '' order by ${row})) as hash from ${name} t`,
    )
    .join(' union all ');
});
after(() => server.close());

async function execute(statement: string): Promise<void> {
  await sql.raw(statement).execute(server.database.db);
}

/** Every table with how much is in it, and a hash of that. */
async function takeSnapshot(): Promise<Map<string, string>> {
  const { rows } = await sql
    .raw<{ name: string; count: number; hash: string }>(snapshot)
    .execute(server.database.db);
  return new Map(rows.map(({ name, count, hash }) => [name, `${count} ${hash}`]));
}

async function getWorld(): Promise<World> {
  world ??= await createWorld(server, first);
  return world;
}

/** Does the work while commits with new rows of the table fail. @returns the status of the answer */
async function withRefusedCommits(
  table: Witness,
  work: () => Promise<{ readonly statusCode: number }>,
): Promise<number> {
  await execute(`alter table ${table} enable trigger refuse_commit`);
  try {
    return (await work()).statusCode;
  } finally {
    await execute(`alter table ${table} disable trigger refuse_commit`);
  }
}

/** @returns whether the change wrote anything of the kind, so that its commit failed */
async function tryChange(
  name: string,
  table: Witness,
  work: () => Promise<{ readonly statusCode: number }>,
): Promise<boolean> {
  const earlier = await takeSnapshot();
  const status = await withRefusedCommits(table, work);
  const later = await takeSnapshot();
  if (status < 400) {
    // It wrote nothing of the kind, so this was no failure: the world is another one now.
    assert.equal(later.get(table), earlier.get(table), `${name} wrote ${table} although its commit failed`);
    world = undefined;
    return false;
  }
  assert.ok(status >= 500, `${name}: ${status}`);
  const changed = [...later].filter(([table, hash]) => earlier.get(table) !== hash).map(([table]) => table);
  assert.deepEqual(changed, [], `${name} left something behind when its commit failed`);
  return true;
}

/** What changes something for whoever may. */
const changes = accessRows.filter(
  ({ route, allowed = route.status }) =>
    route.method !== 'GET' && allowed < 400 && !route.name.startsWith('plan') && 'permission' in route.access,
);

test('there are changes to try', () => {
  assert.ok(changes.length > 30, `${changes.length}`);
});

for (const row of changes) {
  test(`${row.route.name} leaves nothing behind when its commit fails`, async () => {
    const hasFailed: boolean[] = [];
    for (const table of witnesses) hasFailed.push(await tryRow(row, table));
    assert.ok(hasFailed.includes(true), 'it writes neither an event nor an entry of the audit log');
  });
}

async function tryRow(row: AccessRow, table: Witness): Promise<boolean> {
  const present = await getWorld();
  return await tryChange(row.route.name, table, () => sendRow(server, row, present, first.headers));
}

test('what a product reports is not recorded when its commit fails, and is when it comes again', async () => {
  const { productNumber, commandId } = await getWorld();
  const reports = [{ commandId, state: 'succeeded', at: server.clock.now() }];
  const report = () =>
    server.call(
      { method: 'POST', url: mcpPath.commandReports, payload: { reports } },
      server.actAsProduct(productNumber),
    );
  assert.equal(await tryChange('a report', 'domain_event', report), true);
  assert.equal((await report()).statusCode, 200);
});

test('entries of a product’s log are not kept when their commit fails, and are when they come again', async () => {
  const { productNumber } = await getWorld();
  const batch = { journal: createJournal(), entries: createEntries(1, 3, { severity: 'critical' }) };
  const send = () => sendLogs(server, productNumber, batch);
  await tryChange('log entries', 'domain_event', send);
  assert.equal((await send()).statusCode, 200);
});
