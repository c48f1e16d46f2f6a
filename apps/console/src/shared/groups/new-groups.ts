import type { Group } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';

/** Groups to be created one in the other, below one that is there. */
export interface NewGroups {
  readonly parent: Group;
  /** From the outermost in; empty when all of them are there already. */
  readonly names: readonly string[];
}

/**
 * What a typed path such as `Berlin/Sales` asks for below a group: those of its parts that are there are gone through, without
 * regard to capitals, and the others are to be created.
 */
export function planNewGroups(groups: readonly Group[], below: Group, path: string): NewGroups {
  const names = path
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  let parent = below;
  for (const [index, name] of names.entries()) {
    const { id } = parent;
    const next = groups.find((group) => group.parentId === id && isSameName(group.name, name));
    if (next === undefined) return { parent, names: names.slice(index) };
    parent = next;
  }
  return { parent, names: [] };
}

function isSameName(first: string, second: string): boolean {
  return foldName(first) === foldName(second);
}
