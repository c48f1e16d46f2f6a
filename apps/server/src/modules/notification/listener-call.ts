import { connect } from 'node:net';
import { limits } from '@holdfast/protocol';
import type { Endpoint } from '../datagrams/index.ts';

export interface ListenerCall extends Endpoint {
  /** The sealed notification. */
  readonly bytes: Uint8Array;
  readonly isAnswer: (bytes: Uint8Array) => boolean;
  readonly timeoutMs?: number;
}

/**
 * Calls the listener of a product: one connection, 56 bytes each way. Whatever answers is a stranger until it has proven
 * itself, so no more than 56 bytes are read, and no longer than 2 seconds.
 *
 * @returns how it ended; it never throws
 */
export function callListener(call: ListenerCall): Promise<'acknowledged' | 'unanswered' | 'unproven'> {
  return new Promise((resolve) => {
    const received = Buffer.alloc(limits.minDatagramBytes);
    let length = 0;
    const socket = connect({ host: call.address, port: call.port, noDelay: true });
    const timer = setTimeout(() => end('unanswered'), call.timeoutMs ?? limits.notificationTimeoutMs);
    const end = (outcome: 'acknowledged' | 'unanswered' | 'unproven'): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(outcome);
    };
    socket.on('connect', () => socket.write(call.bytes));
    socket.on('data', (chunk: Buffer) => {
      if (length + chunk.length > received.length) return end('unproven');
      length += chunk.copy(received, length);
      if (length === received.length) end(call.isAnswer(received) ? 'acknowledged' : 'unproven');
    });
    // A listener that closes after some bytes was not the product's; one that closes without any says nothing.
    socket.on('close', () => end(length === 0 ? 'unanswered' : 'unproven'));
    socket.on('error', () => end(length === 0 ? 'unanswered' : 'unproven'));
  });
}
