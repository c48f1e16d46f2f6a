import type { NotificationContent } from '../datagram/datagram.ts';
import { limits } from '../limits.ts';
import type { HandshakeAnswer } from '../messages/handshake.ts';
import type { TransportRequest } from '../messages/transport.ts';
import { CommunicationMode } from '../mode-choice.ts';
import { readHeldStream } from './held-stream.ts';
import { NotificationIntake } from './notification-intake.ts';
import { type NotificationListener, openNotificationListener } from './notification-listener.ts';

/** A call of the server, and the way it came. */
export interface ReceivedNotification extends NotificationContent {
  readonly way: 'direct' | 'udp' | 'held';
}

/** Why a product that was asked to listen does not. */
export type ListenerRefusal = 'forbidden' | 'port-unavailable';

/** What a product does about calls of the server. */
export interface NotificationHandling {
  /** Told each proven notification once, in the order in which they were made; it is acknowledged by then. */
  readonly onNotification: (notification: ReceivedNotification) => void;
  /** False: it never listens on a port, whatever the server asks for. Absent: it may. */
  readonly mayListen?: boolean;
  /** Address to listen at; every one of this computer unless told. */
  readonly listenerHost?: string;
  /** Told when the server asked for a listener and there is none. */
  readonly onListenerRefusal?: (refusal: ListenerRefusal, port: number, cause?: unknown) => void;
  /** Silence after which a held stream is given up; 150 seconds unless told. */
  readonly streamSilentMs?: number;
}

/** Takes the calls of the server, by whatever way they come. */
export class Notifications {
  readonly #handling: NotificationHandling;
  readonly #link: { readonly authority: string; readonly timeoutMs: number };
  #intake: NotificationIntake | undefined;
  #wantedPort: number | null = null;
  #listener: NotificationListener | undefined;
  #stream: AbortController | undefined;

  constructor(
    handling: NotificationHandling,
    link: { readonly authority: string; readonly timeoutMs: number },
  ) {
    this.#handling = handling;
    this.#link = link;
  }

  /** A handshake has succeeded: calls of earlier ones prove nothing any more. */
  begin(handshake: HandshakeAnswer): void {
    this.#stream?.abort();
    this.#stream = undefined;
    this.#intake = new NotificationIntake(handshake);
    this.#wantedPort = handshake.listenerPort ?? null;
  }

  /** Listens where the server asked for it, and says how this product can be called. */
  async offer(): Promise<Required<Pick<TransportRequest, 'listenerPort' | 'canHold'>>> {
    const port = this.#wantedPort;
    if (port === null || this.#listener?.port !== port) this.#closeListener();
    if (port !== null && this.#listener === undefined) await this.#listen(port);
    return { listenerPort: this.#listener?.port ?? null, canHold: true };
  }

  /** A way that is not used is closed. */
  useMode(mode: CommunicationMode): void {
    if (mode !== CommunicationMode.direct) this.#closeListener();
    if (mode !== CommunicationMode.held) this.#stream?.abort();
  }

  /** The reply to a datagram that came by UDP between heartbeats. The last one is acknowledged again: its answer may be lost. */
  answerDatagram(bytes: Uint8Array): Uint8Array | undefined {
    const taken = this.#intake?.take(bytes);
    if (taken === undefined || taken === 'older') return undefined;
    if (taken.isNew) this.#tell({ ...taken.content, way: 'udp' });
    return taken.acknowledgement;
  }

  /** One stream, until it ends; see `McpClient.holdStream`. */
  async hold(options: {
    readonly address: string;
    readonly accessToken: string;
    readonly onOpen: () => void;
  }): Promise<void> {
    this.#stream?.abort();
    const ending = new AbortController();
    this.#stream = ending;
    const intake = this.#intake;
    try {
      await readHeldStream({
        ...options,
        ...this.#link,
        silentMs: this.#handling.streamSilentMs ?? limits.streamSilentMs,
        onNotification: (bytes) => {
          const taken = intake?.take(bytes);
          if (taken !== undefined && taken !== 'older' && taken.isNew) {
            this.#tell({ ...taken.content, way: 'held' });
          }
          return taken !== undefined;
        },
        signal: ending.signal,
      });
    } finally {
      if (this.#stream === ending) this.#stream = undefined;
    }
  }

  close(): void {
    this.#stream?.abort();
    this.#stream = undefined;
    this.#intake = undefined;
    this.#closeListener();
  }

  async #listen(port: number): Promise<void> {
    const { mayListen = true, listenerHost, onListenerRefusal } = this.#handling;
    if (!mayListen) return onListenerRefusal?.('forbidden', port);
    try {
      this.#listener = await openNotificationListener({
        port,
        ...(listenerHost === undefined ? {} : { host: listenerHost }),
        answer: (bytes) => this.#answerCall(bytes),
      });
    } catch (error) {
      // In use, or not allowed: the server finds another way.
      onListenerRefusal?.('port-unavailable', port, error);
    }
  }

  #answerCall(bytes: Uint8Array): Uint8Array | undefined {
    const taken = this.#intake?.take(bytes);
    // TCP loses no answer, so a notification that comes again is a replay.
    if (taken === undefined || taken === 'older' || !taken.isNew) return undefined;
    this.#tell({ ...taken.content, way: 'direct' });
    return taken.acknowledgement;
  }

  /** After the answer is on its way, so that what the product does about it never delays the answer. */
  #tell(notification: ReceivedNotification): void {
    setImmediate(() => this.#handling.onNotification(notification));
  }

  #closeListener(): void {
    this.#listener?.close();
    this.#listener = undefined;
  }
}
