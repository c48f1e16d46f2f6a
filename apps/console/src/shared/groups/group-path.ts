import type { Group } from '@holdfast/api';

/** `Berlin / Sales`; the top group, whose path is empty, goes by its name. */
export function groupPathText(group: Pick<Group, 'name' | 'path'>): string {
  return group.path.length === 0 ? group.name : group.path.join(' / ');
}

/** Ids from the topmost group that can be seen down to this one. */
export function groupPathIds(
  groups: readonly Pick<Group, 'id' | 'parentId'>[],
  groupId: string,
): readonly string[] {
  const parentOf = new Map(groups.map((group) => [group.id, group.parentId]));
  const path: string[] = [];
  for (let id: string | null | undefined = groupId; typeof id === 'string'; id = parentOf.get(id)) {
    path.unshift(id);
  }
  return path;
}
