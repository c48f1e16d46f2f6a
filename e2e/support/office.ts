import {
  createEnrolmentToken,
  createGroup,
  getCommand,
  getDevice,
  issueCommand,
  listDevices,
  listGroups,
} from '@holdfast/api';
import { signInAdministrator } from './administrator.ts';
import { createComputer } from './agent-process.ts';
import { until } from './until.ts';

export interface OfficeOptions {
  readonly home: string;
  readonly origin: string;
}

const debian =
  'NAME="Debian GNU/Linux"\nVERSION_ID="13"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n';
const ubuntu = 'NAME="Ubuntu"\nVERSION_ID="26.04"\nPRETTY_NAME="Ubuntu 26.04 LTS"\nID=ubuntu\n';
const fedora =
  'NAME="Fedora Linux"\nVERSION_ID="44"\nPRETTY_NAME="Fedora Linux 44 (Workstation)"\nID=fedora\n';

const office = {
  Servers: [
    { name: 'db-01', address: '10.20.0.11', release: debian, isRunning: true },
    { name: 'files-01', address: '10.20.0.14', release: debian, isRunning: true },
  ],
  Accounting: [
    { name: 'ledger-03', address: '10.20.4.23', release: ubuntu, isRunning: true },
    { name: 'ledger-07', address: '10.20.4.27', release: ubuntu, isRunning: false },
  ],
  Design: [
    { name: 'studio-02', address: '10.20.6.31', release: fedora, isRunning: true },
    { name: 'studio-05', address: '10.20.6.35', release: fedora, isRunning: true },
  ],
} as const;

/** Fills the directory with a handful of agents in groups, for images. Every one is a real agent process. */
export async function computersOfAnOffice({ home, origin }: OfficeOptions): Promise<void> {
  const { client, close } = await signInAdministrator(origin);
  try {
    const { groups } = await client.call(listGroups, {});
    const top = groups.find((group) => group.parentId === null);
    if (top === undefined) throw new Error('There is no top group.');
    let expectedCount = (await client.call(listDevices, {})).devices.length;
    for (const [name, computers] of Object.entries(office)) {
      const group = await client.call(createGroup, { body: { parentId: top.id, name } });
      const { tokenString } = await client.call(createEnrolmentToken, {
        body: { name, groupId: group.id, maxUses: null, expiresInMs: 3_600_000, isApprovalNeeded: false },
      });
      for (const one of computers) {
        const computer = await createComputer({
          home,
          name: one.name,
          address: one.address,
          files: { '/etc/os-release': one.release },
        });
        const joined = await computer.enrol(tokenString);
        if (joined.code !== 0) throw new Error(joined.stderr);
        expectedCount += 1;
        const agent = computer.run();
        const device = await until('the computer is known', async () => {
          const { devices } = await client.call(listDevices, {});
          const found = devices.find((candidate) => candidate.name === one.name);
          if (found === undefined) return undefined;
          const { inventory } = await client.call(getDevice, { params: { deviceId: found.id } });
          return inventory === null ? undefined : found;
        });
        if (!one.isRunning) await agent.stop();
        await client.call(issueCommand, {
          body: { type: 'collect-inventory', targets: { deviceIds: [device.id] } },
        });
      }
    }
    const { id } = await client.call(issueCommand, {
      body: { type: 'collect-inventory', targets: { filter: {} } },
    });
    const runningCount =
      expectedCount -
      Object.values(office)
        .flat()
        .filter((one) => !one.isRunning).length;
    await until('those that run have obeyed', async () => {
      const { counts } = await client.call(getCommand, { params: { commandId: id } });
      return counts.succeeded === runningCount ? true : undefined;
    });
    await until('all are there', async () =>
      (await client.call(listDevices, {})).devices.length === expectedCount ? true : undefined,
    );
    await until('the stopped one is noticed', async () =>
      (await client.call(listDevices, {})).devices.some(
        (device) => device.presence.status !== 'online' && device.presence.status !== 'timed-out',
      )
        ? true
        : undefined,
    );
  } finally {
    close();
  }
}
