/**
 * The datagrams of products: receives heartbeats and probes by UDP, and heartbeats by HTTPS too, verifies and answers them, and
 * sends notifications by UDP until they are acknowledged (docs/protocol.md, sections 10 and 11). Promises that a datagram without a
 * right code changes nothing and has no answer, and that a flood takes its share of the time and no more. It knows no product: who
 * records heartbeats (`presence`) and who calls products (`notification`) are plugged in, and neither is known here.
 */
import { availableParallelism } from 'node:os';
import type { NotificationDatagram } from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { DatagramCalls } from './datagram-calls.ts';
import { DatagramCounts } from './datagram-counts.ts';
import { DatagramDispatcher, type HeartbeatRecorder, type ProductCaller } from './datagram-dispatcher.ts';
import { datagramsErrorStatus } from './datagrams.errors.ts';
import { registerDatagramRoutes } from './datagrams.routes.ts';
import { ProbeNotes } from './probe-notes.ts';
import { openUdpListener, planReceivers } from './udp-listener.ts';
import type { Endpoint, UdpListener } from './udp-sockets.ts';

export type {
  HeartbeatKind,
  HeartbeatOutcome,
  HeartbeatRecorder,
  ProductCaller,
  ReceivedHeartbeat,
} from './datagram-dispatcher.ts';
export type { Endpoint } from './udp-sockets.ts';

export interface DatagramsDependencies {
  readonly platform: Pick<Platform, 'clock' | 'log' | 'keys' | 'server' | 'metrics' | 'registerHotMcpRoute'>;
}

export interface DatagramsModule {
  /** Once, while the server is put together: who is told what datagrams bring. Heartbeats by HTTPS are taken from here on. */
  plugIn(parts: {
    readonly recorder: HeartbeatRecorder;
    readonly caller: ProductCaller;
    /** Version of the newest snapshot metadata of components; 0 where there is none. */
    readonly catalogueVersion?: () => number;
  }): void;
  /** Opens the UDP port. @param productCount how many may be expected to send */
  open(productCount: number): Promise<void>;
  /** Closes the port, and gives up what waits for an acknowledgement. */
  close(): Promise<void>;

  /** Port for datagrams; null while there is none. */
  udpPort(): number | null;
  /** The nonce that probes of this product and epoch carry. */
  probeNonceFor(productNumber: number, epoch: number): Uint8Array;
  /** How many probes of this epoch arrived lately; asking uses them up. */
  takeProbesSeen(productNumber: number, epoch: number): number;

  /** Sends a sealed notification until it is acknowledged, or given up: then false. One for each product at most. */
  call(notification: NotificationDatagram, bytes: Uint8Array, to: Endpoint): Promise<boolean>;
  /** Gives up the call of this product that is under way. */
  endCall(productNumber: number): void;
}

export function createDatagramsModule({ platform }: DatagramsDependencies): DatagramsModule {
  const { clock, keys } = platform;
  const counts = new DatagramCounts();
  const probes = new ProbeNotes(deriveKey(keys.masterKey, KeyLabel.probeNonce));
  const calls = new DatagramCalls((bytes, port, address) => listener?.send(bytes, port, address));
  let dispatcher: DatagramDispatcher | undefined;
  let listener: UdpListener | undefined;

  registerErrorStatus(datagramsErrorStatus);
  counts.registerIn(platform.metrics);

  return {
    plugIn({ recorder, caller, catalogueVersion }) {
      const heartbeatKey = deriveKey(keys.masterKey, KeyLabel.heartbeat);
      dispatcher = new DatagramDispatcher({
        heartbeatKey,
        recorder,
        caller,
        catalogueVersion,
        calls,
        probes,
        clock,
      });
      registerDatagramRoutes(platform.registerHotMcpRoute, dispatcher, counts);
    },
    async open(productCount) {
      const { udp } = platform.server;
      if (udp === null) return;
      if (dispatcher === undefined)
        throw new TypeError('Datagrams were opened before anybody was plugged in');
      const receivers =
        udp.receivers ?? planReceivers(productCount, availableParallelism(), process.platform);
      listener = await openUdpListener({ ...udp, receivers, dispatcher, counts, clock, log: platform.log });
      const facts = { udpPort: listener.port, receivers, products: productCount };
      platform.log.info(facts, 'heartbeats are received');
    },
    async close() {
      calls.stop();
      await listener?.close();
      listener = undefined;
    },

    udpPort: () => listener?.port ?? null,
    probeNonceFor: (productNumber, epoch) => probes.nonceFor(productNumber, epoch),
    takeProbesSeen: (productNumber, epoch) => probes.take(productNumber, epoch, clock.monotonic()),

    call: (notification, bytes, to) => calls.call(notification, bytes, to),
    endCall: (productNumber) => calls.end(productNumber),
  };
}
