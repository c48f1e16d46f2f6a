/** A release of this product, such as `1.12.0` or `1.12.0-rc.2`. */
export type Release = string;

const RELEASE =
  /^(?<core>(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8})\.(?:0|[1-9]\d{0,8}))(?:-(?<early>[0-9A-Za-z-]{1,32}(?:\.[0-9A-Za-z-]{1,32}){0,7}))?$/u;

export function isRelease(text: string): text is Release {
  return RELEASE.test(text);
}

/**
 * Negative when `one` came before `other`, 0 for the same. By their numbers, so that 0.10.0 comes after 0.9.0; what has an addition such
 * as `-rc.2` comes before the release without it (the order of Semantic Versioning 2.0.0, section 11).
 *
 * @throws RangeError when one of them names no release
 */
export function compareReleases(one: Release, other: Release): number {
  const [first, second] = [splitRelease(one), splitRelease(other)];
  const core = comparePieces(first.core, second.core);
  if (core !== 0) return core;
  if (first.early.length === 0 || second.early.length === 0) return second.early.length - first.early.length;
  return comparePieces(first.early, second.early);
}

function splitRelease(release: Release): {
  readonly core: readonly string[];
  readonly early: readonly string[];
} {
  const groups = RELEASE.exec(release)?.groups;
  if (groups === undefined) throw new RangeError(`"${release}" names no release`);
  return { core: groups['core']?.split('.') ?? [], early: groups['early']?.split('.') ?? [] };
}

function comparePieces(one: readonly string[], other: readonly string[]): number {
  for (const [index, piece] of one.entries()) {
    const counterpart = other[index];
    if (counterpart === undefined) return 1;
    const difference = comparePiece(piece, counterpart);
    if (difference !== 0) return difference;
  }
  return one.length - other.length;
}

/** Numbers come before words. */
function comparePiece(one: string, other: string): number {
  const [isNumber, isOtherNumber] = [/^\d+$/u.test(one), /^\d+$/u.test(other)];
  if (isNumber && isOtherNumber) return Number(one) - Number(other);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
