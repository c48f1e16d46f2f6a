import type { Datagram } from '@holdfast/protocol';
import type { FleetCounts } from './fleet-counts.ts';
import type { HeartbeatTimes } from './heartbeat-times.ts';
import type { ProductSessions } from './product-sessions.ts';
import type { ProductEvent } from './product-state.ts';

export interface DatagramReaderOptions {
  readonly sessions: ProductSessions;
  readonly times: HeartbeatTimes;
  readonly counts: FleetCounts;
  readonly nowMs: () => number;
  /** Sends a datagram of this product. */
  readonly send: (index: number, bytes: Uint8Array) => void;
}

/** What a proven datagram means to the product it is for. */
export class DatagramReader {
  readonly #options: DatagramReaderOptions;

  constructor(options: DatagramReaderOptions) {
    this.#options = options;
  }

  /** `undefined` for what changes nothing: an answer to an earlier heartbeat, a notification that came twice. */
  read(index: number, datagram: Datagram, by: 'udp' | 'https'): ProductEvent | undefined {
    switch (datagram.type) {
      case 'heartbeat-acknowledgement':
        return this.#readAcknowledgement(index, datagram, by);
      case 'probe-acknowledgement':
        return by === 'udp' ? { type: 'probe-acknowledged' } : undefined;
      case 'notification':
        return by === 'udp' ? this.#readNotification(index, datagram) : undefined;
      default:
        return undefined;
    }
  }

  #readAcknowledgement(
    index: number,
    datagram: Extract<Datagram, { type: 'heartbeat-acknowledgement' }>,
    by: 'udp' | 'https',
  ): ProductEvent | undefined {
    const { sessions, times, counts, nowMs } = this.#options;
    if (datagram.sequence !== sessions.sequenceOf(index)) return undefined;
    const { commandsWait, handshakeAgain, nextIntervalMs } = datagram;
    if (!handshakeAgain && times.end(index, nowMs())) counts.acknowledged++;
    return { type: 'acknowledged', by, commandsWait, handshakeAgain, nextIntervalMs };
  }

  // docs/protocol.md, section 11.1: it acknowledges first, and acts then, once.
  #readNotification(
    index: number,
    datagram: Extract<Datagram, { type: 'notification' }>,
  ): ProductEvent | undefined {
    const { sessions, counts, send } = this.#options;
    const judged = sessions.judgeNotification(index, datagram.sequence);
    if (judged === undefined) return undefined;
    send(index, sessions.sealNotificationAcknowledgement(index, datagram));
    if (!judged.isNew) return undefined;
    counts.notifications++;
    const { commandsWait, handshakeAgain } = datagram;
    return { type: 'notified', commandsWait, handshakeAgain };
  }
}
