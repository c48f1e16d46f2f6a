import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { type Command, type CommandTarget, issueCommand } from '@holdfast/api';
import { sql } from 'kysely';
import type { LiveMessage } from '../../platform/live/live-views.ts';
import { createLocalLiveViews } from '../../platform/live/local-live-views.ts';
import { send } from '../../testing/test-browser.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { CommandAnnouncer } from './command-announcer.service.ts';

let server: TestServer;
let fleet: FleetDevice[];
let told: LiveMessage[];
let announcer: CommandAnnouncer;
before(async () => {
  server = await startTestServer();
});
beforeEach(async () => {
  await forgetFleet(server);
  fleet = await insertFleet(server, { count: 30 });
  told = [];
  const live = createLocalLiveViews(server.app.platform.log);
  live.listen((message) => told.push(message));
  announcer = new CommandAnnouncer(server.database.db, live, () => false);
});
after(() => server.close());

async function issue(devices: readonly FleetDevice[]): Promise<string> {
  const body = { type: 'collect-inventory', targets: { deviceIds: devices.map((device) => device.id) } };
  const answer = await send(server, issueCommand, { body }, server.actAs());
  return answer.json<Command>().id;
}

function toldCommands(): { readonly command: Command; readonly path: readonly string[] }[] {
  return told.flatMap(({ event, groupPath = [] }) =>
    event.type === 'command' ? [{ command: event.command, path: groupPath }] : [],
  );
}

function toldTargets(): { readonly target: CommandTarget; readonly path: readonly string[] }[] {
  return told.flatMap(({ event, groupPath = [] }) =>
    event.type === 'command-target' ? [{ target: event.target, path: groupPath }] : [],
  );
}

const numbers = (): number[] => fleet.map((device) => device.productNumber);

test('a turn that the database fails is told in a later one, with what came in between', async () => {
  const [first, second] = fleet as [FleetDevice, FleetDevice];
  const [one, two] = [await issue([first]), await issue([second])];
  announcer.note(one, [first.productNumber]);
  await sql`alter table command rename to command_away`.execute(server.database.db);
  const failing = announcer.announce();
  announcer.note(two, [second.productNumber]);
  await assert.rejects(failing);
  assert.deepEqual(told, [], 'whole or not at all');
  await sql`alter table command_away rename to command`.execute(server.database.db);
  await announcer.announce();
  assert.deepEqual(new Set(toldCommands().map((one) => one.command.id)), new Set([one, two]));
  assert.equal(toldTargets().length, 2);
  told = [];
  await announcer.announce();
  assert.deepEqual(told, [], 'and only once');
});

test('whoever sees one group hears of each command for one of its devices, however full the turn is', async () => {
  const large: string[] = [];
  for (let count = 0; count < 25; count += 1) large.push(await issue(fleet));
  const [device] = fleet as [FleetDevice];
  const small = await issue([device]);
  for (const id of large) announcer.note(id, numbers());
  announcer.note(small, [device.productNumber]);
  await announcer.announce();
  assert.ok(toldTargets().length <= 400);
  const inFirstTurn = toldCommands().length;
  assert.ok(inFirstTurn > 0 && inFirstTurn < 26);
  await announcer.announce();
  assert.equal(toldCommands().length, 26);
  const path = toldCommands().find((one) => one.command.id === small)?.path;
  const targetPath = toldTargets().find((one) => one.target.commandId === small)?.path;
  assert.ok((path?.length ?? 0) > 0, 'it lies in a group');
  assert.deepEqual(path, targetPath);
  for (const id of large) {
    const one = toldCommands().find(({ command }) => command.id === id);
    assert.deepEqual(
      [one?.command.counts.total, one?.path],
      [30, []],
      'counts of many are for those who see all',
    );
    assert.equal(toldTargets().filter(({ target }) => target.commandId === id).length, 20);
  }
});
