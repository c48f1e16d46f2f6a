import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import {
  type Activity,
  capabilityVersion,
  type Command,
  type CommandReport,
  type CommunicationMode,
  type ComponentStatesAnswer,
  type ComponentStatesRequest,
  datagramMediaType,
  DatagramVerifier,
  type InventoryRequest,
  type LogEntry,
} from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';

export interface FakeProduct {
  readonly productNumber: number;
  readonly thumbprint: string;
  epoch: number;
  lastSequence: number;
  isDisabled: boolean;
  /** Signs of life that counted. */
  heartbeats: number;
  /** Those of them that said that the product stops. */
  goodbyes: number;
  /** Of the last one that counted. */
  waitingLogEntries: number;
  activity: Activity;
  policyRevision: number;
  /** How it can be called, as the last choice settled it. */
  mode: CommunicationMode;
  listenerPort: number | null;
  /** Where its last heartbeat by UDP came from. */
  udpAddress: { readonly address: string; readonly port: number } | undefined;
  /** The stream of notifications that it keeps open. */
  stream: ServerResponse | undefined;
}

export interface FakeReply {
  readonly status: number;
  readonly mediaType: string;
  readonly body: Uint8Array;
}

/** Switches that make the server misbehave. */
export interface FakeFaults {
  /** Datagrams of products arrive. */
  udpInward: boolean;
  /** Answers to datagrams are sent. */
  udpOutward: boolean;
  /** Answers instead of the server, for a path. */
  answer: ((path: string) => FakeReply | undefined | Promise<FakeReply | undefined>) | undefined;
}

/** Everything a fake server knows. */
export interface FakeServerState {
  readonly masterKey: KeyObject;
  readonly verifier: DatagramVerifier;
  readonly fingerprint: string;
  readonly authority: string;
  readonly tokenId: string;
  readonly tokenSecret: string;
  readonly deviceId: string;
  readonly groupId: string;
  readonly groupPath: string[];
  readonly products: Map<string, FakeProduct>;
  readonly usedNonces: Set<string>;
  readonly probes: Map<string, number>;
  readonly commands: Command[];
  /** Ids of commands that an administrator has cancelled before they were accepted. */
  readonly cancelled: Set<string>;
  /** Ids of accepted commands that an administrator wants ended. */
  readonly cancelling: Set<string>;
  /** The last report of each command. */
  readonly reports: Map<string, CommandReport>;
  /** Every report in the order in which it came, repetitions included. */
  readonly reportLog: CommandReport[];
  readonly calls: string[];
  readonly faults: FakeFaults;
  /** Log entries by journal, each once and ascending. */
  readonly journals: Map<string, LogEntry[]>;
  inventory: InventoryRequest | undefined;
  /** What products said of their components, each time. */
  readonly componentStates: ComponentStatesRequest[];
  /** What they are told that they are not to take yet. */
  ceilings: ComponentStatesAnswer['ceilings'];
  /** Answers requests for files of the repository of components; `undefined`: there is none. */
  serveFile:
    | ((
        request: IncomingMessage,
        response: ServerResponse,
        call: { path: string; caller: string },
      ) => Promise<void>)
    | undefined;
  /** What acknowledgements say of the newest metadata; 0: nothing. */
  catalogueVersion: number;
  /** Of the last heartbeat, in hexadecimal. */
  componentSetDigest: string;
  needsApproval: boolean;
  commandsWait: boolean;
  /** Idle hours, as acknowledgements say. */
  isIdle: boolean;
  intervalMs: number;
  udpPort: number;
  /** Port on which products are to listen; null: none. */
  listenerPort: number | null;
  /** What handshakes tell of its addresses; `undefined`: nothing. */
  addresses: readonly string[] | undefined;
  /** What the administrator wants; products are one-way unless a test says otherwise. */
  pinnedMode: CommunicationMode | 'automatic';
  hasFreeStream: boolean;
  returnSpreadMs: number;
  /** What the answer that is a stream says it is. */
  streamMediaType: string;
  notificationSequence: number;
  /** Notifications by UDP whose acknowledgement came. */
  notificationsAcknowledged: number;
  /** Milliseconds that the server's clock is ahead. */
  clockAheadMs: number;
  /** What the server says that it understands; undefined: nothing, as the first release. */
  capabilityVersion: number | undefined;
}

export function createFakeServerState(fingerprint: string, authority: string): FakeServerState {
  const masterKey = createSecretKey(randomBytes(32));
  return {
    masterKey,
    verifier: new DatagramVerifier(deriveKey(masterKey, KeyLabel.heartbeat)),
    fingerprint,
    authority,
    tokenId: createId(),
    tokenSecret: randomBytes(32).toString('base64url'),
    deviceId: createId(),
    groupId: createId(),
    groupPath: ['Berlin', 'Servers'],
    products: new Map(),
    usedNonces: new Set(),
    probes: new Map(),
    commands: [],
    cancelled: new Set(),
    cancelling: new Set(),
    reports: new Map(),
    reportLog: [],
    calls: [],
    faults: { udpInward: true, udpOutward: true, answer: undefined },
    journals: new Map(),
    inventory: undefined,
    componentStates: [],
    ceilings: undefined,
    serveFile: undefined,
    catalogueVersion: 0,
    componentSetDigest: '',
    needsApproval: false,
    commandsWait: false,
    isIdle: false,
    intervalMs: 60_000,
    udpPort: 0,
    listenerPort: null,
    addresses: undefined,
    pinnedMode: 'one-way',
    hasFreeStream: true,
    returnSpreadMs: 0,
    streamMediaType: datagramMediaType,
    notificationSequence: 0,
    notificationsAcknowledged: 0,
    clockAheadMs: 0,
    capabilityVersion,
  };
}

function createId(): string {
  return createUuidV7(systemClock.now(), randomBytes(10));
}
