import { topLevelRoles, trustRoot } from '../metadata/index.ts';

/** What a first root says of itself, for whoever decides whether to trust it. */
export interface OfferedRoot {
  readonly version: number;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
  readonly roles: readonly { readonly role: string; readonly keyCount: number; readonly threshold: number }[];
}

/**
 * Reads a root that nobody has trusted yet: it is one, and signed by the keys that it names, which says nothing of who has them.
 *
 * @throws ComponentError METADATA_UNREADABLE, METADATA_TOO_LARGE, METADATA_UNSIGNED
 */
export function describeOfferedRoot(bytes: Uint8Array): OfferedRoot {
  const { version, expiresAtMs, roles } = trustRoot(bytes).root.metadata;
  return {
    version,
    expiresAtMs,
    roles: topLevelRoles.map((role) => ({
      role,
      keyCount: roles[role].keyIds.length,
      threshold: roles[role].threshold,
    })),
  };
}
