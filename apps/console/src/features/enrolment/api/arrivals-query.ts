import { type ApiClient, listTokenArrivals } from '@holdfast/api';
import { queryOptions } from '@tanstack/react-query';
import { tokensKey } from './tokens-query.ts';

/** Who came with a token; below the key of the tokens, so that their live event makes it old as well. */
export function arrivalsQuery(api: ApiClient, tokenId: string) {
  return queryOptions({
    queryKey: [...tokensKey, tokenId, 'arrivals'],
    queryFn: async ({ signal }) =>
      (await api.call(listTokenArrivals, { params: { tokenId }, signal })).arrivals,
  });
}
