import { tagKeyOf } from '@holdfast/api';

/** More than anybody reads in a list of ticks. */
export const maxShownTags = 60;

/**
 * The tags whose names hold what was typed: those that begin with it first, and before all those that are chosen. Among
 * equals the order stays.
 */
export function matchingTags<Item extends { readonly name: string }>(
  tags: readonly Item[],
  typed: string,
  isChosen: (name: string) => boolean,
): { readonly shown: readonly Item[]; readonly restCount: number } {
  const key = tagKeyOf(typed.trim());
  const rank = ({ name }: Item): number => {
    if (key === '') return isChosen(name) ? 0 : 1;
    return tagKeyOf(name) === key ? 0 : tagKeyOf(name).startsWith(key) ? 1 : 2;
  };
  const found = tags.filter(({ name }) => tagKeyOf(name).includes(key));
  const sorted = found.toSorted((one, other) => rank(one) - rank(other));
  return { shown: sorted.slice(0, maxShownTags), restCount: Math.max(0, found.length - maxShownTags) };
}
