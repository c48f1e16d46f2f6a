import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LanKey } from './lan-key.ts';

/** What is said on a LAN. Numbers on the wire are append-only; docs/active-agent.md specifies every byte. */
export const LanDatagramType = {
  /** I am the Active Agent: renews the lease. `other` is the warm standby. */
  beacon: 'beacon',
  /** I could take over: from who wants to be the warm standby, and regularly from who is. */
  offer: 'offer',
  /** I am about to take over, unless somebody better or the Active Agent objects. */
  bid: 'bid',
  /** I am no Active Agent any more. `other` takes over at once. */
  farewell: 'farewell',
  /** Are you, `other`, alive? Repeat the nonce. With `other` 0 the Active Agent is asked, whoever it is. */
  question: 'question',
  /** The nonce, from somebody who is no Active Agent; the Active Agent answers with a beacon. */
  answer: 'answer',
} as const;
export type LanDatagramType = (typeof LanDatagramType)[keyof typeof LanDatagramType];

const typeByNumber: readonly (LanDatagramType | undefined)[] = [
  undefined,
  'beacon',
  'offer',
  'bid',
  'farewell',
  'question',
  'answer',
];

export const lanDatagramBytes = 116;
export const lanDatagramVersion = 1;
const CODE_BYTES = 16;
const MAX_U16 = 0xffff;
const MAX_U32 = 0xffff_ffff;

const layout = {
  version: 0,
  type: 1,
  flags: 2,
  keyId: 4,
  productNumber: 12,
  instance: 20,
  sequence: 28,
  term: 36,
  fitness: 40,
  port: 42,
  other: 44,
  otherFitness: 52,
  reserved: 54,
  nonce: 56,
  revision: 64,
  urgentRevision: 72,
  ipv4: 80,
  ipv6: 84,
  code: 100,
} as const;

/** Its zeros mean "none": no product, no nonce, no port, no revision, no address. */
export interface LanDatagram {
  readonly type: LanDatagramType;
  /** Of the sender: 1 to 2^53-1. */
  readonly productNumber: number;
  /** 8 random bytes of the sender's process, as 16 hexadecimal digits. */
  readonly instance: string;
  /** Counts the datagrams of an instance, from 1. */
  readonly sequence: number;
  /** Of a beacon: its term. Of all others: the highest that the sender knows. 0 to 2^32-1. */
  readonly term: number;
  /** 0: not to be elected. To 65,535. */
  readonly fitness: number;
  /** TCP, at which members are served. */
  readonly port: number;
  /** A product: the standby, the successor or who is asked. */
  readonly other: number;
  readonly otherFitness: number;
  /** 8 bytes, as 16 hexadecimal digits. */
  readonly nonce: string;
  /** Newest state of the repository that the Active Agent has and serves. */
  readonly revision: number;
  /** The newest state that has something urgent in it. */
  readonly urgentRevision: number;
  /** Where members find the sender: 4 bytes and 16 bytes, in hexadecimal. In the datagram, so that who repeats it elsewhere leads nobody astray. */
  readonly ipv4: string;
  readonly ipv6: string;
}

/** A datagram whose code was right under a key of the organisation. */
export type VerifiedLanDatagram = LanDatagram & { readonly verified: true };

/** Why a datagram is refused, in the order of the checks. Nothing is answered to it. */
export const LanDatagramRefusal = {
  length: 'LAN_DATAGRAM_LENGTH',
  version: 'LAN_DATAGRAM_VERSION_UNKNOWN',
  type: 'LAN_DATAGRAM_TYPE_UNKNOWN',
  /** Of another organisation, or from before a change of the key. */
  key: 'LAN_DATAGRAM_KEY_UNKNOWN',
  code: 'LAN_DATAGRAM_CODE_INVALID',
  range: 'LAN_DATAGRAM_OUT_OF_RANGE',
} as const;
export type LanDatagramRefusal = (typeof LanDatagramRefusal)[keyof typeof LanDatagramRefusal];

export const noLanNonce = '0'.repeat(16);
export const noIpv4 = '0'.repeat(8);
export const noIpv6 = '0'.repeat(32);

/**
 * The bytes to send: 116 of them.
 *
 * @throws RangeError when a field does not fit; that is a fault of the caller
 */
