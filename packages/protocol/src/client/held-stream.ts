import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { limits } from '../limits.ts';
import { datagramMediaType, mcpPath } from '../messages/path.ts';
import { requireSuccess } from './answer.ts';
import { McpClientError } from './client.errors.ts';
import { describeFault, invalidAnswer, readAnswer } from './https-exchange.ts';

export interface HeldStreamOptions {
  /** Canonical origin. */
  readonly address: string;
  /** PEM of the only authority that is trusted. */
  readonly authority: string;
  readonly accessToken: string;
  /** For connecting and for the head of the answer. */
  readonly timeoutMs: number;
  /** A stream that brings nothing for so long is given up. */
  readonly silentMs: number;
  /** Told when the stream is open. */
  readonly onOpen: () => void;
  /** Judges 56 bytes; false ends the stream, because it is not the server who writes. */
  readonly onNotification: (bytes: Uint8Array) => boolean;
  /** Ends it from this side. */
  readonly signal: AbortSignal;
}

/**
 * Reads one held stream to its end (docs/protocol.md, "Held"), on a connection of its own.
 *
 * @returns when the stream ended after it was open, whoever ended it
 * @throws McpProblem such as `NOTIFICATIONS_FULL`, and McpClientError, when it could not be opened; McpClientError
 *   `SERVER_ANSWER_INVALID` for what is no stream of notifications
 */
export async function readHeldStream(options: HeldStreamOptions): Promise<void> {
  const answer = await open(options);
  try {
    if (answer.statusCode !== 200) {
      requireSuccess(await readAnswer(answer, limits.maxAnswerBytes));
      throw invalidAnswer('The answer is no stream of notifications.');
    }
    const mediaType = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (mediaType !== datagramMediaType) throw invalidAnswer('The answer is no stream of notifications.');
    options.onOpen();
    await read(answer, options);
  } finally {
    answer.destroy();
  }
}

function open({
  address,
  authority,
  accessToken,
  timeoutMs,
  signal,
}: HeldStreamOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request(new URL(mcpPath.notifications, address), {
      agent: false,
      ca: authority,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      method: 'GET',
      headers: { accept: datagramMediaType, authorization: `Bearer ${accessToken}` },
      signal,
    });
    const late = setTimeout(
      () => outgoing.destroy(Object.assign(new Error('The server does not answer.'), { code: 'TIMED_OUT' })),
      timeoutMs,
    );
    outgoing.once('response', (answer) => {
      clearTimeout(late);
      resolve(answer);
    });
    // After the head of the answer its end says what there is to say.
    outgoing.on('error', (cause) => {
      clearTimeout(late);
      reject(describeFault(cause, address));
    });
    outgoing.end();
  });
}

/** Invariant: what is judged are whole notifications, in the order in which they were written. */
async function read(answer: IncomingMessage, { silentMs, onNotification }: HeldStreamOptions): Promise<void> {
  const frame = Buffer.alloc(limits.minDatagramBytes);
  let length = 0;
  const silent = setTimeout(() => answer.destroy(), silentMs);
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      for (let offset = 0; offset < chunk.length; ) {
        const copied = chunk.copy(frame, length, offset);
        offset += copied;
        length += copied;
        if (length < frame.length) break;
        length = 0;
        if (!onNotification(frame))
          throw invalidAnswer('The stream brought something else than notifications.');
        silent.refresh();
      }
    }
  } catch (error) {
    // A connection that breaks is one of the ways in which a stream ends.
    if (error instanceof McpClientError) throw error;
  } finally {
    clearTimeout(silent);
  }
}
