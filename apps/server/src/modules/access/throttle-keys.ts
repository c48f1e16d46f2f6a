import { createHash } from 'node:crypto';
import { addressKey } from '../../platform/rate-limit/token-buckets.ts';
import type { ThrottleKey } from './throttle.store.ts';

/** The network of an address, as known origins and counters keep it. */
export function addressHashOf(remoteAddress: string): Buffer {
  return hashKey('address', addressKey(remoteAddress));
}

export function addressThrottleKey(remoteAddress: string): ThrottleKey {
  return { kind: 'address', keyHash: addressHashOf(remoteAddress) };
}

export function nameThrottleKey(nameKey: string): ThrottleKey {
  return { kind: 'name', keyHash: hashKey('name', nameKey) };
}

export function knownNameThrottleKey(nameKey: string, remoteAddress: string): ThrottleKey {
  const text = `${nameKey}\0${addressKey(remoteAddress)}`;
  return { kind: 'name-at-address', keyHash: hashKey('name-at-address', text) };
}

/** Guesses at the current password from within a session, under the rule of a known origin: each session counts its own. */
export function sessionThrottleKey(sessionId: string): ThrottleKey {
  return { kind: 'name-at-address', keyHash: hashKey('session', sessionId) };
}

function hashKey(kind: string, text: string): Buffer {
  return createHash('sha256').update(`${kind}\0${text}`, 'utf8').digest();
}
