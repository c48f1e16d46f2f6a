import type { RequestFacts } from '../../platform/http/route-registrar.ts';
import { addressKey } from '../../platform/rate-limit/token-buckets.ts';
import type { PasswordCaller } from './password-queue.ts';

/** Callers with an open link or a session: there are few, so their work is done even when they have gone. */
export function provenCaller(request: RequestFacts): PasswordCaller {
  return { lane: 'known', network: addressKey(request.remoteAddress), isWanted: () => true };
}
