import { createHash } from 'node:crypto';
import type { ChangePlan } from '@holdfast/api';

/** Who has rights in some groups only: an API key, or an administrator. */
export interface GroupHolder {
  readonly kind: 'api-key' | 'administrator';
  readonly name: string;
  readonly groupIds: readonly string[];
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

const keysOf = (holders: readonly GroupHolder[]) => holders.filter(({ kind }) => kind === 'api-key');
const peopleOf = (holders: readonly GroupHolder[]) => holders.filter(({ kind }) => kind === 'administrator');

/**
 * Sentences about who gains and who loses rights when something moves from one path to another. A key sees its groups and
 * nothing else; an administrator may have other rights elsewhere.
 */
export function describeRights(
  holders: readonly GroupHolder[],
  from: readonly string[],
  to: readonly string[],
): string[] {
  const reaches = ({ groupIds }: GroupHolder, path: readonly string[]): boolean =>
    groupIds.some((groupId) => path.includes(groupId));
  const losing = holders.filter((holder) => reaches(holder, from) && !reaches(holder, to));
  const gaining = holders.filter((holder) => !reaches(holder, from) && reaches(holder, to));
  return [
    ...describeNames(keysOf(losing), 'API key', 'loses sight of it', 'lose sight of it'),
    ...describeNames(keysOf(gaining), 'API key', 'gains sight of it', 'gain sight of it'),
    ...describeNames(peopleOf(losing), 'administrator', 'loses rights over it', 'lose rights over it'),
    ...describeNames(peopleOf(gaining), 'administrator', 'gains rights over it', 'gain rights over it'),
  ];
}

/** Those all of whose groups are among the ones that are removed. */
export function describeRemovedRights(
  holders: readonly GroupHolder[],
  removedIds: readonly string[],
): string[] {
  const removed = holders.filter(({ groupIds }) => groupIds.every((groupId) => removedIds.includes(groupId)));
  return [
    ...describeNames(keysOf(removed), 'API key', 'sees nothing any more', 'see nothing any more'),
    ...describeNames(
      peopleOf(removed),
      'administrator',
      'has no group left to look after',
      'have no group left to look after',
    ),
  ];
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
