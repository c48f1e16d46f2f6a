import type { LanDatagram } from '../lan/lan-datagram.ts';

/** A LAN has some hundreds of agents; each takes about 200 bytes here. */
const MAX_SENDERS = 1_024;
/** A sender that is heard for the first time is believed for so long without a proof, so that an election is quick. */
const PROVISIONAL_MS = 15_000;
/** Over this time those who hear a new Active Agent ask it, so that it is not asked by all of them at once. */
const ASK_SPREAD_MS = 10_000;
const ASK_AGAIN_MS = 2_000;
/** So often it is asked alone; then so that all hear it. */
const ASKS_OF_ONE = 2;
const ASK_AT_ONCE_GAP_MS = 200;
/** After a sender that did not prove itself, nobody is believed without a proof for so long. */
const SUSPICION_MS = 600_000;

interface Sender {
  readonly instance: string;
  sequence: number;
  isProven: boolean;
  heardAtMs: number;
  /** Of a sender that is to prove itself. */
  firstBeaconAtMs: number | undefined;
  askAtMs: number;
  asks: number;
}

/** What is known of the sender of a datagram: nothing may be made of one that is not `isTrusted`. */
export interface Admission {
  readonly isProven: boolean;
  readonly isTrusted: boolean;
  /** It should be asked now. */
  readonly isToBeAsked: boolean;
  /** It was asked several times and did not answer: perhaps nothing passes here but what is sent to all. */
  readonly isAskedInVain: boolean;
}

export interface KnownSenders {
  /**
   * Notes a verified datagram.
   *
   * @param isEcho it repeats a nonce of ours, so its sender is alive
   * @returns `undefined` for one that is not newer than all before it of its sender: repeated, late, or replayed
   */
  admit(
    datagram: Pick<LanDatagram, 'type' | 'productNumber' | 'instance' | 'sequence'>,
    context: { readonly nowMs: number; readonly random: number; readonly isEcho: boolean },
  ): Admission | undefined;
  /** Whether a product may be asked out of turn; counts as asking. */
  askAtOnce(productNumber: number, nowMs: number): boolean;
}

/**
 * Who has been heard. A code proves that a datagram is of the organisation, not that it is of today: anybody on the LAN can record
 * and repeat. So the sequences of an instance only grow, and an instance is alive when it repeats a nonce of ours.
 */
export function createKnownSenders(): KnownSenders {
  /** In the order in which they were heard last. */
  const senders = new Map<string, Sender>();
  let suspiciousUntilMs = Number.NEGATIVE_INFINITY;

  const find = (productNumber: number, instance: string, nowMs: number): Sender => {
    const name = `${productNumber}/${instance}`;
    const known = senders.get(name);
    const sender: Sender = known ?? {
      instance,
      sequence: 0,
      isProven: false,
      heardAtMs: nowMs,
      firstBeaconAtMs: undefined,
      askAtMs: Number.NEGATIVE_INFINITY,
      asks: 0,
    };
    senders.delete(name);
    senders.set(name, sender);
    if (senders.size > MAX_SENDERS) forgetOne();
    return sender;
  };

  const forgetOne = (): void => {
    // Recordings of many instances push out each other before they push out who is alive.
    let oldest: string | undefined;
    for (const [name, { isProven }] of senders) {
      oldest ??= name;
      if (isProven) continue;
      senders.delete(name);
      return;
    }
    if (oldest !== undefined) senders.delete(oldest);
  };

  return {
    admit: ({ type, productNumber, instance, sequence }, { nowMs, random, isEcho }) => {
      const sender = find(productNumber, instance, nowMs);
      if (sequence <= sender.sequence) return undefined;
      sender.sequence = sequence;
      sender.heardAtMs = nowMs;
      if (isEcho) sender.isProven = true;
      if (sender.isProven)
        return { isProven: true, isTrusted: true, isToBeAsked: false, isAskedInVain: false };
      const isSuspicious = nowMs < suspiciousUntilMs;
      if (type === 'beacon' && sender.firstBeaconAtMs === undefined) {
        sender.firstBeaconAtMs = nowMs;
        sender.askAtMs = isSuspicious ? nowMs : nowMs + random * ASK_SPREAD_MS;
      }
      const hasFailed =
        sender.firstBeaconAtMs !== undefined && nowMs - sender.firstBeaconAtMs > PROVISIONAL_MS;
      if (hasFailed && sender.asks >= 2) suspiciousUntilMs = nowMs + SUSPICION_MS;
      // Who bids may be right to, and would not be heard otherwise.
      const hasToProve = type === 'beacon' || (type === 'bid' && (isSuspicious || hasFailed));
      const isToBeAsked = hasToProve && nowMs >= sender.askAtMs;
      if (isToBeAsked) {
        sender.asks++;
        sender.askAtMs = nowMs + ASK_AGAIN_MS;
      }
      return {
        isProven: false,
        isTrusted: !hasFailed && nowMs >= suspiciousUntilMs,
        isToBeAsked,
        isAskedInVain: sender.asks > ASKS_OF_ONE,
      };
    },
    askAtOnce: (productNumber, nowMs) => {
      const sender = [...senders].findLast(([name]) => name.startsWith(`${productNumber}/`))?.[1];
      if (sender === undefined || sender.isProven) return false;
      if (sender.asks > 0 && sender.askAtMs - ASK_AGAIN_MS + ASK_AT_ONCE_GAP_MS > nowMs) return false;
      sender.asks++;
      sender.askAtMs = nowMs + ASK_AGAIN_MS;
      return true;
    },
  };
}
