import type { Group } from '@holdfast/api';

export interface CountedGroup extends Group {
  /** Devices in this group and in all groups below it. */
  readonly deviceCountWithSubgroups: number;
}

const collator = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** Groups in the order of the tree: each stands before its subgroups, and these by name. */
export function countBelow(groups: readonly Group[]): CountedGroup[] {
  const counts = new Map(groups.map(({ id, deviceCount }) => [id, deviceCount]));
  // The deepest first, so that what a group hands on is complete.
  for (const { id, parentId } of groups.toSorted((a, b) => b.depth - a.depth)) {
    if (parentId !== null && counts.has(parentId))
      counts.set(parentId, (counts.get(parentId) ?? 0) + (counts.get(id) ?? 0));
  }
  return groups
    .toSorted((a, b) => comparePaths(a.path, b.path))
    .map((group) => ({ ...group, deviceCountWithSubgroups: counts.get(group.id) ?? 0 }));
}

function comparePaths(a: readonly string[], b: readonly string[]): number {
  for (const [place, name] of a.entries()) {
    const other = b[place];
    if (other === undefined) return 1;
    const order = collator.compare(name, other);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}
