/** Where a datagram came from. */
export interface DatagramOrigin {
  readonly address: string;
  readonly port: number;
}

/** A notification acknowledgement whose code was right; valid during the call only. */
export interface ReceivedAcknowledgement {
  readonly productNumber: number;
  readonly epoch: number;
  readonly sequence: number;
  copyNonce(): Uint8Array;
}

/** Whoever calls products: is told what presence sees of them. */
export interface DatagramCaller {
  /** After each heartbeat by UDP that counted. */
  noteAddress(productNumber: number, address: string, port: number): void;
  /** False for an answer that nobody waits for any more. */
  takeAcknowledgement(received: ReceivedAcknowledgement): boolean;
  /** Whether the heartbeat that is being answered is to be answered with "handshake again". */
  takeHandshakeWish(productNumber: number): boolean;
  /** A heartbeat of the product is late. Whoever can asks it. */
  askLate(productNumber: number): void;
  /** The product is disabled or its record is gone. */
  endCalls(productNumber: number): void;
}

/** Nobody calls: as long as nobody else says so. */
export const noCaller: DatagramCaller = {
  noteAddress: () => undefined,
  takeAcknowledgement: () => false,
  takeHandshakeWish: () => false,
  askLate: () => undefined,
  endCalls: () => undefined,
};
