import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

/** What one stretch of sending came to. */
export interface Sent {
  readonly sent: number;
  readonly ratePerSecond: number;
}

/** Answers still under way when the last datagram has been sent. */
const SETTLE_MS = 200;

/**
 * Sends datagrams at a steady rate. It reads no answers: its receive buffer holds but a few, and the rest is dropped by
 * the system, so that the processor time of the sender does not limit what is measured. Who is measured counts.
 */
export class PacedSender {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async open(port: number): Promise<PacedSender> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 1, sendBufferSize: 8 << 20 });
    socket.connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new PacedSender(socket);
  }

  /** @returns what was really sent, which is less where the machine has no time for more */
  async send(nextDatagram: () => Uint8Array, ratePerSecond: number, durationMs: number): Promise<Sent> {
    const startedAt = performance.now();
    let sent = 0;
    let elapsedMs = 0;
    while (elapsedMs < durationMs) {
      await delay(1);
      elapsedMs = performance.now() - startedAt;
      const due = Math.floor((Math.min(elapsedMs, durationMs) / 1000) * ratePerSecond);
      for (; sent < due; sent++) this.#socket.send(nextDatagram());
    }
    const tookMs = performance.now() - startedAt;
    await delay(SETTLE_MS);
    return { sent, ratePerSecond: (sent / tookMs) * 1000 };
  }

  close(): void {
    this.#socket.close();
  }
}
