/** How what somebody typed or pasted compares with a fingerprint. */
export type FingerprintMatch = 'empty' | 'unfinished' | 'same' | 'other';

/** Publishers write them with spaces, colons or capitals, and some with the name of the hash before. */
export function matchFingerprint(typed: string, fingerprint: string): FingerprintMatch {
  const plain = typed
    .toLowerCase()
    .replace(/^\s*sha-?256:?/u, '')
    .replaceAll(/[\s:]/gu, '');
  if (plain === '') return 'empty';
  if (plain === fingerprint) return 'same';
  return plain.length < fingerprint.length && fingerprint.startsWith(plain) ? 'unfinished' : 'other';
}
