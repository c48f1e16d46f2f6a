import { limits } from '../limits.ts';
import type { HandshakeAnswer } from '../messages/handshake.ts';
import { parseServerAddress } from '../server-address.ts';

/** What a handshake settled. The secrets of the answer stay inside the client. */
export interface HandshakeOutcome
  extends Omit<HandshakeAnswer, 'accessToken' | 'receipt' | 'heartbeat' | 'addresses'> {
  readonly epoch: number;
  readonly intervalMs: number;
  readonly offlineTimeoutMs: number;
  /** Time over which a product that loses its server is to spread its return; 0: none was given. */
  readonly returnSpreadMs: number;
  /** Address that answered. */
  readonly address: string;
  /** All that are tried from now on, in their order. */
  readonly addresses: readonly string[];
}

/**
 * What a product tries after a handshake. The address that answered stays, behind the others where it is not among them: an
 * administrator's slip must not cut the product off.
 */
export function mergeAddresses(
  told: readonly string[] | undefined,
  answered: string,
  known: readonly string[],
): readonly string[] {
  const usable = (told ?? []).flatMap((text) => parseServerAddress(text) ?? []);
  if (usable.length === 0) return known;
  const merged = [...new Set(usable)];
  return merged.includes(answered) ? merged : [...merged.slice(0, limits.maxServerAddresses - 1), answered];
}

/** Without the secrets of the answer. */
export function describeHandshake(
  answer: HandshakeAnswer,
  address: string,
  addresses: readonly string[],
): HandshakeOutcome {
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
    addresses,
  };
}
