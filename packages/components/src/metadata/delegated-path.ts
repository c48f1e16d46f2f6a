import { createHash } from 'node:crypto';
import { encodeHex } from '@holdfast/kernel';
import type { Delegation } from './role-metadata.ts';

/** Whether a delegation is about a path (specification 4.5: `paths` and `path_hash_prefixes`). */
export function isDelegated(path: string, delegation: Delegation): boolean {
  if (delegation.patterns.some((pattern) => isMatch(path, pattern))) return true;
  if (delegation.hashPrefixes.length === 0) return false;
  const hash = encodeHex(createHash('sha256').update(path).digest());
  return delegation.hashPrefixes.some((prefix) => hash.startsWith(prefix));
}

/** `*` is any number of characters and `?` one, neither of them a `/`; every other character is itself. */
export function isMatch(path: string, pattern: string): boolean {
  const segments = path.split('/');
  const patterns = pattern.split('/');
  return (
    segments.length === patterns.length &&
    segments.every((segment, index) => isSegmentMatch(segment, patterns[index] ?? ''))
  );
}

/** Goes back to the last `*` only, so that no pattern takes more than length × length steps. */
function isSegmentMatch(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let starAt = 0;
  while (at < text.length) {
    const wanted = pattern[next];
    if (wanted === '*') {
      star = next;
      starAt = at;
      next += 1;
    } else if (wanted === '?' || wanted === text[at]) {
      at += 1;
      next += 1;
    } else if (star >= 0) {
      starAt += 1;
      at = starAt;
      next = star + 1;
    } else {
      return false;
    }
  }
  return /^\**$/.test(pattern.slice(next));
}
