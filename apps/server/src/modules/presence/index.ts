/**
 * Who is alive: takes heartbeats by UDP and HTTPS and every other sign of life, decides the status of each product in
 * memory (docs/presence.md), and brings the database up to it in batches. Promises that silence is measured only in
 * time during which this server listened, that a datagram without a right code changes nothing, and that work per
 * heartbeat does not depend on the size of the fleet. Does not promise that the database knows the last second.
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { Presence, Transport } from '@holdfast/api';
import { type Activity, limits } from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import { isTransientDatabaseError } from '../../platform/database/index.ts';
import type { Platform } from '../../platform/platform.ts';
import type { DatagramCaller } from './datagram-caller.ts';
import { DatagramCounts } from './datagram-counts.ts';
import { HeartbeatDoor } from './heartbeat-door.ts';
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
import { presenceErrorStatus } from './presence.errors.ts';
import { presenceEvents } from './presence.events.ts';
import { registerPresenceRoutes } from './presence.routes.ts';
import { ProbeNotes } from './probe-notes.ts';
import { planReceivers } from './receiver-plan.ts';
import type { CommunicationTimes } from './silence.ts';
import { openUdpListener, type UdpListener } from './udp-listener.ts';

export type { DatagramCaller, ReceivedAcknowledgement } from './datagram-caller.ts';
export type { LastSeenPlace, LastSeenQuery } from './last-seen-order.ts';
export type { SignKind } from './presence-code.ts';
export type { PresenceProfile } from './presence-profiles.ts';
export type { CommunicationTimes } from './silence.ts';

export type PresenceDependencies = Pick<
  Platform,
  | 'database'
  | 'clock'
  | 'log'
  | 'events'
  | 'live'
  | 'ticks'
  | 'keys'
  | 'server'
  | 'metrics'
  | 'recordEvents'
  | 'registerHotMcpRoute'
>;

export interface PresenceModule {
  /** Reads the fleet back from the database. */
  load(): Promise<void>;
  /** Opens the UDP port and begins to decide. The profiles are there by now. */
  open(): Promise<void>;
  /** Closes the port and writes what is still in memory only. */
  stop(): Promise<void>;

  /** Status, reason and times as they are now. A product that is not known is offline and was never seen. */
  currentPresence(productNumber: number): Presence;
  currentActivity(productNumber: number): Activity;
  statusCounts(): Readonly<Record<string, number>>;
  productCount(): number;
  /** The next products in the order of their last sign of life. */
  listByLastSeen(query: LastSeenQuery): LastSeenPlace[];
  /** Brings the statuses in the database up to memory, where it takes changes: call it before filtering by them. */
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
  /** While the server is put together: who calls products, and is told what is seen of them. */
  useCaller(caller: DatagramCaller): void;
  /** Sends from the port for heartbeats, and forgets. */
  sendDatagram(bytes: Uint8Array, port: number, address: string): void;
  /** Port for heartbeats; null while there is none. */
  udpPort(): number | null;
  /** The nonce that probes of this product and epoch carry. */
  probeNonceFor(productNumber: number, epoch: number): Uint8Array;
  /** How many probes of this epoch arrived lately; asking uses them up. */
  takeProbesSeen(productNumber: number, epoch: number): number;
}

const SAVE_INTERVAL_MS = 1_000;
const LOAD_INTERVAL_MS = 1_000;
// Until the profiles are known, at the start.
const NO_TIMES: CommunicationTimes = {
  heartbeatIntervalMs: limits.maxHeartbeatIntervalMs,
  offlineTimeoutMs: limits.maxOfflineTimeoutMs,
};

export function createPresenceModule(deps: PresenceDependencies): PresenceModule {
  const { database, clock, keys } = deps;
  const engine = new PresenceEngine({
    clock,
    times: NO_TIMES,
    onLate: (productNumber) => door.caller.askLate(productNumber),
  });
  const probes = new ProbeNotes(deriveKey(keys.masterKey, KeyLabel.probeNonce));
  const heartbeatKey = deriveKey(keys.masterKey, KeyLabel.heartbeat);
  const door = new HeartbeatDoor({ heartbeatKey, engine, probes, clock });
  const counts = new DatagramCounts();
  const saver = new PresenceSaver(database, engine, deps.recordEvents);
  const announcer = new PresenceAnnouncer(database, deps.live, engine);
  let listener: UdpListener | undefined;

  registerErrorStatus(presenceErrorStatus);
  deps.events.define(presenceEvents);
  registerPresenceRoutes(deps.registerHotMcpRoute, door, counts);
  registerPresenceMetrics(deps.metrics, engine, counts);

  return {
    async load() {
      await loadPresence(database, engine);
    },
    async open() {
      // The time that loading took is the server's own lateness, not silence of the fleet.
      engine.turn();
      deps.ticks.every('presence.turn', TICK_MS, async () => engine.turn());
      deps.ticks.every('presence.announce', TICK_MS, () => announcer.announce());
      deps.ticks.every('presence.save', SAVE_INTERVAL_MS, () => saver.saveAll());
      const readLoad = startLoadReading();
      deps.ticks.every('presence.load', LOAD_INTERVAL_MS, async () => {
        engine.profiles.stretch = planStretch(engine.profiles.stretch, readLoad());
      });
      const { udp } = deps.server;
      if (udp === null) return;
      const receivers =
        udp.receivers ?? planReceivers(engine.count, availableParallelism(), process.platform);
      listener = await openUdpListener({ ...udp, receivers, door, counts, clock, log: deps.log });
      const facts = { udpPort: listener.port, receivers, products: engine.count };
      deps.log.info(facts, 'heartbeats are received');
    },
    async stop() {
      await listener?.close();
      listener = undefined;
      try {
        await saver.saveAll();
      } catch (error) {
        // Stopping goes on without a database. What is lost is what a crash would lose.
        deps.log.warn(
          { err: error, products: engine.unsaved.length },
          'the last signs of life could not be saved',
        );
      }
    },

    currentPresence: (productNumber) => engine.current(productNumber),
    currentActivity: (productNumber) => engine.table.readActivity(productNumber),
    statusCounts: () => engine.statusCounts(),
    productCount: () => engine.count,
    listByLastSeen: (query) => listByLastSeen(engine.table, query),
    async saveStatuses() {
      try {
        await saver.saveStatuses();
      } catch (error) {
        // Whoever reads is better off with the statuses of a moment ago than with nothing.
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
      door.caller.endCalls(productNumber);
    },
    beginEpoch: (productNumber, epoch) => engine.beginEpoch(productNumber, epoch),
    setTransport: (productNumber, transport) => engine.setTransport(productNumber, transport),
    setDisabled(productNumber, isDisabled) {
      engine.setDisabled(productNumber, isDisabled);
      if (isDisabled) door.caller.endCalls(productNumber);
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
    useCaller(caller) {
      door.caller = caller;
    },
    sendDatagram: (bytes, port, address) => listener?.send(bytes, port, address),
    udpPort: () => listener?.port ?? null,
    probeNonceFor: (productNumber, epoch) => probes.nonceFor(productNumber, epoch),
    takeProbesSeen: (productNumber, epoch) => probes.take(productNumber, epoch, clock.monotonic()),
  };
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
