import { limits } from '../limits.ts';
import { encodeItems, sizeOfItems } from './encode-items.ts';
import type { ActivityItem } from './activity-items.ts';
import { areItemsWellFormed, copyItems, findStructureRefusal } from './datagram-structure.ts';
import { createDatagramError, DatagramRefusal } from './datagram.errors.ts';
import { macBytes } from './hmac-sha256.ts';
import {
  acknowledgementFlags,
  DatagramType,
  datagramVersion,
  heartbeatFlags,
  layout,
  notificationFlags,
  type ServiceState,
  serviceStateByNumber,
} from './layout.ts';
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from './wire-integer.ts';

interface DatagramHeader {
  /** 1 to 2^53-1. */
  readonly productNumber: number;
  /** Of the handshake whose key seals the datagram; greater with each handshake. */
  readonly epoch: number;
  /** From 1 with each epoch, and growing. An acknowledgement repeats the one it answers. */
  readonly sequence: number;
}

/** What a product says of itself with every sign of life. */
export interface HeartbeatContent {
  readonly goingAway: boolean;
  readonly serviceState: ServiceState;
  /** Log entries that wait to be uploaded; saturates at 65,535. */
  readonly waitingLogEntries: number;
  /** Revision of the policy in force; 0: none. */
  readonly policyRevision: number;
  /** 8 bytes that change when the set of installed components changes; zeros: none. */
  readonly componentSetDigest: Uint8Array;
  /** Ascending by id, no duplicates, at most 32. */
  readonly items: readonly ActivityItem[];
}

export interface AcknowledgementContent {
  readonly commandsWait: boolean;
  readonly handshakeAgain: boolean;
  /** Idle hours of the group: reports that are not urgent are kept until this is false again. */
  readonly idle: boolean;
  readonly nextIntervalMs: number;
  /** Server wall time in milliseconds since 1970. */
  readonly serverTimeMs: number;
  /** Version of the newest snapshot metadata of components that the server has for this product. Absent or 0: it says nothing. */
  readonly catalogueVersion?: number;
}

export interface HeartbeatDatagram extends DatagramHeader, HeartbeatContent {
  readonly type: 'heartbeat';
}

export interface AcknowledgementDatagram extends DatagramHeader, AcknowledgementContent {
  readonly type: 'heartbeat-acknowledgement';
}

export interface ProbeDatagram extends DatagramHeader {
  readonly type: 'probe' | 'probe-acknowledgement';
  /** 16 bytes, those of the handshake's answer. */
  readonly nonce: Uint8Array;
}

/** Why the server calls a product. Both false: it only asks whether the product is there. */
export interface NotificationContent {
  readonly commandsWait: boolean;
  readonly handshakeAgain: boolean;
}

export interface NotificationDatagram extends DatagramHeader, NotificationContent {
  readonly type: 'notification';
  /** 16 random bytes, new with each notification: the acknowledgement repeats them. */
  readonly nonce: Uint8Array;
}

export interface NotificationAcknowledgementDatagram extends DatagramHeader {
  readonly type: 'notification-acknowledgement';
  /** Those of the notification. */
  readonly nonce: Uint8Array;
}

export type Datagram =
  | HeartbeatDatagram
  | AcknowledgementDatagram
  | ProbeDatagram
  | NotificationDatagram
  | NotificationAcknowledgementDatagram;

const typeNumber: Record<Datagram['type'], DatagramType> = {
  heartbeat: DatagramType.heartbeat,
  'heartbeat-acknowledgement': DatagramType.heartbeatAcknowledgement,
  probe: DatagramType.probe,
  'probe-acknowledgement': DatagramType.probeAcknowledgement,
  notification: DatagramType.notification,
  'notification-acknowledgement': DatagramType.notificationAcknowledgement,
};

/**
 * The bytes of a datagram, its last 16 still zero: `DatagramKey.seal` writes the code there.
 *
 * @throws RangeError when a field does not fit; that is a fault of the caller
 */
