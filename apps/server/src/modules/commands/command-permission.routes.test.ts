import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import {
  cancelCommand,
  type Command,
  type CommandPlan,
  createGroup,
  getCommand,
  issueCommand,
  type Permission,
  planCommand,
  retryCommand,
} from '@holdfast/api';
import { mcpPath } from '@holdfast/protocol';
import { Type } from 'typebox';
import { callApi } from '../../testing/test-api.ts';
import { assertRefused, send } from '../../testing/test-browser.ts';
import type { CallerHeaders } from '../../testing/test-callers.ts';
import { type FleetDevice, forgetFleet, insertFleet } from '../../testing/test-fleet.ts';
import { startTestServer, type TestServer } from '../../testing/test-server.ts';
import { TOP_GROUP_ID } from '../directory/index.ts';

// A command whose permission is another than that of most: it counts where the devices lie.

const TYPE = 'polish';
const PERMISSION: Permission = 'directory:edit';

let server: TestServer;
let here: FleetDevice;
let there: FleetDevice;
/** May polish in one group, and give all other commands everywhere. */
let polisher: CallerHeaders;
before(async () => {
  server = await startTestServer();
  server.app.modules.commands.registerCommandType({
    type: TYPE,
    title: 'Polish',
    description: 'For tests.',
    parameters: Type.Object({}),
    result: Type.Object({}),
    lane: 'quick',
    reach: 'harmless',
    permission: PERMISSION,
    defaultExpiryMs: 3_600_000,
  });
});
beforeEach(async () => {
  await forgetFleet(server);
  const inGroup = async (name: string): Promise<[string, FleetDevice]> => {
    const { id } = await callApi(server, createGroup, { body: { parentId: TOP_GROUP_ID, name } });
    const [device] = await insertFleet(server, { count: 1, groupId: id, commands: [TYPE] });
    return [id, device as FleetDevice];
  };
  const [berlin, inBerlin] = await inGroup('Berlin');
  const [, inMunich] = await inGroup('Munich');
  [here, there] = [inBerlin, inMunich];
  polisher = server.actAs({
    grants: [
      { permissions: new Set(['directory:read', 'commands:read', 'commands:issue']), groupId: null },
      { permissions: new Set([PERMISSION]), groupId: berlin },
    ],
  });
});
after(() => server.close());

const orderOf = (...devices: readonly FleetDevice[]) => ({
  body: { type: TYPE, targets: { deviceIds: devices.map(({ id }) => id) } },
});
const everywhere = { body: { type: TYPE, targets: { filter: {} } } };

async function failAt(device: FleetDevice, commandId: string): Promise<void> {
  const reports = [{ commandId, state: 'failed', at: server.clock.now(), code: 'BROKEN' }];
  const product = server.actAsProduct(device.productNumber);
  const answer = await server.call(
    { method: 'POST', url: mcpPath.commandReports, payload: { reports } },
    product,
  );
  assert.equal(answer.statusCode, 200, answer.body);
}

test('a device elsewhere that is named stops the order', async () => {
  assertRefused(await send(server, issueCommand, orderOf(here, there), polisher), 403, 'PERMISSION_DENIED');
  assertRefused(await send(server, issueCommand, orderOf(there), polisher), 403, 'PERMISSION_DENIED');
  assert.equal((await send(server, issueCommand, orderOf(here), polisher)).statusCode, 201);
});

test('of a filter the order reaches those for which the caller has the permission, and the plan says so', async () => {
  const plan = (await send(server, planCommand, everywhere, polisher)).json<CommandPlan>();
  assert.equal(plan.devices, 1);
  const command = (await send(server, issueCommand, everywhere, polisher)).json<Command>();
  assert.equal(command.counts.total, 1);
});

test('cancelling and trying again reach no further', async () => {
  const command = await callApi(server, issueCommand, orderOf(here, there));
  const params = { commandId: command.id };
  assert.equal((await send(server, cancelCommand, { params }, polisher)).statusCode, 200);
  const { counts } = await callApi(server, getCommand, { params });
  assert.deepEqual([counts.cancelled, counts.queued], [1, 1]);

  const broken = await callApi(server, issueCommand, orderOf(here, there));
  for (const device of [here, there]) await failAt(device, broken.id);
  const again = await send(server, retryCommand, { params: { commandId: broken.id }, body: {} }, polisher);
  assert.equal(again.statusCode, 201, again.body);
  assert.equal(again.json<Command>().counts.total, 1);
});

test('who has it nowhere is told which permission it takes', async () => {
  const command = await callApi(server, issueCommand, orderOf(here));
  const issuer = server.actAs({ permissions: ['directory:read', 'commands:read', 'commands:issue'] });
  for (const answer of [
    await send(server, issueCommand, orderOf(here), issuer),
    await send(server, cancelCommand, { params: { commandId: command.id } }, issuer),
  ]) {
    const problem = assertRefused(answer, 403, 'PERMISSION_DENIED');
    assert.deepEqual(problem.facts, { permission: PERMISSION });
  }
});
