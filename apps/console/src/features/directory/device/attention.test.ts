import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DeviceDetails,
  type InventoryFacts,
  type ManagedProduct,
  type Presence,
  unknownFields,
} from '@holdfast/api';
import { attentionsOf } from './attention.ts';
import { volumeUseOf } from './volume-use.ts';

const nowMs = Date.UTC(2026, 10, 22, 12);
const at = (agoMs: number): string => new Date(nowMs - agoMs).toISOString();
const online: Presence = {
  status: 'online',
  reason: 'heartbeat-udp',
  lastSeenAt: at(5_000),
  changedAt: at(90_000),
};

interface Situation {
  readonly presence?: Presence;
  readonly clockSkewMs?: number | null;
  readonly facts?: InventoryFacts | null;
  readonly collectedAt?: string;
  readonly troubles?: NonNullable<ManagedProduct['troubles']>;
}

function details({
  presence = online,
  clockSkewMs = 0,
  facts = {},
  collectedAt = at(1_000),
  troubles = [],
}: Situation): DeviceDetails {
  const product: ManagedProduct = {
    productNumber: 1,
    kind: 'endpoint-agent',
    name: 'Holdfast agent',
    version: '0.1.0',
    keyThumbprint: '',
    state: 'active',
    transport: 'udp',
    transportReason: '',
    communication: {
      mode: 'one-way',
      modeReason: '',
      transport: 'udp',
      transportReason: '',
      intervalMs: null,
      lastNotification: null,
    },
    registeredAt: at(0),
    lastHandshakeAt: null,
    clockSkewMs,
    presence,
    activity: {},
    troubles,
  };
  return {
    device: {
      id: 'd',
      ...unknownFields,
      name: 'd',
      groupId: 'g',
      groupPath: [],
      platform: 'linux',
      system: '',
      address: '',
      agentVersion: '',
      productNumber: 1,
      transport: 'udp',
      isEncrypted: null,
      registeredAt: at(0),
      presence,
      twins: [],
      tags: [],
      keyCopies: [],
    },
    products: [product],
    inventory: facts === null ? null : { collectedAt, receivedAt: collectedAt, facts },
  };
}

const kindsOf = (situation: Situation): string[] =>
  attentionsOf(details(situation), nowMs).map((attention) => attention.kind);

test('a device that is as it should be needs no attention', () => {
  assert.deepEqual(
    kindsOf({ facts: { disks: [{ name: 'sda', sizeBytes: 1, encryption: 'encrypted' }] } }),
    [],
  );
});

test('a fixed disk that is not wholly encrypted is named, a removable one is not', () => {
  const facts: InventoryFacts = {
    disks: [
      { name: 'nvme0n1', sizeBytes: 1, encryption: 'encrypted' },
      { name: 'sda', sizeBytes: 1, encryption: 'partly-encrypted' },
      { name: 'sdb', sizeBytes: 1, encryption: 'not-encrypted', isRemovable: true },
      { name: 'sdc', sizeBytes: 1, encryption: 'unknown' },
    ],
  };
  assert.deepEqual(attentionsOf(details({ facts }), nowMs), [{ kind: 'not-encrypted', disks: ['sda'] }]);
});

test('a clock that is off by more than five minutes is told, in either direction', () => {
  assert.deepEqual(kindsOf({ clockSkewMs: 299_000 }), []);
  assert.deepEqual(kindsOf({ clockSkewMs: 301_000 }), ['clock-skew']);
  assert.deepEqual(kindsOf({ clockSkewMs: -86_400_000 }), ['clock-skew']);
  assert.deepEqual(kindsOf({ clockSkewMs: null }), []);
});

test('why a device is silent is told apart', () => {
  const base = { lastSeenAt: at(9_000_000), changedAt: at(8_000_000) };
  assert.deepEqual(kindsOf({ presence: { ...base, status: 'offline', reason: 'silent' } }), ['offline']);
  assert.deepEqual(kindsOf({ presence: { ...base, status: 'service-stopped', reason: 'agent-stopped' } }), [
    'service-stopped',
  ]);
  assert.deepEqual(kindsOf({ presence: { ...base, status: 'disabled', reason: 'disabled' } }), ['disabled']);
  assert.deepEqual(
    kindsOf({ presence: { status: 'offline', reason: 'never-seen', lastSeenAt: null, changedAt: null } }),
    ['never-seen'],
  );
});

test('a volume that is nearly full is told, a small one is not', () => {
  const gibibyte = 1024 ** 3;
  const volume = (mountPoint: string, size: number, free: number) => ({
    name: mountPoint,
    mountPoint,
    sizeBytes: size * gibibyte,
    freeBytes: free * gibibyte,
    encryption: 'encrypted' as const,
  });
  const facts: InventoryFacts = {
    disks: [
      {
        name: 'sda',
        sizeBytes: 1,
        encryption: 'encrypted',
        volumes: [volume('/', 100, 4), volume('/home', 100, 50), volume('/boot', 1, 0)],
      },
    ],
  };
  assert.deepEqual(kindsOf({ facts }), ['volume-full']);
});

test('space that is reserved for root is neither used nor available', () => {
  const use = volumeUseOf({ sizeBytes: 100, usedBytes: 45, freeBytes: 50 });
  assert.deepEqual(use, { sizeBytes: 100, usedBytes: 45, freeBytes: 50, usedShare: 45 / 95 });
  const unsaid = volumeUseOf({ sizeBytes: 100, freeBytes: 25 });
  assert.deepEqual([unsaid?.usedBytes, unsaid?.usedShare], [75, 0.75]);
  assert.equal(volumeUseOf({ sizeBytes: 100 }), undefined);
  assert.equal(volumeUseOf({ sizeBytes: 0, usedBytes: 0, freeBytes: 0 })?.usedShare, 0);
});

test('missing and old facts are told', () => {
  assert.deepEqual(kindsOf({ facts: null }), ['inventory-none']);
  assert.deepEqual(kindsOf({ collectedAt: at(8 * 86_400_000) }), ['inventory-old']);
});

test('what the agent cannot do, or the server does not take, is said', () => {
  const attentions = attentionsOf(details({ troubles: ['disk-full', 'inventory-refused'] }), nowMs);
  assert.deepEqual(
    attentions.flatMap((attention) => (attention.kind === 'trouble' ? attention.trouble : [])),
    ['disk-full', 'inventory-refused'],
  );
});
