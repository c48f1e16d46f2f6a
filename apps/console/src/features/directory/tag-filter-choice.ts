import { tagKeyOf } from '@holdfast/api';

/** Tags by which devices are filtered: they have all of these, and none of those. */
export interface TagFilterChoice {
  readonly having: readonly string[];
  readonly without: readonly string[];
}

/** Puts a tag on one side, or takes it off there; a tag is never on both. */
export function toggleFilterTag(
  chosen: TagFilterChoice,
  side: keyof TagFilterChoice,
  name: string,
): TagFilterChoice {
  const isSame = (other: string): boolean => tagKeyOf(other) === tagKeyOf(name);
  const drop = (names: readonly string[]): string[] => names.filter((other) => !isSame(other));
  const rest = { having: drop(chosen.having), without: drop(chosen.without) };
  return chosen[side].some(isSame) ? rest : { ...rest, [side]: [...rest[side], name] };
}
