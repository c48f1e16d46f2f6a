/**
 * Who is alive: records heartbeats and every other sign of life, decides the status of each product in memory
 * (docs/presence.md), and brings the database up to it in batches. Promises that silence is measured only in time during
 * which this server listened, and that work per heartbeat does not depend on the size of the fleet. Does not promise that
 * the database knows the last second. Receives no datagram (`datagrams`), and calls nobody (`notification`).
 */
import { performance } from 'node:perf_hooks';
import type { Presence, Transport } from '@holdfast/api';
import { type Activity, limits } from '@holdfast/protocol';
import { isTransientDatabaseError } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { HeartbeatRecorder } from '../datagrams/index.ts';
import { type LastSeenPlace, type LastSeenQuery, listByLastSeen } from './last-seen-order.ts';
import { PresenceAnnouncer } from './presence-announcer.service.ts';
import type { SignKind } from './presence-code.ts';
import { TICK_MS } from './grace.ts';
import { PresenceEngine } from './presence-engine.ts';
import { type Load, planReturnSpreadMs, planStretch } from './load-gauge.ts';
import { loadPresence } from './presence-loader.service.ts';
import { registerPresenceMetrics } from './presence-metrics.ts';
import { PresenceSaver } from './presence-saver.service.ts';
import type { PresenceProfile } from './presence-profiles.ts';
import { presenceEvents } from './presence.events.ts';
import type { CommunicationTimes } from './silence.ts';

export type { LastSeenPlace, LastSeenQuery } from './last-seen-order.ts';
export type { SignKind } from './presence-code.ts';
export type { PresenceProfile } from './presence-profiles.ts';

export interface PresenceDependencies {
  readonly platform: Pick<
    Platform,
    'database' | 'clock' | 'log' | 'events' | 'live' | 'ticks' | 'metrics' | 'recordEvents'
  >;
}

export interface PresenceModule {
  /** Reads the fleet back from the database. */
  load(): Promise<void>;
  /** Begins to decide. The profiles are there by now. */
  start(): void;
  /** Writes what is still in memory only. */
  stop(): Promise<void>;

  /** Takes the heartbeats. */
  readonly recorder: HeartbeatRecorder;

  /** Status, reason and times as they are now. A product that is not known is offline and was never seen. */
  currentPresence(productNumber: number): Presence;
  currentActivity(productNumber: number): Activity;
  statusCounts(): Readonly<Record<string, number>>;
  productCount(): number;
  /** The next products in the order of their last sign of life. */
  listByLastSeen(query: LastSeenQuery): LastSeenPlace[];
  /** Writes the statuses in memory to the database where it accepts changes: call it before filtering by them. */
  saveStatuses(): Promise<void>;

  /** Any authenticated call of a product counts as a sign of life. */
  recordSign(productNumber: number, kind: SignKind): void;
  /** What waits for the product: the answers to its heartbeats tell it to come, in idle hours only for what is urgent. */
  setCommandsWaiting(productNumber: number, areWaiting: boolean, isUrgent: boolean): void;
  /** Whether the product is told to come at this moment. */
  areCommandsWaiting(productNumber: number): boolean;
  isUrgentWaiting(productNumber: number): boolean;

  /** Epoch whose access tokens and heartbeats are good; `undefined` for a product that is unknown or disabled. */
  findEpoch(productNumber: number): number | undefined;
  isDisabled(productNumber: number): boolean;
  /** After the commit that registered the product. */
  addProduct(productNumber: number): void;
  /** After the commit that removed the product for good. */
  removeProduct(productNumber: number): void;
  /** After the commit of a handshake. */
  beginEpoch(productNumber: number, epoch: number): void;
  setTransport(productNumber: number, transport: Transport): void;
  setDisabled(productNumber: number, isDisabled: boolean): void;

  /** Who communicates how, all at once; see `PresenceEngine.replaceProfiles`. */
  replaceProfiles(
    profiles: readonly PresenceProfile[],
    top: number,
    assignments: readonly { readonly profile: number; readonly productNumbers: readonly number[] }[],
  ): void;
  addProfiles(profiles: readonly PresenceProfile[]): void;
  assignProfile(productNumber: number, profile: number): void;
  /** Idle hours of the product's group: only what is urgent goes to it. */
  isIdle(productNumber: number): boolean;
  /** When its idle hours end, while they last: infinity when they never do. Undefined in working hours. */
  idleUntil(productNumber: number): number | undefined;
  /** The interval that the product is told at this moment. */
  nextIntervalMs(productNumber: number): number;
  /** Time over which the fleet is to spread its return when this server was away. */
  returnSpreadMs(): number;

  /** The interval that the product was told last; null before the first. */
  toldIntervalMs(productNumber: number): number | null;

  /** It is online, and its heartbeat is late. */
  isLate(productNumber: number): boolean;
  /** A product whose heartbeat is late does not answer, and its port is closed. */
  noteClosedPort(productNumber: number): void;
  /** Hears of each product whose heartbeat is late: it can still be that only the heartbeat was lost. */
  onLate(listener: ProductListener): void;
  /** Hears of each product that is disabled or whose record is gone. */
  onGone(listener: ProductListener): void;
}

export type ProductListener = (productNumber: number) => void;