export function encodeDatagram(datagram: Datagram): Uint8Array {
  requireInteger('productNumber', datagram.productNumber, 1, limits.maxProductNumber);
  requireInteger('epoch', datagram.epoch, 1, limits.maxEpoch);
  requireInteger('sequence', datagram.sequence, 1, limits.maxSequence);
  const items = datagram.type === 'heartbeat' ? datagram.items : [];
  const bytes = new Uint8Array(limits.minDatagramBytes + sizeOfItems(items));
  if (bytes.length > limits.maxDatagramBytes) {
    throw new RangeError(`"items" expected to fit ${limits.maxDatagramBytes} bytes, got ${bytes.length}`);
  }
  bytes[layout.version] = datagramVersion;
  bytes[layout.type] = typeNumber[datagram.type];
  writeU64(bytes, layout.productNumber, datagram.productNumber);
  writeU32(bytes, layout.epoch, datagram.epoch);
  writeU64(bytes, layout.sequence, datagram.sequence);
  if (datagram.type === 'heartbeat') encodeHeartbeatBody(bytes, datagram);
  else if (datagram.type === 'heartbeat-acknowledgement') encodeAcknowledgementBody(bytes, datagram);
  else {
    if (datagram.type === 'notification') writeU16(bytes, layout.flags, encodeNotificationFlags(datagram));
    bytes.set(requireLength('nonce', datagram.nonce, limits.nonceBytes), layout.nonce);
  }
  return bytes;
}

function encodeHeartbeatBody(bytes: Uint8Array, heartbeat: HeartbeatContent): void {
  const { componentSetDigestBytes } = layout;
  requireInteger('policyRevision', heartbeat.policyRevision, 0, 0xffff_ffff);
  requireInteger('waitingLogEntries', heartbeat.waitingLogEntries, 0, Number.MAX_SAFE_INTEGER);
  writeU16(bytes, layout.flags, heartbeat.goingAway ? heartbeatFlags.goingAway : 0);
  bytes[layout.serviceState] = serviceStateByNumber.indexOf(heartbeat.serviceState);
  writeU16(bytes, layout.waitingLogEntries, Math.min(0xffff, heartbeat.waitingLogEntries));
  writeU32(bytes, layout.policyRevision, heartbeat.policyRevision);
  const digest = requireLength('componentSetDigest', heartbeat.componentSetDigest, componentSetDigestBytes);
  bytes.set(digest, layout.componentSetDigest);
  encodeItems(bytes, heartbeat.items);
}

function encodeAcknowledgementBody(bytes: Uint8Array, acknowledgement: AcknowledgementContent): void {
  requireInteger('nextIntervalMs', acknowledgement.nextIntervalMs, 0, 0xffff_ffff);
  requireInteger('catalogueVersion', acknowledgement.catalogueVersion ?? 0, 0, 0xffff_ffff);
  requireInteger('serverTimeMs', acknowledgement.serverTimeMs, 0, Number.MAX_SAFE_INTEGER);
  writeU16(bytes, layout.flags, encodeAcknowledgementFlags(acknowledgement));
  writeU32(bytes, layout.nextIntervalMs, acknowledgement.nextIntervalMs);
  writeU32(bytes, layout.catalogueVersion, acknowledgement.catalogueVersion ?? 0);
  writeU64(bytes, layout.serverTimeMs, acknowledgement.serverTimeMs);
}

/** The flag bits of an acknowledgement. */
export function encodeAcknowledgementFlags(
  content: Pick<AcknowledgementContent, 'commandsWait' | 'handshakeAgain' | 'idle'>,
): number {
  return (
    (content.commandsWait ? acknowledgementFlags.commandsWait : 0) |
    (content.handshakeAgain ? acknowledgementFlags.handshakeAgain : 0) |
    (content.idle ? acknowledgementFlags.idle : 0)
  );
}

function encodeNotificationFlags(content: NotificationContent): number {
  return (
    (content.commandsWait ? notificationFlags.commandsWait : 0) |
    (content.handshakeAgain ? notificationFlags.handshakeAgain : 0)
  );
}

