import type { Group } from '@holdfast/api';
import { useLocalStorage } from '@mantine/hooks';
import { useEffect, useEffectEvent } from 'react';

/** Which groups are open in the tree, remembered in this browser; the way to the chosen one is always open. */
export function useExpandedGroups(groups: readonly Group[], selectedId: string | undefined) {
  const [stored, setStored] = useLocalStorage<readonly string[]>({
    key: 'holdfast.expanded-groups',
    defaultValue: [],
    getInitialValueInEffect: false,
  });
  const roots = groups.filter((group) => group.parentId === null).map((group) => group.id);
  const openTheWay = useEffectEvent((groupId: string) => {
    const way: string[] = [];
    let parentId = groups.find((group) => group.id === groupId)?.parentId;
    while (parentId !== undefined && parentId !== null) {
      const current: string = parentId;
      way.push(current);
      parentId = groups.find((group) => group.id === current)?.parentId;
    }
    const missing = way.filter((id) => !stored.includes(id) && !roots.includes(id));
    if (missing.length > 0) setStored([...stored, ...missing]);
  });
  const isLoaded = groups.length > 0;
  useEffect(() => {
    if (selectedId !== undefined && isLoaded) openTheWay(selectedId);
  }, [selectedId, isLoaded]);

  // The top group is open unless it was closed by hand, which is stored with a minus before its id.
  const expandedIds = new Set([...stored, ...roots.filter((id) => !stored.includes(`-${id}`))]);
  const onExpand = (groupId: string, isExpanded: boolean): void => {
    const rest = stored.filter((id) => id !== groupId && id !== `-${groupId}`);
    if (roots.includes(groupId)) setStored(isExpanded ? rest : [...rest, `-${groupId}`]);
    else setStored(isExpanded ? [...rest, groupId] : rest);
  };
  return { expandedIds, onExpand };
}
