import type { CallName, FailureKind } from './product-state.ts';

const HANDSHAKE: ReadonlySet<string> = new Set([
  'ACCESS_TOKEN_INVALID',
  'ACCESS_TOKEN_EXPIRED',
  'HEARTBEAT_INVALID',
]);
const SLOWLY: ReadonlySet<string> = new Set(['PRODUCT_UNKNOWN', 'PRODUCT_DISABLED']);
/** A new challenge, or a greater sequence, which the next attempt has in any case. */
const ANEW: ReadonlySet<string> = new Set(['CHALLENGE_INVALID', 'HEARTBEAT_REPLAYED']);

/** What a product makes of a refusal, by docs/protocol.md, section 17. An unknown code counts by its status. */
export function classifyRefusal(call: CallName, refusal: { code: string; status: number }): FailureKind {
  const { code, status } = refusal;
  // Without a session these two codes mean nothing.
  if (HANDSHAKE.has(code) && call !== 'registration' && call !== 'handshake') return 'handshake';
  if (SLOWLY.has(code)) return 'slowly';
  if (ANEW.has(code) || status === 429 || status >= 500) return 'later';
  // A product must not go on with a key that another computer has, nor ask again with a token that was refused.
  return call === 'registration' || code === 'PRODUCT_KEY_SHARED' ? 'final' : 'never';
}
