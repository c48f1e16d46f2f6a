import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, test } from 'node:test';
import {
  createEnrolmentToken,
  createGroup,
  type DeviceDetails,
  getCommand,
  getDevice,
  getGroupCommunication,
  issueCommand,
  listDevices,
  listGroups,
  type OwnCommunication,
  updateGroupCommunication,
} from '@holdfast/api';
import { type AdministratorSession, setUpAdministrator } from './support/administrator.ts';
import { createComputer } from './support/agent-process.ts';
import { createHome, type HoldfastProcess, startHoldfast } from './support/holdfast-process.ts';
import { canMakeNetworks, createNetwork, insideNamespace, type Network } from './support/network.ts';
import { startProcess, stopAllProcesses } from './support/running-process.ts';
import { until } from './support/until.ts';

const PORT = 8443;
const relayPath = fileURLToPath(new URL('./support/relay.mjs', import.meta.url));

describe('agents behind a router that translates addresses', {
  skip: canMakeNetworks() ? false : 'needs root, ip and nft',
  concurrency: false,
}, () => {
  let home: Awaited<ReturnType<typeof createHome>>;
  let network: Network;
  let holdfast: HoldfastProcess;
  let administrator: AdministratorSession;
  let tokenString: string;

  before(async () => {
    home = await createHome();
    network = await createNetwork(3);
    // The second host may send no datagrams; to the third one no answers to them come.
    await network.filter([
      'ip saddr 10.88.2.0/24 ip protocol udp drop',
      'ip daddr 10.88.3.0/24 ip protocol udp drop',
    ]);
    holdfast = await startHoldfast({
      home: home.path,
      port: PORT,
      withAgent: false,
      namespace: network.server,
      environment: {
        HOLDFAST_HOST: '0.0.0.0',
        HOLDFAST_PUBLIC_ADDRESS: `https://${network.serverAddress}:${PORT},https://10.77.1.1:${PORT},https://localhost:${PORT}`,
      },
    });
    const socketPath = join(home.path, 'relay');
    const relay = insideNamespace(network.server, process.execPath, [relayPath, socketPath, String(PORT)]);
    startProcess(relay.file, relay.args, process.env);
    await until('the relay listens', () => existsSync(socketPath) || undefined);
    assert.ok(holdfast.setupLink, holdfast.output());
    administrator = await setUpAdministrator(`https://localhost:${PORT}`, holdfast.setupLink, { socketPath });
    tokenString = await createToken(await findTopGroup());
  });

  after(async () => {
    administrator?.close();
    await stopAllProcesses();
    await network?.remove();
    await home?.remove();
  });

  async function findTopGroup(): Promise<string> {
    const { groups } = await administrator.client.call(listGroups, {});
    return groups.find((group) => group.parentId === null)?.id ?? '';
  }

  async function createToken(groupId: string): Promise<string> {
    const created = await administrator.client.call(createEnrolmentToken, {
      body: {
        name: 'behind the router',
        groupId,
        maxUses: null,
        expiresInMs: 3_600_000,
        isApprovalNeeded: false,
      },
    });
    return created.tokenString;
  }

  /** What a group says of its communication is changed. */
  async function say(groupId: string, change: Partial<OwnCommunication>): Promise<void> {
    const params = { groupId };
    const { own, revision } = await administrator.client.call(getGroupCommunication, { params });
    await administrator.client.call(updateGroupCommunication, {
      params,
      body: { revision, own: { ...own, ...change } },
    });
  }

  /** A computer of this name in a namespace, enrolled and running; what the console shows when it is online. */
  async function enter(name: string, namespace: string, token = tokenString): Promise<DeviceDetails> {
    const computer = await createComputer({ home: home.path, name, namespace });
    const enrolled = await computer.enrol(token);
    assert.equal(enrolled.code, 0, enrolled.stderr);
    const agent = computer.run();
    return await until(
      `${name} is online and has settled its transport`,
      async () => {
        if (agent.isOver()) throw new Error(agent.output());
        const { devices } = await administrator.client.call(listDevices, { query: { search: name } });
        const [device] = devices;
        if (device?.presence.status !== 'online') return undefined;
        const details = await administrator.client.call(getDevice, { params: { deviceId: device.id } });
        const [product] = details.products;
        if (product === undefined || product.transportReason === '') return undefined;
        // The heartbeat that follows the choice tells where a call by UDP has to go. Activity comes with heartbeats only.
        return product.activity.uptimeSeconds === undefined ? undefined : details;
      },
      60_000,
    );
  }

  /** How a computer communicates, as the console shows it. */
  function describeWays({ products }: DeviceDetails): unknown[] {
    const [product] = products;
    assert.ok(product);
    const { mode, modeReason, transport, transportReason } = product.communication;
    return [transport, transportReason, mode, modeReason];
  }

  /** Has the device collect its inventory. @returns how it was called for that, and what came of the call */
  async function collect(device: DeviceDetails): Promise<unknown[]> {
    const deviceId = device.device.id;
    const command = await administrator.client.call(issueCommand, {
      body: { type: 'collect-inventory', targets: { deviceIds: [deviceId] } },
    });
    await until(
      'the command succeeded',
      async () => {
        const { counts } = await administrator.client.call(getCommand, { params: { commandId: command.id } });
        return counts.succeeded === 1 ? true : undefined;
      },
      60_000,
    );
    const { products } = await administrator.client.call(getDevice, { params: { deviceId } });
    const call = products[0]?.communication.lastNotification;
    return [call?.way, call?.outcome];
  }

  test('datagrams that come back through the router: acknowledged UDP, called the same way', async () => {
    const device = await enter('open-host', network.hosts[0] ?? '');
    assert.deepEqual(describeWays(device), [
      'udp-acknowledged',
      'both-directions-seen',
      'two-way-udp',
      'udp-answers-arrive',
    ]);
    assert.deepEqual(await collect(device), ['udp', 'acknowledged']);
  });

  test('a router that lets no datagrams out: HTTPS, called over a stream', async () => {
    const device = await enter('closed-host', network.hosts[1] ?? '');
    assert.deepEqual(describeWays(device), ['https', 'no-probe-arrived', 'two-way-held', 'stream-offered']);
    await collect(device);
  });

  test('a router that lets no answers in: UDP without acknowledgement, called over a stream', async () => {
    const device = await enter('deaf-host', network.hosts[2] ?? '');
    assert.deepEqual(describeWays(device), ['udp', 'inward-only', 'two-way-held', 'stream-offered']);
    await collect(device);
  });

  test('a server with two addresses answers from the one that was asked', async () => {
    const device = await enter('near-host', network.neighbour);
    assert.deepEqual(describeWays(device), [
      'udp-acknowledged',
      'both-directions-seen',
      'two-way-udp',
      'udp-answers-arrive',
    ]);
    assert.deepEqual(await collect(device), ['udp', 'acknowledged']);
  });

  test('a router that forgets: the call fails, and the command comes with the next heartbeat', async () => {
    const { devices } = await administrator.client.call(listDevices, { query: { search: 'open-host' } });
    const [device] = devices;
    assert.ok(device);
    await network.rememberDatagramsFor(1);
    const details = await administrator.client.call(getDevice, { params: { deviceId: device.id } });
    // Nothing passes for longer than the router remembers.
    await network.filter(['ip saddr 10.88.1.0/24 ip protocol udp drop']);
    await until('the translation is over', async () => !(await network.remembersDatagrams()) || undefined);
    await network.filter([]);
    await collect(details);
  });

  test('a listener that the server reaches is called there; behind the router nobody reaches it', async () => {
    const group = await administrator.client.call(createGroup, {
      body: { parentId: await findTopGroup(), name: 'Listening' },
    });
    await say(group.id, { mode: 'two-way-direct', listenerPort: 18_443 });
    const token = await createToken(group.id);
    const device = await enter('listening-host', network.neighbour, token);
    assert.deepEqual(describeWays(device).slice(2), ['two-way-direct', 'listener-answered']);
    assert.deepEqual(await collect(device), ['direct', 'acknowledged']);
    const hidden = await enter('hidden-host', network.hosts[0] ?? '', token);
    assert.deepEqual(describeWays(hidden).slice(2), ['one-way', 'listener-unreachable']);
  });

  test('a group that is pinned to one-way HTTPS', async () => {
    await say(await findTopGroup(), { mode: 'one-way', transport: 'https' });
    const device = await enter('pinned-host', network.neighbour);
    const [transport, , mode, modeReason] = describeWays(device);
    assert.deepEqual([transport, mode, modeReason], ['https', 'one-way', 'one-way-pinned']);
  });
});