const SAVE_INTERVAL_MS = 1_000;
const LOAD_INTERVAL_MS = 1_000;
// Until the profiles are known, at the start.
const NO_TIMES: CommunicationTimes = {
  heartbeatIntervalMs: limits.maxHeartbeatIntervalMs,
  offlineTimeoutMs: limits.maxOfflineTimeoutMs,
};

export function createPresenceModule({ platform }: PresenceDependencies): PresenceModule {
  const { database, clock } = platform;
  const lateListeners: ProductListener[] = [];
  const goneListeners: ProductListener[] = [];
  const engine = new PresenceEngine({
    clock,
    times: NO_TIMES,
    onLate: (productNumber) => tell(lateListeners, productNumber),
  });
  const saver = new PresenceSaver(database, engine, platform.recordEvents);
  const announcer = new PresenceAnnouncer(database, platform.live, engine);

  platform.events.define(presenceEvents);
  registerPresenceMetrics(platform.metrics, engine);

  return {
    async load() {
      await loadPresence(database, engine);
    },
    start() {
      // The time that loading took is the server's own lateness, not silence of the fleet.
      engine.turn();
      platform.ticks.every('presence.turn', TICK_MS, async () => engine.turn());
      platform.ticks.every('presence.announce', TICK_MS, () => announcer.announce());
      platform.ticks.every('presence.save', SAVE_INTERVAL_MS, () => saver.saveAll());
      const readLoad = startLoadReading();
      platform.ticks.every('presence.load', LOAD_INTERVAL_MS, async () => {
        engine.profiles.stretch = planStretch(engine.profiles.stretch, readLoad());
      });
    },
    async stop() {
      try {
        await saver.saveAll();
      } catch (error) {
        // Stopping continues without a database. No more is lost than by a crash.
        platform.log.warn(
          { err: error, products: engine.unsaved.length },
          'the last signs of life could not be saved',
        );
      }
    },

    recorder: engine,

    currentPresence: (productNumber) => engine.current(productNumber),
    currentActivity: (productNumber) => engine.table.readActivity(productNumber),
    statusCounts: () => engine.table.statusCounts(),
    productCount: () => engine.count,
    listByLastSeen: (query) => listByLastSeen(engine.table, query),
    async saveStatuses() {
      try {
        await saver.saveStatuses();
      } catch (error) {
        // Statuses of a moment ago are better than none.
        if (!isTransientDatabaseError(error)) throw error;
      }
    },

    recordSign: (productNumber, kind) => engine.recordSign(productNumber, kind),
    setCommandsWaiting: (productNumber, areWaiting, isUrgent) =>
      engine.setCommandsWaiting(productNumber, areWaiting, isUrgent),
    areCommandsWaiting: (productNumber) => engine.areCommandsWaiting(productNumber),
    isUrgentWaiting: (productNumber) => engine.isUrgentWaiting(productNumber),

    findEpoch: (productNumber) => engine.findEpoch(productNumber),
    isDisabled: (productNumber) => engine.isDisabled(productNumber),
    addProduct: (productNumber) => engine.add(productNumber),
    removeProduct(productNumber) {
      engine.remove(productNumber);
      tell(goneListeners, productNumber);
    },
    beginEpoch: (productNumber, epoch) => engine.beginEpoch(productNumber, epoch),
    setTransport: (productNumber, transport) => engine.setTransport(productNumber, transport),
    setDisabled(productNumber, isDisabled) {
      engine.setDisabled(productNumber, isDisabled);
      if (isDisabled) tell(goneListeners, productNumber);
    },

    replaceProfiles: (profiles, top, assignments) => engine.replaceProfiles(profiles, top, assignments),
    addProfiles: (profiles) => engine.profiles.replace(profiles),
    assignProfile: (productNumber, profile) => engine.assignProfile(productNumber, profile),
    isIdle: (productNumber) => engine.isIdle(productNumber),
    idleUntil: (productNumber) => engine.idleUntil(productNumber),
    nextIntervalMs: (productNumber) => engine.nextIntervalMs(productNumber),
    returnSpreadMs: () => planReturnSpreadMs(engine.count),

    toldIntervalMs: (productNumber) => engine.table.columns.intervalMs[productNumber] || null,

    isLate: (productNumber) => engine.isLate(productNumber),
    noteClosedPort: (productNumber) => engine.noteClosedPort(productNumber),
    onLate: (listener) => void lateListeners.push(listener),
    onGone: (listener) => void goneListeners.push(listener),
  };
}

function tell(listeners: readonly ProductListener[], productNumber: number): void {
  for (const listener of listeners) listener(productNumber);
}

/** Fine enough for the delays that count, from a fifth of a second on; a server at rest is woken for it as seldom as that allows. */
const DELAY_LOOK_MS = 100;

/** Each reading is about the time since the one before. */
function startLoadReading(): () => Load {
  let before = performance.eventLoopUtilization();
  let lookedAt = performance.now();
  let worstMs = 0;
  const look = (): void => {
    const now = performance.now();
    worstMs = Math.max(worstMs, now - lookedAt - DELAY_LOOK_MS);
    lookedAt = now;
  };
  setInterval(look, DELAY_LOOK_MS).unref();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, before);
    before = now;
    look();
    const delayMs = worstMs;
    worstMs = 0;
    return { utilisation: utilization, delayMs };
  };
}
