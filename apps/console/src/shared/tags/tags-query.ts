import { type ApiClient, listTags, type Tag, tagKeyOf } from '@holdfast/api';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useApi } from '../api/services.ts';

export const tagsKey = ['tags'] as const;

export function tagsQuery(api: ApiClient) {
  return queryOptions({
    queryKey: tagsKey,
    queryFn: async ({ signal }) => (await api.call(listTags, { signal })).tags,
    staleTime: 60_000,
  });
}

const none: readonly Tag[] = [];

/** All tags by name; none until they are known. Live events tell when they are other ones. */
export function useTags(): readonly Tag[] {
  return useQuery(tagsQuery(useApi())).data ?? none;
}

export function findTag(tags: readonly Tag[], name: string): Tag | undefined {
  const key = tagKeyOf(name);
  return tags.find((tag) => tagKeyOf(tag.name) === key);
}
