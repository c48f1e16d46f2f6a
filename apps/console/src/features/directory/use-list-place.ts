import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import type { DirectorySearch } from './directory-search.ts';
import { ListMemory } from './list-place.ts';

const memoryKey = ['device-list-place'] as const;

/** Kept with what else this session saw: signing out forgets it. */
export function useListMemory(): ListMemory {
  const queryClient = useQueryClient();
  const known = queryClient.getQueryData<ListMemory>(memoryKey);
  if (known !== undefined) return known;
  const memory = new ListMemory();
  queryClient.setQueryDefaults(memoryKey, { gcTime: Number.POSITIVE_INFINITY });
  queryClient.setQueryData(memoryKey, memory);
  return memory;
}

/** Remembers how far down a list is, and where it was when it was left. */
export function useListPlace(search: DirectorySearch) {
  const memory = useListMemory();
  const [firstOffset] = useState(() => memory.offsetOf(search));
  const offset = useRef(firstOffset);
  useEffect(() => memory.remember({ search, offset: offset.current }), [memory, search]);
  return {
    firstOffset,
    onScroll: (next: number) => {
      offset.current = next;
      memory.remember({ search, offset: next });
    },
  };
}
