/** How near the end of the signed metadata is: from then on devices believe nothing of them. */
export type MetadataEnd = 'far' | 'near' | 'past';

/** The shortest of the usual lifetimes is two days, and a download a day makes it new. */
const NEAR_MS = 86_400_000;

/** @param expiresAt null before the first download */
export function metadataEndOf(expiresAt: string | null, nowMs: number): MetadataEnd {
  if (expiresAt === null) return 'far';
  const leftMs = Date.parse(expiresAt) - nowMs;
  if (leftMs <= 0) return 'past';
  return leftMs < NEAR_MS ? 'near' : 'far';
}
