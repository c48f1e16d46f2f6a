/** What mixed grants come to in the modules: each list, count and change is about the places of its own permission. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  cancelCommand,
  createApiKey,
  createEnrolmentToken,
  createGroup,
  getCommand,
  getDirectorySummary,
  issueCommand,
  listAuditEntries,
  listCommands,
  listCommandTargets,
  listDevices,
  listGroups,
  listLogEntries,
  moveDevices,
  moveGroup,
  type Permission,
  permissions,
  planCommand,
  planDeviceMove,
  planGroupMove,
  renameDevice,
  retryCommand,
} from '@holdfast/api';
import { TOP_GROUP_ID } from '../modules/directory/index.ts';
import type { Grant } from '../platform/access/grants.ts';
import { callApi, refusalOf } from '../testing/test-api.ts';
import type { CallerHeaders } from '../testing/test-callers.ts';
import { insertFleet } from '../testing/test-fleet.ts';
import { createEntries, createJournal, uploadLogs } from '../testing/test-logs.ts';
import { makeTestGroup } from '../testing/test-group.ts';
import { startTestServer, type TestServer } from '../testing/test-server.ts';

const reads = permissions.filter((permission) => permission.endsWith(':read'));

let server: TestServer;
let berlin: string;
let paris: string;
let inBerlin: readonly { readonly id: string; readonly productNumber: number }[];
let inParis: typeof inBerlin;
/** Auditor everywhere, and group administrator in Berlin. */
let mixed: CallerHeaders;

before(async () => {
  server = await startTestServer();
  berlin = await makeTestGroup(server);
  paris = await makeTestGroup(server);
  inBerlin = await insertFleet(server, { count: 3, groupId: berlin });
  inParis = await insertFleet(server, { count: 4, groupId: paris });
  mixed = callerWith(
    grant(null, ...reads),
    grant(berlin, ...reads, 'directory:edit', 'commands:issue', 'enrolment-tokens:manage'),
  );
});
after(() => server.close());

function grant(groupId: string | null, ...names: readonly Permission[]): Grant {
  return { permissions: new Set(names), groupId };
}

function callerWith(...grants: readonly Grant[]): CallerHeaders {
  return server.actAs({ grants });
}

const idsOf = (devices: typeof inBerlin): string[] => devices.map((device) => device.id);

test('who reads everywhere and edits in Berlin sees all devices and changes those of Berlin', async () => {
  const { devices } = await callApi(server, listDevices, { query: { limit: 500 }, as: mixed });
  const seen = new Set(devices.map((device) => device.id));
  for (const { id } of [...inBerlin, ...inParis]) assert.ok(seen.has(id));
  const rename = (deviceId: string) => ({ params: { deviceId }, body: { name: 'Renamed' }, as: mixed });
  await callApi(server, renameDevice, rename(inBerlin[0]?.id ?? ''));
  // The device is no secret, so the refusal says why.
  assert.equal(await refusalOf(server, renameDevice, rename(inParis[0]?.id ?? '')), 'PERMISSION_DENIED');
  const narrow = callerWith(grant(berlin, 'directory:read', 'directory:edit'));
  assert.equal(
    await refusalOf(server, renameDevice, { ...rename(inParis[0]?.id ?? ''), as: narrow }),
    'DEVICE_NOT_FOUND',
  );
});

test('moving a device needs editing at both ends', async () => {
  const move = (devices: typeof inBerlin, groupId: string) => ({ deviceIds: idsOf(devices), groupId });
  for (const [devices, groupId] of [
    [inBerlin, paris],
    [inParis, berlin],
    [[...inBerlin, ...inParis], berlin],
  ] as const) {
    const body = move(devices, groupId);
    assert.equal(await refusalOf(server, planDeviceMove, { body, as: mixed }), 'PERMISSION_DENIED');
    const carriedOut = { body: { ...body, planToken: 'stale' }, as: mixed };
    assert.equal(await refusalOf(server, moveDevices, carriedOut), 'PERMISSION_DENIED');
  }
  const both = callerWith(
    grant(null, 'directory:read'),
    grant(berlin, 'directory:edit'),
    grant(paris, 'directory:edit'),
  );
  const body = move(inParis.slice(0, 1), berlin);
  const plan = await callApi(server, planDeviceMove, { body, as: both });
  await callApi(server, moveDevices, { body: { ...body, planToken: plan.planToken }, as: both });
  // And back, so that the other tests find what they expect.
  const back = move(inParis.slice(0, 1), paris);
  const returning = await callApi(server, planDeviceMove, { body: back });
  await callApi(server, moveDevices, { body: { ...back, planToken: returning.planToken } });
});

