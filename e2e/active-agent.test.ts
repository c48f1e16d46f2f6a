import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  createComponentSource,
  createEnrolmentToken,
  getCommand,
  getGroupCommunication,
  issueCommand,
  listComponentDownloads,
  listDeviceComponents,
  listDevices,
  listGroups,
  listLanSegments,
  lookAtComponentSource,
  setComponentDeployment,
  startComponentDownload,
  trustComponentSource,
  updateGroupCommunication,
  updateGroupUpdateSettings,
} from '@holdfast/api';
import {
  type BridgedLan,
  createBridgedLan,
  findLanObstacle,
} from '@holdfast/agent/src/testing/bridged-lan.ts';
import { makeTestRepository, type TestRepository } from '@holdfast/server/src/testing/test-repository.ts';
import { systemClock } from '@holdfast/kernel';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { type Computer, createComputer } from './support/agent-process.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { insideNamespace } from './support/network.ts';
import {
  type RunningProcess,
  signalProcess,
  startProcess,
  stopAllProcesses,
} from './support/running-process.ts';
import { until } from './support/until.ts';

const PORT = 8443;
const MEBIBYTE = 1_048_576;
const relayPath = fileURLToPath(new URL('./support/relay.mjs', import.meta.url));
const names = ['berlin-1', 'berlin-2', 'berlin-3'] as const;

