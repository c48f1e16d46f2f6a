import { type ApiClient, getSetupLink } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Whether the secret of a link still lets its holder in. Asked once, and forgotten with the page: the secret is in the key. */
export function setupLinkQuery(api: ApiClient, secret: string) {
  return queryOptions({
    queryKey: ['setup-link', secret],
    queryFn: ({ signal }) => api.call(getSetupLink, { body: { secret }, signal }),
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}
