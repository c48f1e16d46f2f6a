import type { FastifyReply } from 'fastify';

export interface EventStreamOptions {
  /** How much may wait for a slow reader before events are dropped for it. */
  readonly maxBufferedBytes?: number;
  /** A comment goes out this often, so that proxies and both ends notice a dead connection. */
  readonly keepAliveMs?: number;
}

/** One open reader of server-sent events. */
export interface EventStream {
  /** False when the reader is too slow or gone: the event was not sent. */
  send(data: unknown): boolean;
  /** True while so much waits for the reader that events would be dropped. */
  readonly isBacklogged: boolean;
  close(): void;
  /** Called once, whoever ended the stream. */
  onClose(listener: () => void): void;
}

const DEFAULT_MAX_BUFFERED_BYTES = 256 * 1024;
const DEFAULT_KEEP_ALIVE_MS = 15_000;

/** The open streams of a server, so that stopping can end them: their readers reconnect elsewhere or later. */
export class EventStreams {
  readonly #open = new Set<EventStream>();
  #isStopping = false;

  /** Takes the answer over from the framework and keeps it open. The headers set so far go out with it. */
  open(reply: FastifyReply, options: EventStreamOptions = {}): EventStream {
    reply.hijack();
    const { raw } = reply;
    const stream = createEventStream(reply, options, () => this.#open.delete(stream));
    if (this.#isStopping || raw.destroyed) {
      stream.close();
      return stream;
    }
    this.#open.add(stream);
    return stream;
  }

  get count(): number {
    return this.#open.size;
  }

  /** Ends every stream and every one that is opened later. */
  stop(): void {
    this.#isStopping = true;
    for (const stream of [...this.#open]) stream.close();
  }
}

function createEventStream(reply: FastifyReply, options: EventStreamOptions, onEnd: () => void): EventStream {
  const { raw } = reply;
  const maxBufferedBytes = options.maxBufferedBytes ?? DEFAULT_MAX_BUFFERED_BYTES;
  const listeners: (() => void)[] = [];
  let isOpen = true;

  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) raw.setHeader(name, value);
  raw.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  raw.write('retry: 2000\n\n');
  // The inactivity limit of the server is for requests that stall, not for a stream with little news.
  raw.socket?.setTimeout(0);

  const keepAlive = setInterval(() => raw.write(': \n\n'), options.keepAliveMs ?? DEFAULT_KEEP_ALIVE_MS);
  keepAlive.unref();
  const end = (): void => {
    if (!isOpen) return;
    isOpen = false;
    clearInterval(keepAlive);
    onEnd();
    for (const listener of listeners) listener();
  };
  raw.on('close', end);
  // A reader that goes away in the middle of a write is no fault; the close follows.
  raw.on('error', end);

  return {
    send(data) {
      if (!isOpen || raw.writableLength > maxBufferedBytes) return false;
      raw.write(`data: ${JSON.stringify(data)}\n\n`);
      return true;
    },
    get isBacklogged() {
      return raw.writableLength > maxBufferedBytes;
    },
    close() {
      raw.end();
      end();
    },
    onClose(listener) {
      if (isOpen) listeners.push(listener);
      else listener();
    },
  };
}