// Real server, real agents, one switch: what is published comes from the server once, whoever is the Active Agent.
describe('the agents of one LAN', { skip: findLanObstacle(), concurrency: false }, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let lan: BridgedLan;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;
  let publisher: TestRepository;
  const gone: (() => Promise<void>)[] = [];
  const computers = new Map<string, Computer>();
  const agents = new Map<string, RunningProcess>();

  before(async () => {
    home = await createHome();
    lan = await createBridgedLan(4);
    const [server = ''] = lan.hosts;
    const [address = ''] = lan.addresses;
    holdfast = await startHoldfast({
      home: home.path,
      port: PORT,
      withAgent: false,
      namespace: server,
      environment: {
        HOLDFAST_HOST: '0.0.0.0',
        HOLDFAST_PUBLIC_ADDRESS: `https://${address}:${PORT},https://localhost:${PORT}`,
      },
    });
    const socketPath = join(home.path, 'relay');
    const relay = insideNamespace(server, process.execPath, [relayPath, socketPath, String(PORT)]);
    startProcess(relay.file, relay.args, process.env);
    await until('the relay listens', () => existsSync(socketPath) || undefined);
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(`https://localhost:${PORT}`, holdfast.setupLink, { socketPath });
    publisher = await makeTestRepository({ after: (work) => void gone.push(work) }, systemClock);
  });

  after(async () => {
    administrator?.close();
    await stopAllProcesses();
    await lan?.remove();
    for (const work of gone) await work();
    await home?.remove();
  });

  const call: AdministratorSession['client']['call'] = async (...args) =>
    await administrator.client.call(...args);

  async function download(): Promise<void> {
    const { id } = await call(startComponentDownload, {});
    await until('the server has downloaded it', async () => {
      const { downloads } = await call(listComponentDownloads, {});
      const found = downloads.find((one) => one.id === id);
      assert.notEqual(found?.state, 'failed', found?.error ?? '');
      return found?.state === 'succeeded' || undefined;
    });
  }

  async function releaseOf(name: string): Promise<number | null | undefined> {
    const { devices } = await call(listDevices, { query: { search: name } });
    const [device] = devices;
    if (device === undefined) return undefined;
    const { components } = await call(listDeviceComponents, { params: { deviceId: device.id } });
    return components.find(({ componentId }) => componentId === 'virus-patterns')?.release;
  }

  async function reach(release: number, of: readonly string[]): Promise<void> {
    for (const name of of) {
      await until(
        `${name} has release ${release}`,
        async () => {
          const agent = agents.get(name);
          assert.ok(agent?.isOver() === false, agent?.output());
          return (await releaseOf(name)) === release || undefined;
        },
        90_000,
      );
    }
  }

  /** The LAN as the server knows it, once all of these agree who is the Active Agent. */
  async function findLan(members: number) {
    return await until(
      `${members} agents follow one`,
      async () => {
        const { segments, traffic } = await call(listLanSegments, {});
        const segment = segments.find(
          ({ network, activeAgent, deviceCount }) =>
            network === '10.99.0.0/24' && activeAgent !== null && deviceCount >= members,
        );
        return segment?.activeAgent == null
          ? undefined
          : { leader: segment.activeAgent.deviceName, traffic, segment };
      },
      60_000,
    );
  }

  /** Has a device update itself now. */
  async function issue(name: string): Promise<void> {
    const { devices } = await call(listDevices, { query: { search: name } });
    const command = await call(issueCommand, {
      body: { type: 'update-now', targets: { deviceIds: devices.map(({ id }) => id) } },
    });
    await until('the command succeeded', async () => {
      const { counts } = await call(getCommand, { params: { commandId: command.id } });
      return counts.succeeded === 1 || undefined;
    });
  }

  test('a component that is published is on every device, and one of them is the Active Agent', async () => {
    const { groups } = await call(listGroups, {});
    const groupId = groups.find((group) => group.parentId === null)?.id ?? '';
    const { own, revision } = await call(getGroupCommunication, { params: { groupId } });
    await call(updateGroupCommunication, {
      params: { groupId },
      body: { revision, own: { ...own, heartbeatIntervalMs: 1_000, offlineTimeoutMs: 6_000 } },
    });
    // Members do not wait: the spread of a quarter of an hour is not what is tried here.
    await call(updateGroupUpdateSettings, {
      params: { groupId },
      body: { revision: 0, own: { windowMinutes: 0 } },
    });
    await publisher.publish('virus-patterns', 1, 'one\n');
    const source = await call(createComponentSource, {
      body: {
        name: 'Folder',
        kind: 'folder',
        address: publisher.folder,
        proxy: null,
        userName: null,
        proxyUserName: null,
      },
    });
    const params = { sourceId: source.id };
    const { fingerprint } = await call(lookAtComponentSource, { params });
    await call(trustComponentSource, { params, body: { fingerprint } });
    await download();
    const { tokenString } = await call(createEnrolmentToken, {
      body: { name: 'Berlin', groupId, maxUses: null, expiresInMs: 3_600_000, isApprovalNeeded: false },
    });
    for (const [index, name] of names.entries()) {
      const computer = await createComputer({ home: home.path, name, namespace: lan.hosts[index + 1] ?? '' });
      const enrolled = await computer.enrol(tokenString);
      assert.equal(enrolled.code, 0, enrolled.stderr);
      computers.set(name, computer);
      agents.set(name, computer.run());
    }
    await reach(1, names);
    const { leader } = await findLan(3);
    assert.ok(names.some((name) => name === leader));
  });

  test('the next release comes from the server once, and from the Active Agent to the others', async () => {
    const { traffic: before } = await findLan(3);
    const content = randomBytes(2 * MEBIBYTE).toString('hex');
    await publisher.publish('virus-patterns', 2, content);
    await download();
    await reach(2, names);
    const placed = join(computers.get('berlin-2')?.agentHome ?? '', 'placed', 'virus-patterns');
    assert.equal(await readFile(placed, 'utf8'), content);
    const { fromServer, fromLan } = await until('all have said what they fetched', async () => {
      const { traffic } = await call(listLanSegments, {});
      const found = {
        fromServer: traffic.fromServerBytes - before.fromServerBytes,
        fromLan: traffic.fromLanBytes - before.fromLanBytes,
      };
      return found.fromServer + found.fromLan >= 3 * content.length ? found : undefined;
    });
    assert.ok(fromServer < 1.2 * content.length, `${fromServer} bytes came from the server`);
    assert.ok(fromLan >= 2 * content.length, `${fromLan} bytes came from the Active Agent`);
  });

  test('when the Active Agent is killed another one takes its place, and updates go on', async () => {
    const { leader } = await findLan(3);
    const killed = agents.get(leader);
    assert.ok(killed);
    signalProcess(killed.pid, 'SIGKILL');
    const left = names.filter((name) => name !== leader);
    await publisher.publish('virus-patterns', 3, 'three\n');
    await download();
    await reach(3, left);
    const now = await until('the others follow another one', async () => {
      const { segments } = await call(listLanSegments, {});
      return segments.find(
        ({ activeAgent, deviceCount }) =>
          activeAgent !== null && activeAgent.deviceName !== leader && deviceCount === 2,
      )?.activeAgent?.deviceName;
    });
    assert.ok(left.some((name) => name === now));
  });

  test('what was held back comes on a LAN too when it is held back no longer, although nothing new was published', async () => {
    const left = names.filter((name) => agents.get(name)?.isOver() === false);
    const params = { componentId: 'virus-patterns' };
    await call(setComponentDeployment, { params, body: { mode: 'never', planId: null } });
    await publisher.publish('virus-patterns', 4, 'four\n');
    await download();
    const [first = ''] = left;
    await issue(first);
    assert.equal(await releaseOf(first), 3);
    await call(setComponentDeployment, { params, body: { mode: 'immediately', planId: null } });
    for (const name of left) await issue(name);
    await reach(4, left);
  });

  test('an agent that was away fetches what it missed', async () => {
    const away = names.find((name) => agents.get(name)?.isOver() === true);
    assert.ok(away !== undefined);
    const computer = computers.get(away);
    assert.ok(computer);
    await mkdir(computer.agentHome, { recursive: true });
    agents.set(away, computer.run());
    await reach(4, [away]);
  });
});
