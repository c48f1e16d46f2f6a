import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Datagrams that may be under way at once: enough to keep the receiver busy, too few to overflow its buffer. */
const window = 1_000;

/**
 * Sends datagrams in a closed loop for `durationMs` and counts the answers.
 *
 * @returns answers per second of wall time, and how many came
 */
export async function sendDatagrams(
  port: number,
  datagrams: readonly Uint8Array[],
  offset: number,
  durationMs: number,
): Promise<{ answered: number; sent: number; ratePerSecond: number }> {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 8 << 20, sendBufferSize: 8 << 20 });
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let sent = 0;
  let answered = 0;
  const startedAt = performance.now();
  const isOver = (): boolean =>
    performance.now() - startedAt > durationMs || offset + sent >= datagrams.length;
  const sendOne = (): void => {
    const datagram = datagrams[offset + sent];
    if (datagram === undefined) return;
    sent++;
    socket.send(datagram, () => {});
  };
  await new Promise<void>((resolve) => {
    let lastAnswered = -1;
    socket.on('message', () => {
      answered++;
      if (!isOver()) sendOne();
      else if (answered === sent) resolve();
    });
    for (let i = 0; i < window; i++) sendOne();
    // A datagram that was lost leaves a hole in the window: fill it, and end when nothing comes any more.
    const timer = setInterval(() => {
      if (isOver() && answered === lastAnswered) {
        clearInterval(timer);
        resolve();
      }
      lastAnswered = answered;
    }, 200);
    socket.once('close', () => clearInterval(timer));
  });
  const elapsedMs = Math.min(performance.now() - startedAt, durationMs + 400);
  socket.close();
  return { answered, sent, ratePerSecond: (answered / elapsedMs) * 1000 };
}
