import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { getCommand, getDevice, issueCommand, listDevices, listLogEntries } from '@holdfast/api';
import { setUpAdministrator } from './support/administrator.ts';
import { createHome, startHoldfast } from './support/holdfast-process.ts';
import { signalProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// The interval of heartbeats is the usual minute, so nothing but the goodbye shows in time that an agent is gone. It takes half a second
// where the machine has time; one that runs other tests beside this gets more.

const shownWithinMs = 20_000;
const lookPauseMs = 10;

after(() => stopAllProcesses());

test('an agent that is killed shows as stopped at once, and as online when it is back', async (t) => {
  const home = await createHome();
  const holdfast = await startHoldfast({ home: home.path });
  assert.ok(holdfast.setupLink, holdfast.output());
  const { client, close } = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
  t.after(async () => {
    close();
    await stopAllProcesses();
    await home.remove();
  });
  const findDevice = async (status: string) => {
    const { devices } = await client.call(listDevices, {});
    return devices.find((one) => one.presence.status === status);
  };
  const device = await until('the device is online', () => findDevice('online'));
  // What it does at its start is over then, and nothing is under way but heartbeats.
  await until('its start is told', async () => {
    const { entries } = await client.call(listLogEntries, {
      query: { deviceId: device.id, type: 'agent-started' },
    });
    return entries.length === 1 || undefined;
  });

  const agentPid = holdfast.findProgram('agent');
  assert.ok(agentPid);
  const killedAt = performance.now();
  signalProcess(agentPid, 'SIGKILL');
  const stopped = await until(
    'the device is shown as stopped',
    () => findDevice('service-stopped'),
    shownWithinMs,
    holdfast.output,
    lookPauseMs,
  );
  t.diagnostic(`shown after ${Math.round(performance.now() - killedAt)} ms`);
  assert.equal(stopped.presence.reason, 'agent-stopped');

  const { id: commandId } = await client.call(issueCommand, {
    body: { type: 'collect-inventory', targets: { deviceIds: [device.id] } },
  });
  const { counts } = await client.call(getCommand, { params: { commandId } });
  assert.equal(counts.queued, 1, 'whoever says goodbye takes no command');
  await until('the device is online again', () => findDevice('online'), 30_000, holdfast.output);
  await until(
    'the command that waited has succeeded',
    async () => {
      const now = await client.call(getCommand, { params: { commandId } });
      return now.counts.succeeded === 1 || undefined;
    },
    60_000,
    holdfast.output,
  );
  const entries = await until('all is told', async () => {
    const page = await client.call(listLogEntries, { query: { deviceId: device.id } });
    return page.entries.some(({ type }) => type === 'command-ended') ? page.entries : undefined;
  });
  const begun = entries.filter(
    ({ type, facts }) => type === 'command-begun' && facts?.['commandId'] === commandId,
  );
  assert.equal(begun.length, 1, 'it was done once');
  const reasons = entries
    .filter(({ type }) => type === 'agent-started')
    .map(({ facts }) => facts?.['reason']);
  // Newest first.
  assert.deepEqual(reasons, ['ended-unexpectedly', 'first-start']);
  const { device: now } = await client.call(getDevice, { params: { deviceId: device.id } });
  assert.deepEqual(now.keyCopies, [], 'who says goodbye is not taken for a second computer');
  assert.ok(!holdfast.output().includes('was not told'), holdfast.output());
});
