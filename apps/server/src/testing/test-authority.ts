import type { AuthorityKeeper, TrustedAuthority } from '../platform/keys/authority-keeper.ts';

/** An authority that nobody renews. @param beside what is trusted beside it */
export function createStillAuthority(
  current: TrustedAuthority,
  beside: readonly TrustedAuthority[] = [],
): AuthorityKeeper {
  const refuse = async (): Promise<never> => await Promise.reject(new Error('this authority stays as it is'));
  return {
    isOwn: true,
    current,
    next: undefined,
    successions: [],
    listTrusted: () => [current, ...beside],
    reload: async () => {},
    prepareNext: refuse,
    switchToNext: refuse,
  };
}
