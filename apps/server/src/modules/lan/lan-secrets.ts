import { hkdfSync, type KeyObject } from 'node:crypto';
import { encodeBase64Url } from '@holdfast/kernel';

/** How long one secret is that of now. */
export const LAN_SECRET_PERIOD_MS = 30 * 86_400_000;

const SECRET_BYTES = 32;
const NO_SALT = new Uint8Array(0);

/**
 * What the agents of one organisation share on their LANs, as it holds at a moment: the secret of this period, that of the next, which
 * agents with a fast clock or a fresh answer use already, and that of the last. So an agent that has asked within a period knows
 * whatever the others use, and one that gets no answers any more is a stranger after two.
 */
export function deriveLanSecrets(key: KeyObject, nowMs: number): [string, string, string] {
  const period = Math.floor(nowMs / LAN_SECRET_PERIOD_MS);
  const secretOf = (one: number): string =>
    encodeBase64Url(new Uint8Array(hkdfSync('sha256', key, NO_SALT, `period ${one}`, SECRET_BYTES)));
  return [secretOf(period), secretOf(period + 1), secretOf(period - 1)];
}
