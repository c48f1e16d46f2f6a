import {
  type Datagram,
  DatagramError,
  datagramLayout,
  decodeDatagram,
  encodeActivity,
  encodeDatagram,
  type HandshakeAnswer,
  HmacSha256,
  limits,
  preparedKeyWords,
} from '@holdfast/protocol';
import { drawAt, DrawPurpose } from './draw.ts';
import type { SavedProduct } from './fleet-state-file.ts';

const NO_COMPONENTS = new Uint8Array(8);
const MAC_BYTES = 16;

/** A datagram of the server for one product, its code found right. */
export interface OpenedDatagram {
  readonly index: number;
  readonly datagram: Datagram;
}

/**
 * What products need to speak: numbers, epochs, prepared heartbeat keys, sequences, in columns; access tokens and receipts as
 * texts. All datagrams of the fleet are sealed and proven here.
 */
export class ProductSessions {
  readonly #seed: number;
  readonly #mac = new HmacSha256();
  readonly #numbers: Float64Array;
  readonly #epochs: Uint32Array;
  readonly #keys: Int32Array;
  readonly #nonces: Uint8Array;
  readonly #sequences: Float64Array;
  readonly #notifications: Float64Array;
  readonly #indexByNumber = new Map<number, number>();
  readonly #accessTokens: (string | undefined)[];
  readonly #receipts: (string | undefined)[];

  constructor(count: number, seed: number) {
    this.#seed = seed;
    this.#numbers = new Float64Array(count);
    this.#epochs = new Uint32Array(count);
    this.#keys = new Int32Array(count * preparedKeyWords);
    this.#nonces = new Uint8Array(count * limits.nonceBytes);
    this.#sequences = new Float64Array(count);
    this.#notifications = new Float64Array(count);
    this.#accessTokens = Array.from({ length: count });
    this.#receipts = Array.from({ length: count });
  }

