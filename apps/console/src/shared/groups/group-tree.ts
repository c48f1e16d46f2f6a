import type { Group } from '@holdfast/api';
import { foldName } from '@holdfast/kernel';

export interface GroupNode {
  readonly group: Group;
  readonly children: readonly GroupNode[];
  /** Devices in this group and everything below it. */
  readonly totalCount: number;
}

/** One line of the tree as it is shown, with what assistive technology needs to know. */
export interface TreeLine {
  readonly node: GroupNode;
  readonly id: string;
  readonly level: number;
  readonly setSize: number;
  readonly position: number;
  readonly isExpanded: boolean | undefined;
  readonly parentId: string | undefined;
}

/** Roots are the groups whose parent is not in the list: the top group, or the roots of a narrower scope. */
export function buildGroupTree(groups: readonly Group[]): readonly GroupNode[] {
  const known = new Set(groups.map((group) => group.id));
  const childrenOf = new Map<string, Group[]>();
  const roots: Group[] = [];
  for (const group of groups) {
    if (group.parentId === null || !known.has(group.parentId)) {
      roots.push(group);
      continue;
    }
    const siblings = childrenOf.get(group.parentId);
    if (siblings === undefined) childrenOf.set(group.parentId, [group]);
    else siblings.push(group);
  }
  const toNode = (group: Group): GroupNode => {
    const children = (childrenOf.get(group.id) ?? []).toSorted(byName).map(toNode);
    const below = children.reduce((sum, child) => sum + child.totalCount, 0);
    return { group, children, totalCount: group.deviceCount + below };
  };
  return roots.toSorted(byName).map(toNode);
}

/** Fixed groups first ("New devices"), then by name as people sort. */
function byName(first: Group, second: Group): number {
  if (first.isFixed !== second.isFixed) return first.isFixed ? -1 : 1;
  return first.name.localeCompare(second.name, undefined, { numeric: true, sensitivity: 'base' });
}

export function visibleLines(
  roots: readonly GroupNode[],
  expanded: ReadonlySet<string>,
): readonly TreeLine[] {
  const lines: TreeLine[] = [];
  const visit = (nodes: readonly GroupNode[], level: number, parentId: string | undefined): void => {
    nodes.forEach((node, index) => {
      const id = node.group.id;
      const isExpanded = node.children.length === 0 ? undefined : expanded.has(id);
      lines.push({ node, id, level, setSize: nodes.length, position: index + 1, isExpanded, parentId });
      if (isExpanded === true) visit(node.children, level + 1, id);
    });
  };
  visit(roots, 1, undefined);
  return lines;
}

export type TreeStep =
  | { readonly kind: 'focus'; readonly id: string }
  | { readonly kind: 'expand'; readonly id: string }
  | { readonly kind: 'collapse'; readonly id: string };

/** What a key does in a tree, after the WAI-ARIA tree pattern; undefined for a key that is none of its business. */
export function treeStepOf(lines: readonly TreeLine[], id: string, key: string): TreeStep | undefined {
  const index = lines.findIndex((line) => line.id === id);
  const line = lines[index];
  if (line === undefined) return undefined;
  const focus = (target: TreeLine | undefined): TreeStep | undefined =>
    target === undefined ? undefined : { kind: 'focus', id: target.id };
  switch (key) {
    case 'ArrowDown':
      return focus(lines[index + 1]);
    case 'ArrowUp':
      return focus(lines[index - 1]);
    case 'Home':
      return focus(lines[0]);
    case 'End':
      return focus(lines.at(-1));
    case 'ArrowRight':
      if (line.isExpanded === false) return { kind: 'expand', id };
      return line.isExpanded === true ? focus(lines[index + 1]) : undefined;
    case 'ArrowLeft':
      if (line.isExpanded === true) return { kind: 'collapse', id };
      return line.parentId === undefined ? undefined : { kind: 'focus', id: line.parentId };
    default:
      return undefined;
  }
}

/** The next line after `id` whose name begins with what was typed, going round. */
export function findByPrefix(lines: readonly TreeLine[], id: string, prefix: string): TreeLine | undefined {
  const start = lines.findIndex((line) => line.id === id);
  const wanted = foldName(prefix);
  const from = prefix.length > 1 ? start : start + 1;
  const order = [...lines.slice(Math.max(0, from)), ...lines.slice(0, Math.max(0, from))];
  return order.find((line) => foldName(line.node.group.name).startsWith(wanted));
}

/** The group itself and everything below it. */
export function subtreeIds(groups: readonly Group[], groupId: string): ReadonlySet<string> {
  const ids = new Set([groupId]);
  // The contract lists parents before children, so one pass is enough.
  for (const group of groups) {
    if (group.parentId !== null && ids.has(group.parentId)) ids.add(group.id);
  }
  return ids;
}

/** The group in which all others lie, as far as the caller sees one. */
export function findTopGroup(groups: readonly Group[]): Group | undefined {
  return groups.find((group) => group.parentId === null) ?? groups[0];
}
