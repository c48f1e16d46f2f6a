import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  createGroup,
  getCommand,
  issueCommand,
  listAuditEntries,
} from '@holdfast/api';
import { type ClaimAnswer, mcpPath, type ReportsAnswer } from '@holdfast/protocol';
import { sql } from 'kysely';
import { TOP_GROUP_ID } from '../directory/index.ts';
import { send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';

const BATCH = 5_000;

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

async function issue(filter: { readonly groupId?: string } = {}, caller = everyone): Promise<Command> {
  const body = { type: 'collect-inventory', targets: { filter } };
  const answer = await send(server, issueCommand, { body }, caller);
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json();
}

async function cancel(commandId: string, caller = everyone): Promise<Command> {
  const answer = await send(server, cancelCommand, { params: { commandId } }, caller);
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json();
}

async function countsOf(commandId: string): Promise<Command['counts']> {
  return (await send(server, getCommand, { params: { commandId } }, everyone)).json<Command>().counts;
}

async function trueCountOf(commandId: string, state: string): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from command_target where command_id = ${commandId}::uuid and state = ${state}
  `.execute(server.database.db);
  return rows[0]?.count ?? 0;
}

async function claim(device: FleetDevice | undefined): Promise<ClaimAnswer['commands']> {
  const product = server.actAsProduct(device?.productNumber ?? 0);
  const request = { method: 'POST', url: mcpPath.commandClaims, payload: { max: 50 } } as const;
  return (await server.call(request, product)).json<ClaimAnswer>().commands;
}

async function report(device: FleetDevice | undefined, commandId: string, state: string): Promise<string> {
  const product = server.actAsProduct(device?.productNumber ?? 0);
  const payload = { reports: [{ commandId, state, at: server.clock.now() }] };
  const answer = await server.call({ method: 'POST', url: mcpPath.commandReports, payload }, product);
  return answer.json<ReportsAnswer>().outcomes[0]?.outcome ?? '';
}

async function makeGroup(name: string): Promise<string> {
  const answer = await send(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } }, everyone);
  return answer.json().id;
}

async function remaining(): Promise<number> {
  const { rows } = await sql`select 1 from command_cancellation`.execute(server.database.db);
  return rows.length;
}

test('a large command is cancelled in batches, with true counts, and nothing of it begins meanwhile', async () => {
  const fleet = await insertFleet(server, { count: 2 * BATCH + 10, capabilityVersion: 1 });
  const { presence } = server.app.modules;
  const [delivered, running, last] = [fleet.at(-2), fleet.at(-3), fleet.at(-1)];
  const { id } = await issue();
  assert.equal((await claim(delivered)).length, 1);
  assert.equal(await report(running, id, 'running'), 'recorded');
  const first = await cancel(id);
  // As if the server had been killed here: what follows knows only what is on disk.
  assert.deepEqual([first.counts.cancelled, first.counts.total], [BATCH, fleet.length]);
  assert.equal(await remaining(), 1);

  assert.deepEqual(await claim(last), [], 'its turn has not come, but its command is cancelled');
  assert.equal(presence.areCommandsWaiting(last?.productNumber ?? 0), false);
  assert.equal(await report(delivered, id, 'accepted'), 'closed');
  assert.equal(await report(running, id, 'running'), 'already-recorded');
  await cancel(id);
  assert.equal((await countsOf(id)).cancelled, BATCH, 'repeating it changes nothing');

  await server.ticks.run('commands.cancel');
  assert.equal(await remaining(), 0);
  const counts = await countsOf(id);
  assert.deepEqual(
    [counts.cancelled, counts.queued, counts.delivered, counts.running, counts.total],
    [fleet.length - 1, 0, 0, 1, fleet.length],
  );
  assert.equal(await trueCountOf(id, 'cancelled'), fleet.length - 1);
  assert.equal(presence.areCommandsWaiting(fleet[0]?.productNumber ?? 0), false);
  const { entries } = (await send(server, listAuditEntries, { query: { objectId: id } }, everyone)).json();
  const cancelled = entries.filter((entry: { action: string }) => entry.action === 'command.cancelled');
  assert.deepEqual(
    cancelled.map((entry: { details: unknown }) => entry.details),
    [{ products: fleet.length - 1 }],
  );
});

test('a batch that fails half way leaves the command where it was, and the next turn finishes it', async () => {
  const { db } = server.database;
  const fleet = await insertFleet(server, { count: BATCH + 10 });
  const { id } = await issue();
  await cancel(id);
  await sql`alter table command_cancellation rename column after_product_number to away`.execute(db);
  await assert.rejects(server.ticks.run('commands.cancel'));
  await sql`alter table command_cancellation rename column away to after_product_number`.execute(db);
  // The batch is made, and its row cannot be removed any more: neither must be on disk.
  await sql`create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`.execute(
    db,
  );
  await sql`create trigger refuse before delete on command_cancellation for each row execute function refuse()`.execute(
    db,
  );
  await assert.rejects(server.ticks.run('commands.cancel'));
  assert.equal((await countsOf(id)).cancelled, BATCH);
  await sql`drop function refuse cascade`.execute(db);
  await server.ticks.run('commands.cancel');
  assert.equal((await countsOf(id)).cancelled, fleet.length);
  assert.equal(await remaining(), 0);
});

test('a caller with a scope cancels its part in batches, and the others go on meanwhile', async () => {
  const berlin = await makeGroup('Berlin');
  const inBerlin = await insertFleet(server, { count: BATCH + 5, groupId: berlin });
  const [elsewhere] = await insertFleet(server, { count: 1 });
  const { id } = await issue();
  const limited = server.actAs({ scope: new Set([berlin]) });
  await cancel(id, limited);
  assert.equal(await remaining(), 1);
  assert.deepEqual(await claim(inBerlin.at(-1)), []);
  assert.equal((await claim(elsewhere)).length, 1);
  assert.equal(await report(elsewhere, id, 'accepted'), 'recorded');
  await server.ticks.run('commands.cancel');
  const counts = await countsOf(id);
  assert.deepEqual([counts.cancelled, counts.accepted], [inBerlin.length, 1]);
});

test('two who cancel at once end everything once, with one entry in the audit log', async () => {
  await insertFleet(server, { count: 20 });
  const { id } = await issue();
  await Promise.all([cancel(id), cancel(id), cancel(id)]);
  assert.equal((await countsOf(id)).cancelled, 20);
  assert.equal(await remaining(), 0);
  const { entries } = (await send(server, listAuditEntries, { query: { objectId: id } }, everyone)).json();
  assert.equal(entries.length, 2);
});

test('the audit log says to those who look after a group that something in it was ordered and cancelled', async () => {
  const [berlin, paris] = [await makeGroup('Berlin'), await makeGroup('Paris')];
  await insertFleet(server, { count: 2, groupId: berlin });
  await insertFleet(server, { count: 2, groupId: paris });
  const limited = server.actAs({ scope: new Set([berlin]) });
  const actionsFor = async (commandId: string, scope: string): Promise<string[]> => {
    const caller = server.actAs({ scope: new Set([scope]) });
    const answer = await send(server, listAuditEntries, { query: { objectId: commandId } }, caller);
    return answer.json().entries.map((entry: { action: string }) => entry.action);
  };
  const own = await issue({}, limited);
  await cancel(own.id, limited);
  assert.deepEqual(await actionsFor(own.id, berlin), ['command.cancelled', 'command.issued']);
  assert.deepEqual(await actionsFor(own.id, paris), []);
  const shared = await issue();
  await cancel(shared.id, limited);
  assert.deepEqual(await actionsFor(shared.id, berlin), ['command.cancelled']);
  await cancel(shared.id);
  assert.deepEqual(await actionsFor(shared.id, paris), ['command.cancelled']);
});
