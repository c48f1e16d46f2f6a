import type { Presence } from '@holdfast/api';
import type { Activity, ActivityName, ServiceState } from '@holdfast/protocol';
import { isAnswered, reasonCode, reasonOf, statusCode, statusOf } from './presence-code.ts';
import { reasonAfterRestart, type RememberedPresence } from './remembered-presence.ts';

/** Bits of the column `flags`. */
export const presenceFlags = {
  known: 1,
  disabled: 2,
  commandsWait: 4,
  /** The last sign said that the agent stops. */
  goingAway: 8,
  /** Answers to heartbeats reach the product. */
  answered: 16,
  /** Differs from the database. */
  unsaved: 32,
  /** The status changed and open views have not been told. */
  unannounced: 64,
  /** Its status differs from the one in the database, which lists are filtered by. */
  statusUnsaved: 128,
  /** Of the commands that wait, one passes in idle hours. */
  urgentWaits: 256,
} as const;

export const serviceStates = ['unknown', 'running', 'stopped'] as const satisfies readonly ServiceState[];

const activityBits: Readonly<Record<ActivityName, number>> = {
  uptimeS: 1,
  loadAverageHundredths: 2,
  memoryInUsePercent: 4,
  agentMemoryKiB: 8,
  systemVolumeFreePercent: 16,
  troubles: 32,
};
const activityNames = Object.keys(activityBits) as readonly ActivityName[];

/** Beyond this the columns would not fit into memory; numbers are dense, so no server gets there. */
export const MAX_TABLE_CAPACITY = 33_554_433;
const MIN_GROWTH = 1_024;

function createColumns(capacity: number) {
  return {
    flags: new Uint16Array(capacity),
    status: new Uint8Array(capacity),
    reason: new Uint8Array(capacity),
    /** Place in `serviceStates`. */
    serviceState: new Uint8Array(capacity),
    epoch: new Uint32Array(capacity),
    lastSequence: new Float64Array(capacity),
    /** Wall time, for people; 0 is never. */
    lastSeenAt: new Float64Array(capacity),
    changedAt: new Float64Array(capacity),
    /** Tick of the attentive clock at the last sign: what silence is measured from. */
    signTick: new Int32Array(capacity),
    /** Interval that the product was told last; 0 is none. */
    intervalMs: new Uint32Array(capacity),
    /** Interval by which its next sign is awaited: of those that it may know, the longest; 0 is none. */
    awaitedMs: new Uint32Array(capacity),
    /** Number of its profile in `PresenceProfiles`. */
    profile: new Uint16Array(capacity),
    activityMask: new Uint8Array(capacity),
    uptimeS: new Uint32Array(capacity),
    loadAverageHundredths: new Uint16Array(capacity),
    memoryInUsePercent: new Uint8Array(capacity),
    agentMemoryKiB: new Uint32Array(capacity),
    systemVolumeFreePercent: new Uint8Array(capacity),
    troubles: new Uint16Array(capacity),
  };
}

type Columns = ReturnType<typeof createColumns>;
const columnNames = Object.keys(createColumns(0)) as readonly (keyof Columns)[];

/**
 * What is known of each product, as columns indexed by product number: 65 bytes a product and no object, so that a
 * million products cost the garbage collector nothing. Index 0 is unused.
 */
export class PresenceTable {
  columns: Columns;
  readonly #statusCounts = new Int32Array(Object.keys(statusCode).length);

  constructor(capacity: number) {
    this.columns = createColumns(capacity);
  }

  get capacity(): number {
    return this.columns.flags.length;
  }

  get byteLength(): number {
    return columnNames.reduce((sum, name) => sum + this.columns[name].byteLength, 0);
  }

  has(number: number, flag: number): boolean {
    // A number beyond the table, or one that is none at all, has no flag.
    return ((this.columns.flags[number] ?? 0) & flag) !== 0;
  }

  set(number: number, flag: number, isSet: boolean): void {
    const { flags } = this.columns;
    const old = flags[number] ?? 0;
    flags[number] = isSet ? old | flag : old & ~flag;
  }

  isKnown(number: number): boolean {
    return this.has(number, presenceFlags.known);
  }

