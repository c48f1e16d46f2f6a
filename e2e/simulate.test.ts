import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createEnrolmentToken,
  getSettings,
  listDevices,
  listGroups,
  updateCommunicationSettings,
} from '@holdfast/api';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { startProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

// A whole fleet against a whole server, as an administrator runs it to learn what a server can take.

const simulator = fileURLToPath(new URL('../packages/testkit/src/fleet/simulate.main.ts', import.meta.url));
const products = 200;

describe('a simulated fleet on a bad network', { concurrency: false }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;

  before(async () => {
    home = await createHome();
    // Several receivers on one port, which are for fleets.
    const environment = { HOLDFAST_UDP_RECEIVERS: '2' };
    holdfast = await startHoldfast({ home: home.path, withAgent: false, environment });
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(holdfast.origin, holdfast.setupLink);
  });

  after(async () => {
    administrator?.close();
    await stopAllProcesses();
    await home?.remove();
  });

  test('all products are online, none is taken for offline, and Ctrl-C ends with the summary', async () => {
    const { client } = administrator;
    const { revision } = await client.call(getSettings, {});
    await client.call(updateCommunicationSettings, {
      body: { revision, communication: { heartbeatIntervalMs: 2_000, offlineTimeoutMs: 20_000 } },
    });
    const { groups } = await client.call(listGroups, {});
    const { tokenString } = await client.call(createEnrolmentToken, {
      body: {
        name: 'fleet',
        groupId: groups[0]?.id ?? '',
        maxUses: null,
        expiresInMs: 3_600_000,
        isApprovalNeeded: false,
      },
    });
    const tokenFile = join(home.path, 'token');
    await writeFile(tokenFile, tokenString, { mode: 0o600 });
    const arguments_ = `${simulator} --server ${holdfast.origin} --token-file ${tokenFile} --products ${products} --transport mixed --minutes 10 --arrive-within 1s --lose 2% --duplicate 2% --reorder 2% --delay 0-200ms --commands on --spread-addresses 8`;
    const fleet = startProcess(process.execPath, arguments_.split(' '), process.env);
    const statusOfAll = async (): Promise<readonly string[]> => {
      const { devices } = await client.call(listDevices, { query: { limit: products } });
      return devices.map(({ presence }) => presence.status);
    };
    const areOnline = (statuses: readonly string[]): boolean =>
      statuses.length === products && statuses.every((status) => status === 'online');
    await until('all are online', async () => (areOnline(await statusOfAll()) ? true : undefined), 120_000);
    // Through more than one offline timeout nobody may look gone.
    const enoughAtMs = performance.now() + 25_000;
    await until(
      'the offline timeout is over',
      async () => {
        const statuses = await statusOfAll();
        assert.ok(!statuses.includes('offline'), 'a product that lives is offline');
        return performance.now() >= enoughAtMs ? true : undefined;
      },
      60_000,
    );
    fleet.child.kill('SIGINT');
    assert.equal(await fleet.exited, 0, fleet.output());
    assert.match(fleet.output(), /Heartbeats: [\d,]+ sent/u);
    assert.match(fleet.output(), /datagramsLost \d/u);
  });
});
