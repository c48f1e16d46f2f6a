/** One agent alone, on the loopback interface: what it opens when. What several do stands in active-agent.network.test.ts. */
import assert from 'node:assert/strict';
import { createSecretKey } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { NetworkInterfaceInfo } from 'node:os';
import { test, type TestContext } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { createTemporaryFolder } from '../../platform/test-folder.ts';
import { eventually } from '../../testing/eventually.ts';
import { createSilentLog } from '../../testing/silent-log.ts';
import { createActiveAgent, type ComponentUpdates } from './active-agent.service.ts';
import { deriveLanKey } from './lan/lan-key.ts';
import { type LanSettings, parseLanSettings } from './lan-settings.ts';

const loopback: NetworkInterfaceInfo = {
  address: '127.0.0.1',
  netmask: '255.0.0.0',
  family: 'IPv4',
  mac: '00:00:00:00:00:00',
  internal: false,
  cidr: '127.0.0.1/8',
};

async function findFreePort(): Promise<number> {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function startAgent(t: TestContext, settings: Partial<LanSettings>, interfaces = { lan0: [loopback] }) {
  const keys = [deriveLanKey(createSecretKey(Buffer.alloc(32, 3)))];
  let current: LanSettings = { ...parseLanSettings({}), keys, ...settings };
  const listeners = new Set<() => void>();
  const fetched: string[] = [];
  const updates: ComponentUpdates = {
    revision: 0,
    urgentRevision: 0,
    findVouched: () => undefined,
    readMetadata: async () => new Map(),
    update: async (sources) => {
      fetched.push(sources.map(({ name }) => name).join(', '));
      return { revision: 1 };
    },
    listen: () => () => undefined,
  };
  const activeAgent = createActiveAgent({
    productNumber: 7,
    settings: {
      current: () => current,
      listen: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
    updates,
    server: { name: 'the server', open: async () => undefined },
    isServerReached: () => true,
    home: createTemporaryFolder(t),
    platform: 'linux',
    run: async () => undefined,
    findInterfaces: () => interfaces,
    port: await findFreePort(),
    clock: systemClock,
    random: () => 0,
    log: createSilentLog(),
  });
  t.after(async () => await activeAgent.stop());
  activeAgent.start();
  return {
    activeAgent,
    fetched,
    listeners,
    change: (change: Partial<LanSettings>) => {
      current = { ...current, ...change };
      for (const listener of listeners) listener();
    },
  };
}

test('an agent opens nothing until the server says so, and closes it when the server says no', async (t) => {
  const { activeAgent, change } = await startAgent(t, { isOn: false });
  change({ isOptedOut: false });
  await activeAgent.stop();
  activeAgent.start();
  assert.deepEqual(activeAgent.view.segments, []);
  change({ isOn: true });
  await eventually('it takes part', () => activeAgent.view.segments.length === 1);
  change({ isOn: false });
  await eventually('it is gone', () => activeAgent.view.segments.length === 0);
});

test('an agent that is alone becomes the Active Agent, fetches from the server through its cache, and stops cleanly', async (t) => {
  const { activeAgent, fetched, listeners } = await startAgent(t, { isOn: true });
  await eventually('it is elected', () => activeAgent.view.segments[0]?.isActive === true, 6_000);
  activeAgent.noteServerWord(1, 0);
  await eventually('it fetches at once', () => fetched.length === 1);
  assert.deepEqual(fetched, ['the cache for members, the server']);
  await activeAgent.stop();
  assert.deepEqual(activeAgent.view.segments, []);
  assert.equal(listeners.size, 0);
});

test('an agent that opted out follows and is never elected; it says why', async (t) => {
  const { activeAgent } = await startAgent(t, { isOn: true, isOptedOut: true });
  await eventually('it takes part', () => activeAgent.view.segments.length === 1);
  assert.deepEqual(activeAgent.view.fitness['lan0'], { fitness: 0, obstacle: 'opted-out' });
});

test('without a LAN it goes to the server when it is told to', async (t) => {
  const { activeAgent, fetched } = await startAgent(t, { isOn: false });
  activeAgent.updateNow();
  await eventually('it fetches', () => fetched.length === 1);
  assert.deepEqual(fetched, ['the server']);
});
