/** One activity item as it travels: unknown ids are kept as bytes, so that a relay can pass them on. */
export interface ActivityItem {
  /** 1 to 65,535; ids are append-only. */
  readonly id: number;
  readonly value: Uint8Array;
}

interface ActivityItemDefinition {
  readonly id: number;
  readonly valueBytes: 1 | 2 | 4;
}

/** The items this version knows: big-endian unsigned integers of a fixed length. */
export const activityItems = {
  /** Whole seconds since the device started. */
  uptimeS: { id: 1, valueBytes: 4 },
  /** One-minute load average times 100, saturating. */
  loadAverageHundredths: { id: 2, valueBytes: 2 },
  /** 0 to 100. */
  memoryInUsePercent: { id: 3, valueBytes: 1 },
  /** Resident memory of the agent itself. */
  agentMemoryKiB: { id: 4, valueBytes: 4 },
  /** Free space of the volume the system runs from, 0 to 100. */
  systemVolumeFreePercent: { id: 5, valueBytes: 1 },
  /** What keeps the agent from its work, one bit each (`troubles`); 0: nothing. */
  troubles: { id: 6, valueBytes: 2 },
} as const satisfies Record<string, ActivityItemDefinition>;

export type ActivityName = keyof typeof activityItems;
export type Activity = Partial<Record<ActivityName, number>>;

const definitions = Object.entries(activityItems) as readonly [ActivityName, ActivityItemDefinition][];
const nameById = new Map<number, ActivityName>(definitions.map(([name, { id }]) => [id, name]));

/** Length that a known id must have, or 0 for an unknown id. */
const lengthById = new Uint8Array(Math.max(...definitions.map(([, { id }]) => id)) + 1);
for (const [, { id, valueBytes }] of definitions) lengthById[id] = valueBytes;

/** True when an item of this id may have this length: known ids have a fixed one, unknown ids any. */
export function isActivityItemLength(id: number, length: number): boolean {
  const wanted = id < lengthById.length ? lengthById[id] : 0;
  return wanted === 0 || wanted === length;
}

/** Items for the wire, ascending by id. Values are rounded and saturate; a value that is not a number is left out. */
export function encodeActivity(activity: Activity): ActivityItem[] {
  const items: ActivityItem[] = [];
  for (const [name, { id, valueBytes }] of definitions) {
    const given = activity[name];
    if (given === undefined || Number.isNaN(given)) continue;
    let rest = Math.min(2 ** (8 * valueBytes) - 1, Math.max(0, Math.round(given)));
    const value = new Uint8Array(valueBytes);
    for (let i = valueBytes - 1; i >= 0; i--) {
      value[i] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    items.push({ id, value });
  }
  return items.sort((left, right) => left.id - right.id);
}

/** The known items by name. Unknown ids and known ids of a wrong length are left out. */
export function decodeActivity(items: Iterable<ActivityItem>): Activity {
  const activity: Activity = {};
  for (const { id, value } of items) {
    const name = nameById.get(id);
    if (name === undefined || !isActivityItemLength(id, value.length)) continue;
    let number = 0;
    for (const byte of value) number = number * 256 + byte;
    activity[name] = number;
  }
  return activity;
}
