import {
  type DeviceSummary,
  type DeviceTwin,
  type Platform,
  type Presence,
  type ProductCommunication,
  type Transport,
  unknownFields,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { factsOf } from './seed-facts.ts';
import { isoAt, type World } from './world.ts';

const systems: Readonly<Record<'linux' | 'windows' | 'macos', readonly string[]>> = {
  linux: [
    'Debian GNU/Linux 12 (bookworm)',
    'Ubuntu 24.04.3 LTS',
    'Fedora Linux 42',
    'Debian GNU/Linux 13 (trixie)',
  ],
  windows: ['Windows 11 Pro 24H2', 'Windows 11 Enterprise 23H2', 'Windows Server 2025'],
  macos: ['macOS 15.6 Sequoia', 'macOS 26.1 Tahoe'],
};
const prefixes = ['WS', 'LT', 'SRV', 'PC', 'NB', 'BUILD', 'KIOSK'];
const people = [
  'anna',
  'boris',
  'carla',
  'deniz',
  'elif',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kalle',
  'liisa',
];

export function seedDevices(world: World, count: number): void {
  const { random } = world;
  const groups = [...world.groups.values()].filter((group) => group.parentId !== null);
  for (let index = 0; index < count; index += 1) addDevice(world, random.pick(groups).id, index);
}

/**
 * A computer that was set up anew: its old record, silent since, and the one of today. And one whose disk was
 * copied, and one in its idle hours.
 */
export function seedTwins(world: World): void {
  const devices = [...world.devices.values()].toSorted((one, other) =>
    foldName(one.summary.name) < foldName(other.summary.name) ? -1 : 1,
  );
  const current = devices.find((device) => device.summary.presence.status === 'online');
  const old = devices.find((device) => device.summary.presence.status === 'offline');
  if (current === undefined || old === undefined) return;
  const [first, second] = [current.summary, old.summary];
  current.summary = { ...first, twins: [twinOf(second)] };
  old.summary = { ...second, twins: [twinOf(first)] };
  const original = devices.find(
    ({ summary }) => summary.presence.status === 'online' && summary.id !== first.id,
  );
  if (original === undefined) return;
  const lastSeenAt = first.presence.lastSeenAt ?? first.registeredAt;
  const copy = { name: `${original.summary.name}-2`, address: '10.21.9.40', lastSeenAt, isWaiting: true };
  original.summary = { ...original.summary, keyCopies: [copy] };
  const quiet = devices.find(
    ({ summary }) =>
      summary.presence.status === 'online' && ![first.id, original.summary.id].includes(summary.id),
  );
  if (quiet === undefined) return;
  const presence = { ...quiet.summary.presence, status: 'idle', reason: 'idle-hours' } as const;
  quiet.summary = { ...quiet.summary, presence };
  quiet.products = quiet.products.map((product) => ({ ...product, presence }));
}

/** One with more volumes than an inventory holds, on a full disk. */
export function seedStorageHost(world: World): void {
  const host = [...world.devices.values()].find(
    ({ summary, facts }) => summary.platform === 'linux' && facts !== undefined && summary.twins.length === 0,
  );
  if (host === undefined) return;
  host.summary = { ...host.summary, name: 'store-1.example.net' };
  host.products = host.products.map((product) => ({
    ...product,
    troubles: ['disk-full', 'inventory-refused'],
  }));
  const terabyte = 1024 ** 4;
  const disks = ['sda', 'sdb', 'sdc'].map((name, index) => ({
    name,
    model: 'ST16000NM001G',
    sizeBytes: 16 * terabyte,
    encryption: 'not-encrypted' as const,
    volumes: [1, 2, 3].map((place) => ({
      name: `vg${index}-data${place}`,
      mountPoint: `/srv/storage/pool-${index}/data-${place}`,
      fileSystem: 'xfs',
      sizeBytes: terabyte,
      freeBytes: terabyte / (place + 1),
      encryption: 'not-encrypted' as const,
    })),
    volumesOmitted: 117,
    ...(index === 0 ? {} : { volumesListedBefore: index }),
  }));
  const interfaces = (host.facts?.interfaces ?? []).map((one) => ({ ...one, addressesOmitted: 40 }));
  host.facts = { ...host.facts, disks, disksOmitted: 33, interfaces, interfacesOmitted: 1 };
}

function twinOf({ id, name, groupPath, registeredAt, presence }: DeviceSummary): DeviceTwin {
  return { deviceId: id, name, groupPath, registeredAt, presence };
}

export function addDevice(world: World, groupId: string, index: number): string {
  const { random } = world;
  const nowMs = world.now();
  const platform = random.pick(['linux', 'linux', 'windows', 'windows', 'windows', 'macos'] as const);
  const name =
    platform === 'macos'
      ? `${random.pick(people)}-macbook-${10 + random.integer(89)}`
      : platform === 'linux' && random.next() < 0.4
        ? `${random.pick(['web', 'db', 'build', 'mon', 'proxy'])}-${String(index).padStart(4, '0')}.example.net`
        : `${random.pick(prefixes)}-${random.hex(4).toUpperCase()}-${String(index).padStart(4, '0')}`;
  const registeredMs = nowMs - Math.floor(random.next() ** 2 * 400 * 86_400_000);
  const transport = transportOf(random.next());
  const presence = presenceOf(world, nowMs, transport);
  const isEncrypted = random.next() < 0.82 ? true : random.next() < 0.7 ? false : null;
  const id = random.uuid(registeredMs);
  const productNumber = world.nextProductNumber;
  world.nextProductNumber += 1;
  const system = random.pick(systems[platform]);
  const address = `10.${20 + random.integer(8)}.${random.integer(250)}.${2 + random.integer(250)}`;
  const hasFacts = random.next() > 0.01;
  const agentVersion = random.pick(['0.1.0', '0.1.0', '0.1.0', '0.0.9']);
  world.devices.set(id, {
    reportedName: name,
    inventoryAt: isoAt(nowMs - random.integer(20 * 3_600_000)),
    facts: hasFacts
      ? factsOf(world, { name, system, platform, address, isEncrypted, agentVersion })
      : undefined,
    summary: {
      ...unknownFields,
      id,
      name,
      groupId,
      groupPath: [],
      platform: platform satisfies Platform,
      system: hasFacts ? system : '',
      address,
      agentVersion,
      productNumber,
      transport,
      isEncrypted: hasFacts ? isEncrypted : null,
      registeredAt: isoAt(registeredMs),
      presence,
      twins: [],
      tags: [],
      keyCopies: [],
    },
    products: [
      {
        productNumber,
        kind: 'endpoint-agent',
        name: 'Holdfast agent',
        version: agentVersion,
        keyThumbprint: random.base64Url(43),
        state: presence.status === 'disabled' ? 'disabled' : 'active',
        transport,
        transportReason: transportReasonOf(transport),
        communication: communicationOf(transport, nowMs - random.integer(3_600_000)),
        registeredAt: isoAt(registeredMs),
        lastHandshakeAt: isoAt(nowMs - random.integer(6 * 86_400_000)),
        clockSkewMs: random.next() < 0.02 ? 86_400_000 + random.integer(5_000) : random.integer(400) - 200,
        presence,
        activity: {
          uptimeSeconds: random.integer(40 * 86_400),
          loadAverage: Math.round(random.next() * 300) / 100,
          memoryUsedPercent: 20 + random.integer(70),
          agentMemoryBytes: 52_000_000 + random.integer(16_000_000),
          systemVolumeFreePercent: 3 + random.integer(90),
        },
        troubles: [],
      },
    ],
  });
  return id;
}

function communicationOf(transport: Transport, notifiedMs: number): ProductCommunication {
  const isUdp = transport === 'udp-acknowledged';
  return {
    mode: isUdp ? 'two-way-udp' : 'two-way-held',
    modeReason: isUdp ? 'udp-answers-arrive' : 'stream-offered',
    transport,
    transportReason: transportReasonOf(transport),
    intervalMs: 60_000,
    lastNotification: {
      at: isoAt(notifiedMs),
      way: isUdp ? 'udp' : 'held',
      outcome: isUdp ? 'acknowledged' : 'written',
    },
  };
}

function transportOf(chance: number): Transport {
  if (chance < 0.78) return 'udp-acknowledged';
  if (chance < 0.84) return 'udp';
  return chance < 0.99 ? 'https' : 'unknown';
}

function transportReasonOf(transport: Transport): string {
  switch (transport) {
    case 'udp-acknowledged':
      return 'both-directions-seen';
    case 'udp':
      return 'inward-only';
    case 'https':
      return 'no-probe-arrived';
    case 'unknown':
      return '';
  }
}

function presenceOf(world: World, nowMs: number, transport: Transport): Presence {
  const { random } = world;
  const chance = random.next();
  const reason = transport === 'https' ? 'heartbeat-https' : 'heartbeat-udp';
  const changedAt = isoAt(nowMs - random.integer(3 * 86_400_000));
  if (chance < 0.9) {
    return { status: 'online', reason, lastSeenAt: isoAt(nowMs - random.integer(58_000)), changedAt };
  }
  if (chance < 0.915) {
    return {
      status: 'timed-out',
      reason: 'silent',
      lastSeenAt: isoAt(nowMs - 70_000 - random.integer(200_000)),
      changedAt,
    };
  }
  if (chance < 0.98) {
    const seenMs = nowMs - 400_000 - Math.floor(random.next() ** 3 * 30 * 86_400_000);
    return {
      status: 'offline',
      reason: 'silent',
      lastSeenAt: isoAt(seenMs),
      changedAt: isoAt(seenMs + 300_000),
    };
  }
  if (chance < 0.99) {
    const seenMs = nowMs - random.integer(86_400_000);
    return {
      status: 'service-stopped',
      reason: 'agent-stopped',
      lastSeenAt: isoAt(seenMs),
      changedAt: isoAt(seenMs),
    };
  }
  if (chance < 0.996)
    return { status: 'disabled', reason: 'disabled', lastSeenAt: isoAt(nowMs - 9_000_000), changedAt };
  return { status: 'offline', reason: 'never-seen', lastSeenAt: null, changedAt: null };
}