test('moving a group needs editing of the group and of where it goes', async () => {
  const inner = await makeTestGroup(server, berlin);
  const params = { groupId: inner };
  for (const parentId of [paris, TOP_GROUP_ID]) {
    assert.equal(
      await refusalOf(server, planGroupMove, { params, body: { parentId }, as: mixed }),
      'PERMISSION_DENIED',
    );
    assert.equal(
      await refusalOf(server, moveGroup, { params, body: { parentId, planToken: 'stale' }, as: mixed }),
      'PERMISSION_DENIED',
    );
  }
  const foreign = await makeTestGroup(server, paris);
  const taking = { params: { groupId: foreign }, body: { parentId: berlin }, as: mixed };
  assert.equal(await refusalOf(server, planGroupMove, taking), 'PERMISSION_DENIED');
});

test('an order for a filter is for the devices for which one may order, not for those that one sees', async () => {
  const targets = { filter: {} };
  assert.equal((await callApi(server, planCommand, { body: { targets }, as: mixed })).devices, 3);
  const command = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets },
    as: mixed,
  });
  assert.equal(command.counts.total, 3);
  const { targets: listed } = await callApi(server, listCommandTargets, {
    params: { commandId: command.id },
    query: {},
  });
  assert.deepEqual(new Set(listed.map((target) => target.deviceId)), new Set(idsOf(inBerlin)));
});

test('an order in a group where one may only look is refused, and says why; a group within it counts', async () => {
  for (const withSubgroups of [true, false]) {
    const targets = { filter: { groupId: paris, withSubgroups } };
    const body = { type: 'collect-inventory', targets };
    assert.equal(await refusalOf(server, issueCommand, { body, as: mixed }), 'PERMISSION_DENIED');
    assert.equal(await refusalOf(server, planCommand, { body: { targets }, as: mixed }), 'PERMISSION_DENIED');
  }
  const top = { filter: { groupId: TOP_GROUP_ID } };
  assert.equal((await callApi(server, planCommand, { body: { targets: top }, as: mixed })).devices, 3);
});

test('an order for named devices is for all of them or for nobody', async () => {
  const body = (devices: typeof inBerlin) => ({
    type: 'collect-inventory',
    targets: { deviceIds: idsOf(devices) },
  });
  const both = { body: body([...inBerlin, ...inParis]), as: mixed };
  assert.equal(await refusalOf(server, issueCommand, both), 'PERMISSION_DENIED');
  const narrow = callerWith(grant(berlin, 'directory:read', 'commands:issue'));
  assert.equal(await refusalOf(server, issueCommand, { ...both, as: narrow }), 'DEVICE_NOT_FOUND');
  // Whoever may order there and cannot look there does not know the device.
  const blind = callerWith(grant(berlin, 'directory:read'), grant(null, 'commands:issue'));
  assert.equal(await refusalOf(server, issueCommand, { body: body(inParis), as: blind }), 'DEVICE_NOT_FOUND');
});

