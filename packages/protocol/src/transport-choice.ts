/** How heartbeats travel. */
export const Transport = {
  /** By UDP, and each is acknowledged by UDP. */
  udpAcknowledged: 'udp-acknowledged',
  /** By UDP; answers do not come back. The product claims commands at each interval. */
  udp: 'udp',
  /** By HTTPS: the same datagrams as bodies. */
  https: 'https',
} as const;
export type Transport = (typeof Transport)[keyof typeof Transport];

/** Why a transport was chosen, for people. */
export const TransportReason = {
  bothDirectionsSeen: 'both-directions-seen',
  inwardOnly: 'inward-only',
  noProbeArrived: 'no-probe-arrived',
  productSentNone: 'product-sent-none',
  serverTakesNone: 'server-takes-none',
  /** The administrator wants HTTPS for the product's group. */
  httpsPinned: 'https-pinned',
} as const;
export type TransportReason = (typeof TransportReason)[keyof typeof TransportReason];

export interface ProbeEvidence {
  /** The administrator wants HTTPS, whatever else works. Absent: any way will do. */
  readonly isHttpsPinned?: boolean;
  /** The server has a heartbeat port that takes datagrams. */
  readonly serverTakesDatagrams: boolean;
  /** Verified probes of this product, epoch and nonce that the server saw. */
  readonly probesSeen: number;
  /** Probes that the product says it sent. */
  readonly probesSent: number;
  /** The product says that it verified an acknowledgement. */
  readonly acknowledged: boolean;
}

/**
 * The server's decision. Only what the server itself saw counts as "inward": a product that claims an
 * acknowledgement for a probe that never came is given HTTPS, which always works.
 */
export function chooseTransport(evidence: ProbeEvidence): {
  readonly transport: Transport;
  readonly reason: TransportReason;
} {
  if (evidence.isHttpsPinned === true) {
    return { transport: Transport.https, reason: TransportReason.httpsPinned };
  }
  if (!evidence.serverTakesDatagrams) {
    return { transport: Transport.https, reason: TransportReason.serverTakesNone };
  }
  if (!(evidence.probesSent > 0))
    return { transport: Transport.https, reason: TransportReason.productSentNone };
  if (!(evidence.probesSeen > 0))
    return { transport: Transport.https, reason: TransportReason.noProbeArrived };
  if (!evidence.acknowledged) return { transport: Transport.udp, reason: TransportReason.inwardOnly };
  return { transport: Transport.udpAcknowledged, reason: TransportReason.bothDirectionsSeen };
}
