import { Transport, TransportReason } from '@holdfast/protocol';

const ways: Readonly<Record<Transport, string>> = {
  [Transport.udpAcknowledged]: 'by UDP with acknowledgements',
  [Transport.udp]: 'by UDP without acknowledgements',
  [Transport.https]: 'by HTTPS',
};

const reasons: Readonly<Record<TransportReason, string>> = {
  [TransportReason.bothDirectionsSeen]: 'seen to work in both directions',
  [TransportReason.inwardOnly]: 'because the answers of the server do not come back',
  [TransportReason.noProbeArrived]: 'because no datagram reached the server',
  [TransportReason.productSentNone]: 'because the agent sends no datagrams',
  [TransportReason.serverTakesNone]: 'because the server takes no datagrams',
  [TransportReason.httpsPinned]: 'because the group of this computer is set to it',
};

/** How heartbeats travel and why, as a sentence. A reason that this version does not know stands as it is. */
export function describeTransport(transport: string, reason: string): string {
  const way = isOneOf(ways, transport) ? ways[transport] : undefined;
  if (way === undefined) return 'Heartbeats travel by HTTPS until a way for them is chosen.';
  if (reason === '') return `Heartbeats travel ${way}.`;
  return `Heartbeats travel ${way}, ${isOneOf(reasons, reason) ? reasons[reason] : reason}.`;
}

function isOneOf<Key extends string>(words: Readonly<Record<Key, string>>, key: string): key is Key {
  return Object.hasOwn(words, key);
}