  /** 0: not registered. */
  numberOf(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  /** 0: no handshake yet. */
  epochOf(index: number): number {
    return this.#epochs[index] ?? 0;
  }

  sequenceOf(index: number): number {
    return this.#sequences[index] ?? 0;
  }

  receiptOf(index: number): string | undefined {
    return this.#receipts[index];
  }

  accessTokenOf(index: number): string | undefined {
    return this.#accessTokens[index];
  }

  findIndex(productNumber: number): number | undefined {
    return this.#indexByNumber.get(productNumber);
  }

  /** Remembers a registration, of now or out of a state file. */
  recordRegistration(
    index: number,
    known: { readonly productNumber: number; readonly receipt: string; readonly epoch?: number },
  ): void {
    this.#indexByNumber.delete(this.numberOf(index));
    this.#numbers[index] = known.productNumber;
    this.#indexByNumber.set(known.productNumber, index);
    this.#receipts[index] = known.receipt;
    if (known.epoch !== undefined) this.#epochs[index] = known.epoch;
  }

  /** Begins the epoch that a handshake gave. */
  recordHandshake(index: number, answer: HandshakeAnswer): void {
    const { heartbeat } = answer;
    this.recordRegistration(index, { ...answer, epoch: heartbeat.epoch });
    this.#accessTokens[index] = answer.accessToken;
    const key = Buffer.from(heartbeat.key, 'base64url');
    this.#mac.setKey(key);
    key.fill(0);
    this.#mac.copyPreparedKey(this.#keys, index * preparedKeyWords);
    const nonce = Buffer.from(heartbeat.udp?.probeNonce ?? '', 'base64url');
    this.#nonces.fill(0, index * limits.nonceBytes, (index + 1) * limits.nonceBytes);
    this.#nonces.set(nonce.subarray(0, limits.nonceBytes), index * limits.nonceBytes);
    this.#sequences[index] = 0;
    this.#notifications[index] = 0;
  }

  /** What is worth keeping of the registered ones. */
  listRegistered(): readonly SavedProduct[] {
    const products: SavedProduct[] = [];
    for (let index = 0; index < this.#numbers.length; index++) {
      const productNumber = this.numberOf(index);
      const receipt = this.receiptOf(index);
      if (productNumber === 0 || receipt === undefined) continue;
      products.push({ index, productNumber, epoch: this.epochOf(index), receipt });
    }
    return products;
  }

  sealProbe(index: number, sequence: number): Uint8Array {
    return this.#seal(index, {
      type: 'probe',
      ...this.#header(index, sequence),
      nonce: this.#nonceOf(index),
    });
  }

  /** The next heartbeat, or the last one once more: the same sequence gives the same bytes. */
  sealHeartbeat(index: number, isNew: boolean): Uint8Array {
    if (isNew) this.#sequences[index] = this.sequenceOf(index) + 1;
    const sequence = this.sequenceOf(index);
    const draw = (count: number): number =>
      drawAt(this.#seed, index, DrawPurpose.activity, 3 * sequence + count);
    return this.#seal(index, {
      type: 'heartbeat',
      ...this.#header(index, sequence),
      goingAway: false,
      serviceState: 'running',
      waitingLogEntries: 0,
      policyRevision: 0,
      componentSetDigest: NO_COMPONENTS,
      items: encodeActivity({
        uptimeS: 60 * sequence,
        loadAverageHundredths: 200 * draw(0),
        memoryInUsePercent: 30 + 50 * draw(1),
        agentMemoryKiB: 68_000,
        systemVolumeFreePercent: 20 + 60 * draw(2),
      }),
    });
  }

  sealNotificationAcknowledgement(
    index: number,
    notification: Extract<Datagram, { type: 'notification' }>,
  ): Uint8Array {
    const { sequence, nonce } = notification;
    return this.#seal(index, {
      type: 'notification-acknowledgement',
      ...this.#header(index, sequence),
      nonce,
    });
  }

  /** `isNew` is false for a notification that came before; `undefined`: older than the last one, to be dropped. */
  judgeNotification(index: number, sequence: number): { readonly isNew: boolean } | undefined {
    const last = this.#notifications[index] ?? 0;
    if (sequence < last) return undefined;
    this.#notifications[index] = sequence;
    return { isNew: sequence > last };
  }

  /** Number of the product that a datagram names, nothing of which is proven yet. */
  findAddressee(bytes: Uint8Array): number | undefined {
    if (bytes.length < limits.minDatagramBytes) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const high = view.getUint32(datagramLayout.productNumber);
    return this.findIndex(high * 2 ** 32 + view.getUint32(datagramLayout.productNumber + 4));
  }

  /** `undefined` for what is no proven datagram of the server for a product and its epoch. */
  open(bytes: Uint8Array): OpenedDatagram | undefined {
    const index = this.findAddressee(bytes);
    if (index === undefined) return undefined;
    this.#mac.setPreparedKey(this.#keys, index * preparedKeyWords);
    const end = bytes.length - MAC_BYTES;
    this.#mac.compute(bytes, end);
    if (!this.#mac.isTagAt(bytes, end)) return undefined;
    try {
      const datagram = decodeDatagram(bytes);
      if (datagram.epoch !== this.epochOf(index)) return undefined;
      if (datagram.type === 'probe-acknowledgement') {
        const isOwn = Buffer.compare(datagram.nonce, this.#nonceOf(index)) === 0;
        return isOwn ? { index, datagram } : undefined;
      }
      return { index, datagram };
    } catch (error) {
      if (error instanceof DatagramError) return undefined;
      throw error;
    }
  }

  #header(index: number, sequence: number): Pick<Datagram, 'productNumber' | 'epoch' | 'sequence'> {
    return { productNumber: this.numberOf(index), epoch: this.epochOf(index), sequence };
  }

  #nonceOf(index: number): Uint8Array {
    return this.#nonces.subarray(index * limits.nonceBytes, (index + 1) * limits.nonceBytes);
  }

  #seal(index: number, datagram: Datagram): Uint8Array {
    const bytes = encodeDatagram(datagram);
    this.#mac.setPreparedKey(this.#keys, index * preparedKeyWords);
    const end = bytes.length - MAC_BYTES;
    this.#mac.compute(bytes, end);
    this.#mac.writeTag(bytes, end);
    return bytes;
  }
}
