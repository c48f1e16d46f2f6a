import { type ApiClient, listEnrolmentTokens } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';

/** Named as the live event that makes it old. */
export const tokensKey = ['enrolment-tokens'] as const;

export function tokensQuery(api: ApiClient) {
  return queryOptions({
    queryKey: tokensKey,
    queryFn: async ({ signal }) => (await api.call(listEnrolmentTokens, { signal })).tokens,
  });
}