export function sealLanDatagram(datagram: LanDatagram, key: LanKey): Uint8Array {
  const bytes = Buffer.alloc(lanDatagramBytes);
  bytes[layout.version] = lanDatagramVersion;
  bytes[layout.type] = typeByNumber.indexOf(datagram.type);
  bytes.set(key.id, layout.keyId);
  writeU64(bytes, layout.productNumber, requireInteger('productNumber', datagram.productNumber, 1));
  writeHex(bytes, 'instance', datagram.instance, layout.instance, 8);
  writeU64(bytes, layout.sequence, requireInteger('sequence', datagram.sequence, 1));
  bytes.writeUInt32BE(requireInteger('term', datagram.term, 0, MAX_U32), layout.term);
  bytes.writeUInt16BE(requireInteger('fitness', datagram.fitness, 0, MAX_U16), layout.fitness);
  bytes.writeUInt16BE(requireInteger('port', datagram.port, 0, MAX_U16), layout.port);
  writeU64(bytes, layout.other, requireInteger('other', datagram.other, 0));
  bytes.writeUInt16BE(requireInteger('otherFitness', datagram.otherFitness, 0, MAX_U16), layout.otherFitness);
  writeHex(bytes, 'nonce', datagram.nonce, layout.nonce, 8);
  writeU64(bytes, layout.revision, requireInteger('revision', datagram.revision, 0));
  writeU64(bytes, layout.urgentRevision, requireInteger('urgentRevision', datagram.urgentRevision, 0));
  writeHex(bytes, 'ipv4', datagram.ipv4, layout.ipv4, 4);
  writeHex(bytes, 'ipv6', datagram.ipv6, layout.ipv6, 16);
  bytes.set(computeCode(bytes, key), layout.code);
  return bytes;
}

/**
 * Reads what came from the LAN. The code is checked before anything behind the id of the key is looked at; unknown flags and the
 * reserved bytes are ignored, so that a newer sender is understood.
 *
 * @param keys those of the organisation, the present one first
 * @returns the datagram, or why it is refused: it does not throw, because a flood of junk must stay cheap
 */
export function openLanDatagram(
  received: Uint8Array,
  keys: readonly LanKey[],
): VerifiedLanDatagram | LanDatagramRefusal {
  if (received.length !== lanDatagramBytes) return LanDatagramRefusal.length;
  const bytes = Buffer.from(received.buffer, received.byteOffset, received.byteLength);
  if (bytes[layout.version] !== lanDatagramVersion) return LanDatagramRefusal.version;
  const type = typeByNumber[bytes[layout.type] ?? 0];
  if (type === undefined) return LanDatagramRefusal.type;
  const keyId = bytes.subarray(layout.keyId, layout.productNumber);
  const key = keys.find(({ id }) => keyId.equals(id));
  if (key === undefined) return LanDatagramRefusal.key;
  if (!timingSafeEqual(computeCode(bytes, key), bytes.subarray(layout.code))) return LanDatagramRefusal.code;
  const datagram = {
    type,
    productNumber: readU64(bytes, layout.productNumber),
    instance: bytes.toString('hex', layout.instance, layout.sequence),
    sequence: readU64(bytes, layout.sequence),
    term: bytes.readUInt32BE(layout.term),
    fitness: bytes.readUInt16BE(layout.fitness),
    port: bytes.readUInt16BE(layout.port),
    other: readU64(bytes, layout.other),
    otherFitness: bytes.readUInt16BE(layout.otherFitness),
    nonce: bytes.toString('hex', layout.nonce, layout.revision),
    revision: readU64(bytes, layout.revision),
    urgentRevision: readU64(bytes, layout.urgentRevision),
    ipv4: bytes.toString('hex', layout.ipv4, layout.ipv6),
    ipv6: bytes.toString('hex', layout.ipv6, layout.code),
    verified: true,
  } as const;
  const { productNumber, sequence, other, revision, urgentRevision } = datagram;
  const isInRange =
    productNumber >= 1 &&
    sequence >= 1 &&
    [productNumber, sequence, other, revision, urgentRevision].every(Number.isSafeInteger);
  return isInRange ? datagram : LanDatagramRefusal.range;
}

/** HMAC-SHA-256 over everything before it, cut to 128 bits. */
function computeCode(bytes: Buffer, key: LanKey): Buffer {
  const hash = createHmac('sha256', key.datagramKey).update(bytes.subarray(0, layout.code)).digest();
  return hash.subarray(0, CODE_BYTES);
}

function requireInteger(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (!Number.isSafeInteger(value) || value < min || value > max) {
    throw new RangeError(`"${name}" expected an integer from ${min} to ${max}, got ${value}`);
  }
  return value;
}

function writeHex(bytes: Buffer, name: string, text: string, offset: number, length: number): void {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) {
    throw new RangeError(
      `"${name}" expected ${2 * length} lower-case hexadecimal digits, got ${text.length} characters`,
    );
  }
  bytes.write(text, offset, 'hex');
}

/** Exact up to 2^53-1; larger values come out larger than that, so that the bound refuses them. */
function readU64(bytes: Buffer, offset: number): number {
  return bytes.readUInt32BE(offset) * 2 ** 32 + bytes.readUInt32BE(offset + 4);
}

function writeU64(bytes: Buffer, offset: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / 2 ** 32), offset);
  bytes.writeUInt32BE(value % 2 ** 32, offset + 4);
}