  /** How many products have each status. */
  statusCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const [status, code] of Object.entries(statusCode)) counts[status] = this.#statusCounts[code] ?? 0;
    return counts;
  }

  /** The status of a product that is known from now on. */
  enterStatus(number: number, code: number): void {
    this.columns.status[number] = code;
    this.#countStatus(code, 1);
  }

  /** The product is not known any more, or has another status from now on. */
  leaveStatus(number: number): void {
    this.#countStatus(this.columns.status[number] ?? 0, -1);
  }

  #countStatus(code: number, difference: 1 | -1): void {
    this.#statusCounts[code] = (this.#statusCounts[code] ?? 0) + difference;
  }

  /**
   * Makes room for this number, with a quarter to spare, so that growing stays rare.
   *
   * @throws RangeError beyond the bound: numbers are dense, so such a number is a fault
   */
  makeRoomFor(number: number): void {
    if (number < this.capacity) return;
    if (!(number < MAX_TABLE_CAPACITY)) {
      throw new RangeError(`"number" expected less than ${MAX_TABLE_CAPACITY}, got ${number}`);
    }
    const wanted = Math.max(number + 1, Math.ceil(this.capacity * 1.25), this.capacity + MIN_GROWTH);
    const grown = createColumns(Math.min(wanted, MAX_TABLE_CAPACITY));
    for (const name of columnNames) grown[name].set(this.columns[name]);
    this.columns = grown;
  }

  /** Forgets the product. Its profile stays: that belongs to its place in the directory. */
  clear(number: number): void {
    for (const name of columnNames) if (name !== 'profile') this.columns[name][number] = 0;
  }

  /** Every column is written, so that nothing has to be cleared before; old activity is masked. */
  writeRemembered(remembered: RememberedPresence, signTick: number): void {
    const { columns } = this;
    const number = remembered.productNumber;
    columns.epoch[number] = remembered.epoch;
    columns.lastSequence[number] = remembered.lastSequence;
    columns.lastSeenAt[number] = remembered.lastSeenAtMs ?? 0;
    columns.changedAt[number] = remembered.changedAtMs ?? 0;
    columns.reason[number] = reasonCode[reasonAfterRestart(remembered)];
    columns.serviceState[number] = serviceStates.indexOf(remembered.serviceState);
    columns.intervalMs[number] = remembered.intervalMs;
    columns.awaitedMs[number] = remembered.intervalMs;
    columns.signTick[number] = signTick;
    this.set(number, presenceFlags.answered, isAnswered(remembered.transport));
    this.set(number, presenceFlags.goingAway, remembered.reason === 'agent-stopped');
    this.set(number, presenceFlags.disabled, remembered.isDisabled);
    this.writeActivity(number, remembered.activity);
  }

  /** What people are told. A product that is not known is offline and was never seen. */
  readPresence(number: number): Presence {
    const { columns } = this;
    const isKnown = this.isKnown(number);
    return {
      status: isKnown ? statusOf(columns.status[number] ?? 0) : 'offline',
      reason: isKnown ? reasonOf(columns.reason[number] ?? 0) : 'never-seen',
      lastSeenAt: toInstant(columns.lastSeenAt[number]),
      changedAt: toInstant(columns.changedAt[number]),
    };
  }

  /** Replaces all activity values: what was not sent is not known. */
  writeActivity(number: number, activity: Activity): void {
    let mask = 0;
    for (const name of activityNames) {
      const value = activity[name];
      if (value === undefined) continue;
      mask |= activityBits[name];
      this.columns[name][number] = value;
    }
    this.columns.activityMask[number] = mask;
  }

  forgetActivity(number: number): void {
    this.columns.activityMask[number] = 0;
  }

  readActivity(number: number): Activity {
    const mask = this.columns.activityMask[number] ?? 0;
    const activity: Activity = {};
    for (const name of activityNames) {
      if ((mask & activityBits[name]) !== 0) activity[name] = this.columns[name][number] ?? 0;
    }
    return activity;
  }
}

function toInstant(atMs: number | undefined): string | null {
  return atMs === undefined || atMs === 0 ? null : new Date(atMs).toISOString();
}
