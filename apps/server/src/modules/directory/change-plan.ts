import { createHash } from 'node:crypto';
import type { ChangePlan } from '@holdfast/api';

/** An API key that sees only a part of the directory. */
export interface ScopedKey {
  readonly name: string;
  readonly scopeGroupId: string;
}

/** An enrolment token that puts devices into one of the groups concerned. */
export interface PointingToken {
  readonly name: string;
}

/** Names are listed up to this many; a sentence that goes on for a page is not read. */
const MAX_NAMES = 10;

/**
 * A plan with the token that proves what was shown. The token is a digest of everything that the plan says and of the
 * state it was made from: carrying the plan out computes it anew, and any difference means that the directory changed.
 *
 * @param basis what the plan depends on: the kind of change, ids, revisions
 */
export function createChangePlan(
  shown: Omit<ChangePlan, 'planToken'>,
  basis: Readonly<Record<string, unknown>>,
): ChangePlan {
  const text = JSON.stringify([basis, shown.groupCount, shown.deviceCount, shown.consequences]);
  return { ...shown, planToken: createHash('sha256').update(text, 'utf8').digest('base64url') };
}

/** Sentences about who gains and who loses sight when something moves from one path to another. */
export function describeSight(
  keys: readonly ScopedKey[],
  from: readonly string[],
  to: readonly string[],
): string[] {
  const sees = (key: ScopedKey, path: readonly string[]): boolean => path.includes(key.scopeGroupId);
  const losing = keys.filter((key) => sees(key, from) && !sees(key, to));
  const gaining = keys.filter((key) => !sees(key, from) && sees(key, to));
  return [
    ...describeNames(losing, 'API key', 'loses sight of it', 'lose sight of it'),
    ...describeNames(gaining, 'API key', 'gains sight of it', 'gain sight of it'),
  ];
}

/** Keys whose whole part of the directory is removed. */
export function describeBlindedKeys(keys: readonly ScopedKey[]): string[] {
  return describeNames(keys, 'API key', 'sees nothing any more', 'see nothing any more');
}

export function describeMovedTokens(tokens: readonly PointingToken[]): string[] {
  return describeNames(
    tokens,
    'enrolment token',
    'puts its devices there too',
    'put their devices there too',
  );
}

export function describeRemovedTokens(tokens: readonly PointingToken[]): string[] {
  return describeNames(
    tokens,
    'enrolment token',
    'lets devices in only with approval until the group is restored',
    'let devices in only with approval until the group is restored',
  );
}

/** `1 device`, `3 devices`. */
export function countOf(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function describeNames(
  items: readonly { readonly name: string }[],
  noun: string,
  singular: string,
  plural: string,
): string[] {
  if (items.length === 0) return [];
  const names = items
    .map((item) => item.name)
    .sort()
    .slice(0, MAX_NAMES)
    .map((name) => `"${name}"`);
  const rest = items.length - names.length;
  const listed = rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
  return [`The ${noun}${items.length === 1 ? '' : 's'} ${listed} ${items.length === 1 ? singular : plural}.`];
}
