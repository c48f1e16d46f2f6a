/** Where each field of a datagram lies. All integers are big-endian. See docs/protocol.md, "Datagrams". */
export const layout = {
  version: 0,
  type: 1,
  flags: 2,
  productNumber: 4,
  epoch: 12,
  sequence: 16,
  headerBytes: 24,

  serviceState: 24,
  reserved: 25,
  waitingLogEntries: 26,
  policyRevision: 28,
  componentSetDigest: 32,
  componentSetDigestBytes: 8,
  activityItems: 40,
  activityItemHeaderBytes: 4,

  nextIntervalMs: 24,
  catalogueVersion: 28,
  serverTimeMs: 32,

  /** Of probes, notifications and their acknowledgements. */
  nonce: 24,

  /** End of the fixed body of every type, and start of the code in all but heartbeats with activity items. */
  fixedEnd: 40,
} as const;

export const datagramVersion = 1;

/** Type numbers are append-only. */
export const DatagramType = {
  heartbeat: 1,
  heartbeatAcknowledgement: 2,
  probe: 3,
  probeAcknowledgement: 4,
  notification: 5,
  notificationAcknowledgement: 6,
} as const;
export type DatagramType = (typeof DatagramType)[keyof typeof DatagramType];

/** Flags of a heartbeat. Unknown bits are ignored on receipt and sent as 0. */
export const heartbeatFlags = {
  /** The product stops cleanly after this heartbeat: its silence is no fault. */
  goingAway: 1,
} as const;

/** Flags of a heartbeat acknowledgement. Unknown bits are ignored on receipt and sent as 0. */
export const acknowledgementFlags = {
  /** At least one command waits: claim it now instead of at the next poll. */
  commandsWait: 1,
  /** Make a handshake: the epoch is not the current one, and the heartbeat did not count, or there are other terms for the product. */
  handshakeAgain: 2,
  /** Idle hours: reports that are not urgent are kept. Heartbeats go on. */
  idle: 4,
} as const;

/** Flags of a notification: why the server calls. Unknown bits are ignored on receipt and sent as 0. */
export const notificationFlags = {
  /** At least one command waits: claim it now. */
  commandsWait: 1,
  /** Make a handshake: its terms, or the way to communicate, have changed. */
  handshakeAgain: 2,
} as const;

/** State of the service that the product stands for. An unknown number on the wire reads as `unknown`. */
export const ServiceState = {
  unknown: 'unknown',
  running: 'running',
  stopped: 'stopped',
} as const;
export type ServiceState = (typeof ServiceState)[keyof typeof ServiceState];

/** Wire number → state; the index is the number. */
export const serviceStateByNumber: readonly ServiceState[] = ['unknown', 'running', 'stopped'];
