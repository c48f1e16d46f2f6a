import type { TokenArrival } from '@holdfast/api';

const MAX_TOKENS = 500;
const MAX_OF_TOKEN = 50;

/**
 * Who came lately with which token, for whoever stands before the device and waits to see it. In memory alone: after a restart of
 * the server the directory and the waiting list still know everybody.
 */
export class RecentArrivals {
  /** By token, then by key; what came last stands last. */
  readonly #byToken = new Map<string, Map<string, TokenArrival>>();

  /** @param tokenId null for what came without a token */
  note(tokenId: string | null, arrival: TokenArrival): void {
    if (tokenId === null) return;
    const ofToken = this.#byToken.get(tokenId) ?? new Map<string, TokenArrival>();
    ofToken.delete(arrival.keyThumbprint);
    ofToken.set(arrival.keyThumbprint, arrival);
    dropFirst(ofToken, MAX_OF_TOKEN);
    this.#byToken.delete(tokenId);
    this.#byToken.set(tokenId, ofToken);
    dropFirst(this.#byToken, MAX_TOKENS);
  }

  /** Newest first. */
  of(tokenId: string): TokenArrival[] {
    return [...(this.#byToken.get(tokenId)?.values() ?? [])].toReversed();
  }
}

function dropFirst(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return;
    map.delete(key);
  }
}
