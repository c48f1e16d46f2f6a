import type { Clock } from '@holdfast/kernel';
import type { Arrival } from './arrival-plan.ts';
import { drawAt, DrawPurpose } from './draw.ts';
import { type NetworkFaults, noNetworkFaults, noProductFaults, type ProductFaults } from './fault-plan.ts';
import type { SavedFleet } from './fleet-state-file.ts';

/** How the products of a fleet send heartbeats; `mixed`: every other one has no UDP. */
export const FleetTransport = { udp: 'udp', https: 'https', mixed: 'mixed' } as const;
export type FleetTransport = (typeof FleetTransport)[keyof typeof FleetTransport];

/** Commands that a simulated product says it obeys; it reports each as done and does nothing. */
export const simulatedCommandTypes: readonly string[] = [
  'collect-inventory',
  'synchronise-now',
  'restart-agent',
  'upload-logs',
  'handshake-again',
  'set-log-level',
  'run-health-check',
];

export interface FleetSettings {
  /** `https://host:port`. Only this computer, unless `isOwnServer`. */
  readonly server: string;
  /** Enrolment token; needed when a product of the fleet is not registered yet. */
  readonly token?: string;
  readonly products: number;
  readonly transport: FleetTransport;
  readonly arrival: Arrival;
  /** Time in which all products have started. */
  readonly arriveWithinMs: number;
  /** Length of the run, over which faults of products are spread. */
  readonly runMs: number;
  readonly networkFaults: NetworkFaults;
  readonly productFaults: ProductFaults;
  readonly obeysCommands: boolean;
  /** Decides arrivals, waits and faults. Keys are not derived from it. */
  readonly seed: number;
  /** HTTPS connections of the whole fleet. */
  readonly connections: number;
  /** Number of loopback addresses to send from; 0: the system chooses one. */
  readonly addresses: number;
  /** The server is the caller's, wherever it is. */
  readonly isOwnServer: boolean;
  /** In the place of the server's interval, against the protocol. */
  readonly forcedIntervalMs?: number;
  /** What an earlier run saved. */
  readonly saved?: SavedFleet;
  /** For one HTTPS call. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/** All but the server, the number of products and the clock. */
export const defaultFleetSettings: Omit<FleetSettings, 'server' | 'products' | 'clock'> = {
  transport: FleetTransport.udp,
  arrival: 'steady',
  arriveWithinMs: 60_000,
  runMs: 600_000,
  networkFaults: noNetworkFaults,
  productFaults: noProductFaults,
  obeysCommands: false,
  seed: 1,
  connections: 64,
  addresses: 0,
  isOwnServer: false,
  timeoutMs: 30_000,
};

/** True for the products that send datagrams. */
export function hasUdp(settings: Pick<FleetSettings, 'transport' | 'seed'>, index: number): boolean {
  const { transport, seed } = settings;
  return transport === FleetTransport.mixed
    ? drawAt(seed, index, DrawPurpose.transport, 0) < 0.5
    : transport === FleetTransport.udp;
}
