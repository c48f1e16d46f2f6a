import type {
  Administrator,
  ApiKey,
  AuditEntry,
  Command,
  CommandTarget,
  DeviceSummary,
  EnrolmentToken,
  Group,
  InventoryFacts,
  LiveEvent,
  ManagedProduct,
  Note,
  RecycledItem,
  Session,
  ServerAddressSettings,
  Settings,
  Tag,
  WaitingRegistration,
} from '@holdfast/api';
import type { Random } from './random.ts';

export interface MockDevice {
  summary: DeviceSummary;
  reportedName: string;
  products: ManagedProduct[];
  facts: InventoryFacts | undefined;
  inventoryAt: string;
}

export interface RecycledEntry {
  item: RecycledItem;
  groups: Group[];
  devices: MockDevice[];
}

/** Everything that the mock server knows. */
export interface World {
  readonly random: Random;
  readonly now: () => number;
  readonly startedAt: string;
  isSetupNeeded: boolean;
  groups: Map<string, Group>;
  devices: Map<string, MockDevice>;
  recycled: Map<string, RecycledEntry>;
  /** Devices name their tags themselves; the counts here are not kept. */
  tags: Tag[];
  removedTags: { readonly tag: Tag; readonly deviceIds: readonly string[] }[];
  /** Ways back: which tags each device had before a change. */
  tagChanges: Map<string, ReadonlyMap<string, readonly string[]>>;
  notes: Note[];
  removedNotes: Note[];
  tokens: EnrolmentToken[];
  waiting: WaitingRegistration[];
  commands: Command[];
  targets: CommandTarget[];
  administrators: Administrator[];
  sessions: (Session & { token: string; csrfToken: string })[];
  apiKeys: ApiKey[];
  audit: AuditEntry[];
  settings: Settings;
  serverAddresses: ServerAddressSettings;
  failedSignIns: number;
  throttledUntilMs: number;
  directoryRevision: number;
  nextProductNumber: number;
  readonly publish: (event: LiveEvent) => void;
}

export function isoAt(ms: number): string {
  return new Date(ms).toISOString();
}

export function topGroup(world: World): Group {
  const top = [...world.groups.values()].find((group) => group.parentId === null);
  if (top === undefined) throw new Error('the world has no top group');
  return top;
}

/** The group and all below it. */
export function groupAndBelow(world: World, groupId: string): Set<string> {
  const ids = new Set([groupId]);
  for (const group of world.groups.values()) {
    if (group.parentId !== null && ids.has(group.parentId)) ids.add(group.id);
  }
  return ids;
}

/** Recomputes paths, depths and counts after a change; parents come before children again. */
export function settleGroups(world: World): void {
  const all = [...world.groups.values()];
  const counts = new Map<string, number>();
  for (const { summary } of world.devices.values()) {
    counts.set(summary.groupId, (counts.get(summary.groupId) ?? 0) + 1);
  }
  const ordered = new Map<string, Group>();
  const visit = (parentId: string | null, path: readonly string[], depth: number): void => {
    for (const group of all.filter((candidate) => candidate.parentId === parentId)) {
      const ownPath = parentId === null ? [] : [...path, group.name];
      ordered.set(group.id, { ...group, path: ownPath, depth, deviceCount: counts.get(group.id) ?? 0 });
      visit(group.id, ownPath, depth + 1);
    }
  };
  visit(null, [], 0);
  world.groups = ordered;
  for (const device of world.devices.values()) {
    const group = ordered.get(device.summary.groupId);
    if (group !== undefined) device.summary = { ...device.summary, groupPath: group.path };
  }
  world.directoryRevision += 1;
}

export function record(
  world: World,
  entry: Pick<AuditEntry, 'action' | 'objectKind' | 'objectId' | 'objectName'> & Partial<AuditEntry>,
): void {
  const nowMs = world.now();
  world.audit.unshift({
    id: world.random.uuid(nowMs),
    sequence: (world.audit[0]?.sequence ?? 0) + 1,
    occurredAt: isoAt(nowMs),
    actorKind: 'administrator',
    actorName: 'admin',
    details: {},
    remoteAddress: '192.0.2.17',
    requestId: `req-${world.random.hex(8)}`,
    ...entry,
  });
}