/**
 * Reads a datagram without proving it: call it on bytes whose code is verified (see `DatagramKey.verify`), or for
 * display only. Reserved fields and unknown flags are ignored, so a newer sender is understood.
 *
 * @throws DatagramError with the code of the first check that fails
 */
export function decodeDatagram(bytes: Uint8Array): Datagram {
  const refusal = findStructureRefusal(bytes);
  if (refusal !== undefined) throw createDatagramError(refusal);
  const header = {
    productNumber: readU64(bytes, layout.productNumber),
    epoch: readU32(bytes, layout.epoch),
    sequence: readU64(bytes, layout.sequence),
  };
  const flags = readU16(bytes, layout.flags);
  switch (bytes[layout.type]) {
    case DatagramType.heartbeat:
      if (!areItemsWellFormed(bytes)) throw createDatagramError(DatagramRefusal.items);
      return {
        type: 'heartbeat',
        ...header,
        goingAway: (flags & heartbeatFlags.goingAway) !== 0,
        serviceState: readServiceState(bytes),
        waitingLogEntries: readU16(bytes, layout.waitingLogEntries),
        policyRevision: readU32(bytes, layout.policyRevision),
        componentSetDigest: copy(bytes, layout.componentSetDigest, layout.componentSetDigestBytes),
        items: copyItems(bytes),
      };
    case DatagramType.heartbeatAcknowledgement:
      return {
        type: 'heartbeat-acknowledgement',
        ...header,
        commandsWait: (flags & acknowledgementFlags.commandsWait) !== 0,
        handshakeAgain: (flags & acknowledgementFlags.handshakeAgain) !== 0,
        idle: (flags & acknowledgementFlags.idle) !== 0,
        nextIntervalMs: readU32(bytes, layout.nextIntervalMs),
        serverTimeMs: readU64(bytes, layout.serverTimeMs),
        ...readCatalogueVersion(bytes),
      };
    case DatagramType.probe:
      return { type: 'probe', ...header, nonce: readNonce(bytes) };
    case DatagramType.probeAcknowledgement:
      return { type: 'probe-acknowledgement', ...header, nonce: readNonce(bytes) };
    case DatagramType.notification:
      return {
        type: 'notification',
        ...header,
        commandsWait: (flags & notificationFlags.commandsWait) !== 0,
        handshakeAgain: (flags & notificationFlags.handshakeAgain) !== 0,
        nonce: readNonce(bytes),
      };
    default:
      return { type: 'notification-acknowledgement', ...header, nonce: readNonce(bytes) };
  }
}

/** Nothing where a server, such as one of an earlier version, says nothing. */
function readCatalogueVersion(bytes: Uint8Array): Pick<AcknowledgementContent, 'catalogueVersion'> {
  const catalogueVersion = readU32(bytes, layout.catalogueVersion);
  return catalogueVersion === 0 ? {} : { catalogueVersion };
}

function readNonce(bytes: Uint8Array): Uint8Array {
  return copy(bytes, layout.nonce, limits.nonceBytes);
}

/** The service state of a heartbeat; numbers that this version does not know read as `unknown`. */
export function readServiceState(bytes: Uint8Array): ServiceState {
  return serviceStateByNumber[bytes[layout.serviceState] as number] ?? 'unknown';
}

/** Length of a datagram without its code. */
export function sealedLength(bytes: Uint8Array): number {
  return bytes.length - macBytes;
}

function copy(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  return Uint8Array.from(bytes.subarray(offset, offset + length));
}

function requireInteger(name: string, value: number, min: number, max: number): void {
  if (!(Number.isInteger(value) && value >= min && value <= max)) {
    throw new RangeError(`"${name}" expected an integer from ${min} to ${max}, got ${value}`);
  }
}

function requireLength(name: string, bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length !== length)
    throw new RangeError(`"${name}" expected ${length} bytes, got ${bytes.length}`);
  return bytes;
}
