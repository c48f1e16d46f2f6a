import { createSecretKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DatagramError, type DatagramRefusal } from './datagram.errors.ts';
import type { Datagram, HeartbeatDatagram } from './datagram.ts';
import { DatagramKey } from './datagram-key.ts';
import { HeartbeatKeyDerivation } from './heartbeat-key.ts';

interface VectorBytes {
  readonly name: string;
  readonly bytes: readonly { readonly field: string; readonly hex: string }[];
}

/** A decoded datagram as JSON writes it: byte strings in hexadecimal. */
export type VectorDatagram = Readonly<Record<string, unknown>> & {
  readonly productNumber: number;
  readonly epoch: number;
};

/** vectors/datagrams.json. */
export interface DatagramVectors {
  readonly masterKey: string;
  readonly valid: readonly (VectorBytes & { readonly decoded: VectorDatagram })[];
  readonly tolerated: readonly (VectorBytes & { readonly decoded: VectorDatagram })[];
  readonly refused: readonly (VectorBytes & { readonly code: DatagramRefusal })[];
}

export function readVectors<Vectors>(name: string): Vectors {
  // The file is ours and its form is fixed by the tests that read it.
  return JSON.parse(readFileSync(new URL(`../../vectors/${name}`, import.meta.url), 'utf8')) as Vectors;
}

export function joinBytes(vector: VectorBytes): Buffer {
  return Buffer.from(vector.bytes.map(({ hex }) => hex).join(''), 'hex');
}

/** The form of the vectors: byte strings become hexadecimal. */
export function toVectorDatagram(datagram: object): unknown {
  return JSON.parse(
    JSON.stringify(datagram, (_, value: unknown) =>
      value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
    ),
  );
}

export const masterKey = createSecretKey(Buffer.alloc(32, 7));

export function keyOf(productNumber: number, epoch: number, master = masterKey): DatagramKey {
  return new DatagramKey(createSecretKey(new HeartbeatKeyDerivation(master).deriveKey(productNumber, epoch)));
}

export const sampleHeartbeat: HeartbeatDatagram = {
  type: 'heartbeat',
  productNumber: 42,
  epoch: 3,
  sequence: 1_000,
  goingAway: false,
  serviceState: 'running',
  waitingLogEntries: 7,
  policyRevision: 12,
  componentSetDigest: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  items: [
    { id: 1, value: Uint8Array.of(0, 1, 0x51, 0x80) },
    { id: 3, value: Uint8Array.of(55) },
    { id: 900, value: Uint8Array.of(1, 2, 3) },
  ],
};

export const sampleDatagrams: readonly Datagram[] = [
  sampleHeartbeat,
  { ...sampleHeartbeat, items: [] },
  {
    type: 'heartbeat-acknowledgement',
    productNumber: 42,
    epoch: 3,
    sequence: 1_000,
    commandsWait: true,
    handshakeAgain: false,
    idle: false,
    nextIntervalMs: 60_000,
    serverTimeMs: 1_795_312_800_000,
  },
  { type: 'probe', productNumber: 42, epoch: 3, sequence: 1, nonce: new Uint8Array(16).fill(9) },
  {
    type: 'probe-acknowledgement',
    productNumber: 42,
    epoch: 3,
    sequence: 1,
    nonce: new Uint8Array(16).fill(9),
  },
  {
    type: 'notification',
    productNumber: 42,
    epoch: 3,
    sequence: 5,
    commandsWait: true,
    handshakeAgain: false,
    nonce: new Uint8Array(16).fill(8),
  },
  {
    type: 'notification-acknowledgement',
    productNumber: 42,
    epoch: 3,
    sequence: 5,
    nonce: new Uint8Array(16).fill(8),
  },
];

/** The code of the refusal, or `undefined` when `action` succeeds. Anything but a `DatagramError` is a failure of the test. */
export function refusalOf(action: () => unknown): DatagramRefusal | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    if (error instanceof DatagramError) return error.code;
    throw error;
  }
}
