import type { HandshakeAnswer } from '../messages/handshake.ts';

/** What a handshake settled. The secrets of the answer stay inside the client. */
export interface HandshakeOutcome extends Omit<HandshakeAnswer, 'accessToken' | 'receipt' | 'heartbeat'> {
  readonly epoch: number;
  readonly intervalMs: number;
  readonly offlineTimeoutMs: number;
  /** Time over which a product that loses its server is to spread its return; 0: none was given. */
  readonly returnSpreadMs: number;
  /** Address that answered. */
  readonly address: string;
}

export function describeHandshake(answer: HandshakeAnswer, address: string): HandshakeOutcome {
  // Named one by one: a newer server may send more, and secrets are not to leave by accident.
  const {
    productNumber,
    deviceId,
    groupId,
    groupPath,
    accessTokenExpiresInMs,
    serverTimeMs,
    warnings,
    heartbeat,
  } = answer;
  return {
    productNumber,
    deviceId,
    groupId,
    groupPath,
    accessTokenExpiresInMs,
    serverTimeMs,
    warnings,
    epoch: heartbeat.epoch,
    intervalMs: heartbeat.intervalMs,
    offlineTimeoutMs: heartbeat.offlineTimeoutMs,
    returnSpreadMs: heartbeat.returnSpreadMs ?? 0,
    address,
  };
}
