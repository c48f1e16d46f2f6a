import { Transport } from './transport-choice.ts';

/** Whether and how the server can call a product between its heartbeats. */
export const CommunicationMode = {
  /** It cannot: the product learns of its commands with its next heartbeat or claim. */
  oneWay: 'one-way',
  /** The server opens a connection to the product's notification listener. */
  direct: 'two-way-direct',
  /** The server sends a datagram back the way the last heartbeat came, through whatever translates addresses. */
  udp: 'two-way-udp',
  /** The product keeps one stream of notifications open. */
  held: 'two-way-held',
} as const;
export type CommunicationMode = (typeof CommunicationMode)[keyof typeof CommunicationMode];

/** Why a mode was chosen, for people. */
export const ModeReason = {
  listenerAnswered: 'listener-answered',
  udpAnswersArrive: 'udp-answers-arrive',
  streamOffered: 'stream-offered',
  oneWayPinned: 'one-way-pinned',
  listenerMissing: 'listener-missing',
  listenerUnreachable: 'listener-unreachable',
  listenerUnproven: 'listener-unproven',
  udpAnswersMissing: 'udp-answers-missing',
  streamNotOffered: 'stream-not-offered',
  streamsTaken: 'streams-taken',
} as const;
export type ModeReason = (typeof ModeReason)[keyof typeof ModeReason];

/** What came of the server's attempt to call the product's listener; `missing`: the product has none. */
export type ListenerEvidence = 'missing' | 'unreachable' | 'unproven' | 'answered';

export interface ModeEvidence {
  /** The administrator's choice, or `automatic`. */
  readonly pinned: CommunicationMode | 'automatic';
  readonly listener: ListenerEvidence;
  /** How heartbeats travel, as `chooseTransport` decided. */
  readonly transport: Transport;
  /** The product can keep a stream of notifications open. */
  readonly canHold: boolean;
  /** The server has a place for one more stream. */
  readonly hasFreeStream: boolean;
}

export interface ModeChoice {
  readonly mode: CommunicationMode;
  readonly reason: ModeReason;
}

const listenerChoice: Record<ListenerEvidence, ModeChoice> = {
  answered: { mode: CommunicationMode.direct, reason: ModeReason.listenerAnswered },
  missing: { mode: CommunicationMode.oneWay, reason: ModeReason.listenerMissing },
  unreachable: { mode: CommunicationMode.oneWay, reason: ModeReason.listenerUnreachable },
  unproven: { mode: CommunicationMode.oneWay, reason: ModeReason.listenerUnproven },
};

function chooseUdp({ transport }: ModeEvidence): ModeChoice {
  return transport === Transport.udpAcknowledged
    ? { mode: CommunicationMode.udp, reason: ModeReason.udpAnswersArrive }
    : { mode: CommunicationMode.oneWay, reason: ModeReason.udpAnswersMissing };
}

function chooseHeld({ canHold, hasFreeStream }: ModeEvidence): ModeChoice {
  if (!canHold) return { mode: CommunicationMode.oneWay, reason: ModeReason.streamNotOffered };
  return hasFreeStream
    ? { mode: CommunicationMode.held, reason: ModeReason.streamOffered }
    : { mode: CommunicationMode.oneWay, reason: ModeReason.streamsTaken };
}

/**
 * The server's decision. A pinned mode that cannot be had becomes one-way, with the reason; automatic takes the cheapest way
 * that was seen to work: a listener and a datagram cost the server nothing between calls, a stream costs it memory.
 */
export function chooseMode(evidence: ModeEvidence): ModeChoice {
  switch (evidence.pinned) {
    case CommunicationMode.oneWay:
      return { mode: CommunicationMode.oneWay, reason: ModeReason.oneWayPinned };
    case CommunicationMode.direct:
      return listenerChoice[evidence.listener];
    case CommunicationMode.udp:
      return chooseUdp(evidence);
    case CommunicationMode.held:
      return chooseHeld(evidence);
    case 'automatic': {
      const choices = [listenerChoice[evidence.listener], chooseUdp(evidence), chooseHeld(evidence)];
      const twoWay = choices.find(({ mode }) => mode !== CommunicationMode.oneWay);
      return twoWay ?? chooseHeld(evidence);
    }
  }
}
