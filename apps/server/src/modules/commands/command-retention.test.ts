import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import {
  type Command,
  getCommand,
  issueCommand,
  listAuditEntries,
  listCommands,
  listCommandTargets,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { sql } from 'kysely';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { DEFAULT_COMMAND_RETENTION_MS } from './command-retention.service.ts';

const DAY_MS = 86_400_000;

let server: TestServer;
let everyone: CallerHeaders;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  everyone = server.actAs();
});
after(() => server.close());

async function issue(
  options: { readonly expiresInMs?: number; readonly idempotencyKey?: string } = {},
): Promise<string> {
  server.clock.advance(1);
  const body = { type: 'collect-inventory', targets: { filter: {} }, expiresInMs: DAY_MS, ...options };
  const answer = await send(server, issueCommand, { body }, everyone);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<Command>().id;
}

async function report(device: FleetDevice | undefined, commandId: string, state: string): Promise<void> {
  const payload = { reports: [{ commandId, state, at: server.clock.now() }] };
  const product = server.actAsProduct(device?.productNumber ?? 0);
  await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, product);
}

async function listed(): Promise<string[]> {
  const { commands } = (await send(server, listCommands, { query: {} }, everyone)).json();
  return commands.map((command: Command) => command.id);
}

async function rowsOf(table: 'command' | 'command_target' | 'command_count_change'): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*) as count from ${sql.table(table)}`.execute(
    server.database.db,
  );
  return rows[0]?.count ?? 0;
}

test('a command is forgotten ninety days after its expiry, and the audit log keeps who ordered it', async () => {
  const [device] = await insertFleet(server, { count: 3 });
  const old = await issue();
  await report(device, old, 'succeeded');
  server.clock.advance(2 * DAY_MS);
  const young = await issue();
  await server.ticks.run('commands.expire');
  server.clock.advance(DEFAULT_COMMAND_RETENTION_MS - DAY_MS - 1);
  await server.ticks.run('commands.expire');
  await server.jobs.run('commands.forget');
  assert.deepEqual(await listed(), [young, old], 'one millisecond before');
  server.clock.advance(2);
  await server.jobs.run('commands.forget');
  assert.deepEqual(await listed(), [young]);
  assertRefused(
    await send(server, getCommand, { params: { commandId: old } }, everyone),
    404,
    'COMMAND_NOT_FOUND',
  );
  assert.deepEqual([await rowsOf('command'), await rowsOf('command_target')], [1, 3]);
  const { entries } = (await send(server, listAuditEntries, { query: { objectId: old } }, everyone)).json();
  assert.deepEqual(
    entries.map((entry: { action: string }) => entry.action),
    ['command.issued'],
  );
});

test('a command of which the clock has still to end something is never forgotten', async () => {
  const [device] = await insertFleet(server, { count: 1 });
  const id = await issue();
  await report(device, id, 'running');
  // A server that was away for a year comes here before it has expired anything.
  server.clock.advance(365 * DAY_MS);
  await server.jobs.run('commands.forget');
  assert.deepEqual(await listed(), [id]);
  await server.ticks.run('commands.expire');
  await server.jobs.run('commands.forget');
  assert.deepEqual(await listed(), []);
});

test('a large command disappears at once and goes in batches, also when one of them fails', async () => {
  const { db } = server.database;
  await insertFleet(server, { count: 10_500 });
  const idempotencyKey = randomUUID();
  const id = await issue({ idempotencyKey });
  server.clock.advance(200 * DAY_MS);
  await server.ticks.run('commands.expire');
  await sql`
    create function refuse() returns trigger language plpgsql as $$
      begin raise exception 'no'; end $$;
    create trigger refuse before delete on command_target for each row
      when (old.product_number = 7000) execute function refuse();
  `.execute(db);
  await assert.rejects(server.jobs.run('commands.forget'));
  assert.equal(await rowsOf('command_target'), 5_500, 'the first batch is gone');
  assert.deepEqual(await listed(), []);
  const params = { commandId: id };
  assertRefused(
    await send(server, listCommandTargets, { params, query: {} }, everyone),
    404,
    'COMMAND_NOT_FOUND',
  );
  const again = await issue({ idempotencyKey });
  assert.notEqual(again, id, 'its key is free');
  await sql`drop function refuse cascade`.execute(db);
  await server.jobs.run('commands.forget');
  assert.deepEqual([await rowsOf('command'), await rowsOf('command_target')], [1, 10_500]);
  assert.deepEqual(await listed(), [again]);
});
