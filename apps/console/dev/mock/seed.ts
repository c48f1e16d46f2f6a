import type { Group, LiveEvent } from '@holdfast/api';
import { seedCommands } from './seed-commands.ts';
import { seedDevices, seedStorageHost, seedTwins } from './seed-devices.ts';
import { seedGrants, seedPeople } from './seed-people.ts';
import { seedTags } from './seed-tags.ts';
import { createRandom } from './random.ts';
import { isoAt, settleGroups, type World } from './world.ts';

export interface SeedOptions {
  readonly scenario: 'normal' | 'empty' | 'setup';
  readonly deviceCount: number;
  readonly now: () => number;
  readonly publish: (event: LiveEvent) => void;
}

const tree: Readonly<Record<string, readonly string[]>> = {
  Berlin: ['Sales', 'Engineering', 'Finance', 'Reception'],
  Hamburg: ['Engineering', 'Logistics'],
  Lisbon: ['Support', 'Marketing'],
  Tallinn: ['Engineering', 'Research', 'Human resources'],
  'Data centre': ['Databases', 'Web', 'Build machines', 'Monitoring'],
  Kiosks: [],
  'Field service': ['North', 'South'],
};

export function createWorld(options: SeedOptions): World {
  const random = createRandom(20261122);
  const startMs = options.now();
  const group = (parentId: string | null, name: string, isFixed: boolean): Group => ({
    id: random.uuid(startMs),
    parentId,
    name,
    path: [],
    depth: 0,
    revision: 1,
    deviceCount: 0,
    isFixed,
  });
  const world: World = {
    random,
    now: options.now,
    publish: options.publish,
    startedAt: isoAt(startMs - 9 * 86_400_000),
    isSetupNeeded: options.scenario === 'setup',
    groups: new Map(),
    devices: new Map(),
    recycled: new Map(),
    tags: [],
    removedTags: [],
    tagChanges: new Map(),
    notes: [],
    removedNotes: [],
    tokens: [],
    waiting: [],
    commands: [],
    targets: [],
    administrators: [],
    sessions: [],
    apiKeys: [],
    audit: [],
    settings: {
      revision: 3,
      communication: { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 300_000 },
      changedAt: isoAt(startMs - 4 * 86_400_000),
      changedBy: 'admin',
    },
    serverAddresses: {
      revision: 1,
      addresses: [],
      ownAddresses: ['https://holdfast.example:8443', 'https://10.0.0.2:8443'],
      changedAt: null,
      changedBy: null,
    },
    failedSignIns: 0,
    throttledUntilMs: 0,
    directoryRevision: 1,
    nextProductNumber: 1,
  };
  const top = group(null, 'Example Ltd', true);
  const newDevices = group(top.id, 'New devices', true);
  world.groups.set(top.id, top);
  world.groups.set(newDevices.id, newDevices);
  if (options.scenario === 'normal') {
    for (const [name, children] of Object.entries(tree)) {
      const parent = group(top.id, name, false);
      world.groups.set(parent.id, parent);
      for (const child of children) {
        const made = group(parent.id, child, false);
        world.groups.set(made.id, made);
      }
    }
  }
  seedPeople(world, options.scenario);
  if (options.scenario === 'normal') {
    seedDevices(world, options.deviceCount);
    settleGroups(world);
    seedTwins(world);
    seedStorageHost(world);
    seedCommands(world);
    seedTags(world);
  }
  settleGroups(world);
  seedGrants(world);
  return world;
}
