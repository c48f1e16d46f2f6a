import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, test } from 'node:test';
import {
  createEnrolmentToken,
  getCommand,
  issueCommand,
  listDevices,
  listGroups,
  listLogEntries,
} from '@holdfast/api';
import { setUpAdministrator } from './support/administrator.ts';
import { createHome, holdfastEnvironment, startHoldfast } from './support/holdfast-process.ts';
import { startProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

const examplePath = fileURLToPath(new URL('../docs/examples/thermometer.ts', import.meta.url));

after(() => stopAllProcesses());

test('the example of a product of somebody else registers, obeys its own command and uploads logs', async () => {
  const home = await createHome();
  const holdfast = await startHoldfast({ home: home.path, withAgent: false });
  assert.ok(holdfast.setupLink, holdfast.output());
  const { client, close } = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
  try {
    const { groups } = await client.call(listGroups, {});
    const top = groups.find((group) => group.parentId === null);
    const { tokenString } = await client.call(createEnrolmentToken, {
      body: {
        name: 'thermometers',
        groupId: top?.id ?? '',
        maxUses: 1,
        expiresInMs: 3_600_000,
        isApprovalNeeded: false,
      },
    });
    const product = startProcess(
      process.execPath,
      [examplePath, join(home.path, 'thermometer')],
      holdfastEnvironment(home.path),
      tokenString,
    );
    const device = await until('the product is online', async () => {
      if (product.isOver()) throw new Error(product.output());
      const { devices } = await client.call(listDevices, {});
      return devices.find((one) => one.presence.status === 'online');
    });
    const command = await client.call(issueCommand, {
      body: { type: 'x-blink', targets: { deviceIds: [device.id] }, parameters: { times: 3 } },
    });
    await until(
      'the command succeeded',
      async () => {
        const { counts } = await client.call(getCommand, { params: { commandId: command.id } });
        return counts.succeeded === 1 ? true : undefined;
      },
      60_000,
    );
    const texts = await until(
      'its log entries are there',
      async () => {
        const { entries } = await client.call(listLogEntries, { query: { deviceId: device.id } });
        return entries.length === 2 ? entries.map((entry) => entry.text) : undefined;
      },
      60_000,
    );
    assert.deepEqual(texts.toSorted(), ['Blinked 3 times.', 'The thermometer is connected.']);
  } finally {
    close();
    await stopAllProcesses();
    await home.remove();
  }
});
