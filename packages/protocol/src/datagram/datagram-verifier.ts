import type { KeyObject } from 'node:crypto';
import { limits } from '../limits.ts';
import type { ActivityItem } from './activity-items.ts';
import { encodeAcknowledgementFlags, type AcknowledgementContent, readServiceState } from './datagram.ts';
import { areItemsWellFormed, copyItems, findStructureRefusal } from './datagram-structure.ts';
import { DatagramRefusal } from './datagram.errors.ts';
import { HeartbeatKeyCache } from './heartbeat-key-cache.ts';
import { HeartbeatKeyDerivation } from './heartbeat-key.ts';
import { HmacSha256, macBytes } from './hmac-sha256.ts';
import { DatagramType, datagramVersion, heartbeatFlags, layout, type ServiceState } from './layout.ts';
import { readU16, readU32, readU64, writeU16, writeU32, writeU64 } from './wire-integer.ts';

const NO_BYTES = new Uint8Array(0);
/** 10 MB when all are in use: less than a tenth of what presence needs for the fleet that uses them. */
const DEFAULT_CACHED_KEYS = 2 ** 17;

/** The types that products send. */
export type VerifiedType = 'heartbeat' | 'probe' | 'notification-acknowledgement';

function findSentType(type: number | undefined): VerifiedType | undefined {
  if (type === DatagramType.heartbeat) return 'heartbeat';
  if (type === DatagramType.probe) return 'probe';
  if (type === DatagramType.notificationAcknowledgement) return 'notification-acknowledgement';
  return undefined;
}

/**
 * The server's side of datagrams: derives the product's key, verifies, reads the fields in place and seals the
 * answer, without allocating. One instance per receiving loop.
 *
 * Invariant: every field below belongs to the datagram of the last `verify` that returned no refusal, until
 * the next `verify`. Whoever wants to keep something copies it.
 */
export class DatagramVerifier {
  readonly #derivation: HeartbeatKeyDerivation;
  readonly #cache: HeartbeatKeyCache;
  readonly #mac = new HmacSha256();
  #bytes: Uint8Array = NO_BYTES;

  productNumber = 0;
  epoch = 0;
  sequence = 0;

  /**
   * @param masterKey the server's master heartbeat key, 32 secret bytes
   * @param cachedKeys number of products whose keys stay prepared, a power of two
   */
  constructor(masterKey: KeyObject, cachedKeys = DEFAULT_CACHED_KEYS) {
    this.#derivation = new HeartbeatKeyDerivation(masterKey);
    this.#cache = new HeartbeatKeyCache(cachedKeys);
  }

  /**
   * Checks a received datagram in the order of the specification and takes its header.
   *
   * @returns what it proved to be, or why it is refused. A refused datagram gets no answer; it does not throw,
   *   because a flood of junk must stay cheap. What travels the other way is refused as an unknown type.
   */
  verify(bytes: Uint8Array): VerifiedType | DatagramRefusal {
    this.#bytes = NO_BYTES;
    const refusal = findStructureRefusal(bytes);
    if (refusal !== undefined) return refusal;
    const type = findSentType(bytes[layout.type]);
    if (type === undefined) return DatagramRefusal.type;
    const productNumber = readU64(bytes, layout.productNumber);
    const epoch = readU32(bytes, layout.epoch);
    const isCached = this.#cache.load(this.#mac, productNumber, epoch);
    if (!isCached) this.#derivation.deriveInto(this.#mac, productNumber, epoch);
    const end = bytes.length - macBytes;
    this.#mac.compute(bytes, end);
    if (!this.#mac.isTagAt(bytes, end)) return DatagramRefusal.mac;
    if (!isCached) this.#cache.keep(this.#mac, productNumber, epoch);
    if (type === 'heartbeat' && !areItemsWellFormed(bytes)) return DatagramRefusal.items;
    this.#bytes = bytes;
    this.productNumber = productNumber;
    this.epoch = epoch;
    this.sequence = readU64(bytes, layout.sequence);
    return type;
  }

  /** Heartbeat only: the product stops cleanly after it. */
  get isGoingAway(): boolean {
    return (readU16(this.#bytes, layout.flags) & heartbeatFlags.goingAway) !== 0;
  }

  get serviceState(): ServiceState {
    return readServiceState(this.#bytes);
  }

  get waitingLogEntries(): number {
    return readU16(this.#bytes, layout.waitingLogEntries);
  }

  get policyRevision(): number {
    return readU32(this.#bytes, layout.policyRevision);
  }

  /** True when the heartbeat carries activity items: lets the caller skip {@link listItems}. */
  get hasItems(): boolean {
    return this.#bytes.length > limits.minDatagramBytes;
  }

  /** A copy of the 8 bytes. */
  copyComponentSetDigest(): Uint8Array {
    return this.#copy(layout.componentSetDigest, layout.componentSetDigestBytes);
  }

  /** Copies of the activity items of a heartbeat. */
  listItems(): ActivityItem[] {
    return copyItems(this.#bytes);
  }

  /** Probe and notification acknowledgement only: a copy of the nonce. */
  copyNonce(): Uint8Array {
    return this.#copy(layout.nonce, limits.nonceBytes);
  }

  /**
   * Writes the acknowledgement of the verified heartbeat: exactly 56 bytes, under the key of the epoch that the
   * heartbeat named. Do not reuse `out` before the socket has reported it sent.
   */
  acknowledgeHeartbeat(out: Uint8Array, content: AcknowledgementContent): void {
    this.#writeHeader(out, DatagramType.heartbeatAcknowledgement, encodeAcknowledgementFlags(content));
    writeU32(out, layout.nextIntervalMs, content.nextIntervalMs);
    writeU32(out, layout.catalogueVersion, content.catalogueVersion ?? 0);
    writeU64(out, layout.serverTimeMs, content.serverTimeMs);
    this.#seal(out);
  }

  /** Writes the acknowledgement of the verified probe: exactly 56 bytes, with the same nonce. */
  acknowledgeProbe(out: Uint8Array): void {
    this.#writeHeader(out, DatagramType.probeAcknowledgement, 0);
    for (let i = 0; i < limits.nonceBytes; i++) {
      out[layout.nonce + i] = this.#bytes[layout.nonce + i] as number;
    }
    this.#seal(out);
  }

  #writeHeader(out: Uint8Array, type: DatagramType, flags: number): void {
    if (this.#bytes.length === 0) throw new TypeError('There is no verified datagram to acknowledge');
    if (out.length !== limits.minDatagramBytes) {
      throw new RangeError(`"out" expected ${limits.minDatagramBytes} bytes, got ${out.length}`);
    }
    out[layout.version] = datagramVersion;
    out[layout.type] = type;
    writeU16(out, layout.flags, flags);
    writeU64(out, layout.productNumber, this.productNumber);
    writeU32(out, layout.epoch, this.epoch);
    writeU64(out, layout.sequence, this.sequence);
  }

  #seal(out: Uint8Array): void {
    this.#mac.compute(out, layout.fixedEnd);
    this.#mac.writeTag(out, layout.fixedEnd);
  }

  #copy(offset: number, length: number): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(offset, offset + length));
  }
}
