import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { systemClock } from '@holdfast/kernel';
import {
  chooseMode,
  limits,
  type ListenerEvidence,
  type ModeChoice,
  type NotificationContent,
  type NotificationDatagram,
  NotificationSealer,
  type Transport,
  type TransportRequest,
} from '@holdfast/protocol';
import { deriveKey, KeyLabel } from '@holdfast/trust';
import type { FakeProduct, FakeServerState } from './fake-server-state.ts';

const quiet: NotificationContent = { commandsWait: false, handshakeAgain: false };

/** What the server makes of the ways that a product offers: it tries the listener, as the specification says. */
export async function settleMode(
  state: FakeServerState,
  product: FakeProduct,
  offer: Pick<TransportRequest, 'listenerPort' | 'canHold'>,
  transport: Transport,
): Promise<ModeChoice> {
  const port = offer.listenerPort ?? null;
  product.listenerPort = port;
  const listener: ListenerEvidence =
    port === null
      ? 'missing'
      : (await callListener(state, product, port, quiet))
        ? 'answered'
        : 'unreachable';
  const choice = chooseMode({
    pinned: state.pinnedMode,
    listener,
    transport,
    canHold: offer.canHold ?? false,
    hasFreeStream: state.hasFreeStream,
  });
  product.mode = choice.mode;
  return choice;
}

/** Calls a product once, by its way. @returns false when it could not be called or did not prove itself */
export async function notify(
  state: FakeServerState,
  product: FakeProduct,
  content: NotificationContent,
  sendUdp: (bytes: Uint8Array, port: number, address: string) => void,
): Promise<boolean> {
  switch (product.mode) {
    case 'two-way-direct':
      return (
        product.listenerPort !== null && (await callListener(state, product, product.listenerPort, content))
      );
    case 'two-way-udp': {
      if (product.udpAddress === undefined) return false;
      const { bytes } = seal(state, product, content);
      sendUdp(bytes, product.udpAddress.port, product.udpAddress.address);
      return true;
    }
    case 'two-way-held':
      return product.stream?.write(seal(state, product, content).bytes) ?? false;
    default:
      return false;
  }
}

/** Keeps the answer open, in place of the stream that the product had. */
export function holdStream(state: FakeServerState, product: FakeProduct, response: ServerResponse): void {
  product.stream?.end();
  product.stream = response;
  response.writeHead(200, { 'content-type': state.streamMediaType });
  response.flushHeaders();
  response.on('close', () => {
    if (product.stream === response) product.stream = undefined;
  });
}

function seal(
  state: FakeServerState,
  { productNumber, epoch }: FakeProduct,
  content: NotificationContent,
): {
  readonly notification: NotificationDatagram;
  readonly bytes: Uint8Array;
  readonly sealer: NotificationSealer;
} {
  const sealer = new NotificationSealer(deriveKey(state.masterKey, KeyLabel.heartbeat));
  state.notificationSequence = Math.max(systemClock.now(), state.notificationSequence + 1);
  const notification: NotificationDatagram = {
    type: 'notification',
    productNumber,
    epoch,
    sequence: state.notificationSequence,
    nonce: randomBytes(limits.nonceBytes),
    ...content,
  };
  return { notification, bytes: sealer.seal(notification), sealer };
}

async function callListener(
  state: FakeServerState,
  product: FakeProduct,
  port: number,
  content: NotificationContent,
): Promise<boolean> {
  const { notification, bytes, sealer } = seal(state, product, content);
  const socket = connect({ port, host: '127.0.0.1', timeout: limits.notificationTimeoutMs });
  socket.on('timeout', () => socket.destroy());
  try {
    await once(socket, 'connect');
    socket.write(bytes);
    const chunks: Buffer[] = [];
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      if (Buffer.concat(chunks).length >= limits.minDatagramBytes) break;
    }
    return sealer.isAcknowledgement(Buffer.concat(chunks), notification);
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
