import type { Group } from '@holdfast/api';

/** `Berlin / Sales`; the top group, whose path is empty, goes by its name. */
export function groupPathText(group: Pick<Group, 'name' | 'path'>): string {
  return group.path.length === 0 ? group.name : group.path.join(' / ');
}