test('a command is seen where one may look, and cancelled and repeated where one may order', async () => {
  const command = await callApi(server, issueCommand, {
    body: {
      type: 'collect-inventory',
      targets: { deviceIds: idsOf([...inBerlin, ...inParis]) },
    },
  });
  const params = { commandId: command.id };
  assert.equal((await callApi(server, getCommand, { params, as: mixed })).counts.total, 7);
  const cancelled = await callApi(server, cancelCommand, { params, as: mixed });
  // The answer is about all that this caller sees, and no more was cancelled than what it may.
  assert.deepEqual([cancelled.counts.total, cancelled.counts.cancelled], [7, 3]);
  const { targets } = await callApi(server, listCommandTargets, { params, query: { state: 'cancelled' } });
  assert.deepEqual(new Set(targets.map((target) => target.deviceId)), new Set(idsOf(inBerlin)));
  await callApi(server, cancelCommand, { params });
  const again = await callApi(server, retryCommand, { params, body: {}, as: mixed });
  assert.equal(again.counts.total, 3);
  const readsBerlin = callerWith(grant(berlin, 'commands:read'));
  assert.equal((await callApi(server, getCommand, { params, as: readsBerlin })).counts.total, 3);
  const { commands } = await callApi(server, listCommands, { as: readsBerlin });
  assert.equal(commands.find((one) => one.id === command.id)?.counts.total, 3);
});

test('a command that one only sees can neither be cancelled nor repeated, and says why', async () => {
  const command = await callApi(server, issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: idsOf(inParis) } },
  });
  const params = { commandId: command.id };
  assert.equal(await refusalOf(server, cancelCommand, { params, as: mixed }), 'PERMISSION_DENIED');
  assert.equal(await refusalOf(server, retryCommand, { params, body: {}, as: mixed }), 'PERMISSION_DENIED');
  const narrow = callerWith(grant(berlin, 'commands:issue', 'commands:read'));
  assert.equal(await refusalOf(server, cancelCommand, { params, as: narrow }), 'COMMAND_NOT_FOUND');
});

test('each list asks for its own permission: devices, logs and audit entries of different places', async () => {
  const [device] = inBerlin;
  const [other] = inParis;
  await uploadLogs(server, device?.productNumber ?? 0, createJournal(), createEntries(1, 1));
  await uploadLogs(server, other?.productNumber ?? 0, createJournal(), createEntries(1, 1));
  const caller = callerWith(
    grant(paris, 'directory:read'),
    grant(berlin, 'logs:read'),
    grant(paris, 'audit:read'),
  );
  const { devices, count } = await callApi(server, listDevices, { as: caller });
  assert.deepEqual(devices.map((one) => one.id).toSorted(), idsOf(inParis).toSorted());
  assert.equal(count.value, 4);
  assert.equal((await callApi(server, getDirectorySummary, { as: caller })).deviceCount, 4);
  assert.deepEqual(
    (await callApi(server, listGroups, { as: caller })).groups.filter((group) => group.id === berlin),
    [],
  );
  const { entries } = await callApi(server, listLogEntries, { as: caller });
  assert.deepEqual([...new Set(entries.map((entry) => entry.deviceId))], [device?.id]);
  await callApi(server, createGroup, { body: { parentId: berlin, name: 'Seen by auditors of Berlin' } });
  const made = await callApi(server, createGroup, { body: { parentId: paris, name: 'Seen here' } });
  const audit = await callApi(server, listAuditEntries, {
    query: { action: 'group.created', search: 'Seen' },
    as: caller,
  });
  assert.deepEqual(
    audit.entries.map((entry) => entry.objectId),
    [made.id],
  );
});

test('an enrolment token is made where one may manage them, and the refusal elsewhere says why', async () => {
  const body = (groupId: string) => ({
    name: 'x',
    groupId,
    maxUses: 1,
    expiresInMs: 60_000,
    isApprovalNeeded: false,
  });
  await callApi(server, createEnrolmentToken, { body: body(berlin), as: mixed });
  assert.equal(
    await refusalOf(server, createEnrolmentToken, { body: body(paris), as: mixed }),
    'PERMISSION_DENIED',
  );
});

test('what concerns the whole organisation cannot be had in a group, whatever a grant says', async () => {
  const caller = callerWith(grant(TOP_GROUP_ID, ...permissions));
  assert.equal(
    await refusalOf(server, createApiKey, {
      body: { name: 'x', permissions: ['directory:read'] },
      as: caller,
    }),
    'PERMISSION_DENIED',
  );
});
