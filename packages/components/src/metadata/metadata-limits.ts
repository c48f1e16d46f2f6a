/**
 * What is read at most. Who serves metadata is not trusted, and who signs them may have lost a key: neither gets more
 * memory, time or disk than this. (Specification 5.3.3, 5.4.1, 5.5.1, 5.6.1: "the value is set by the authors of the
 * application"; 5.3.3 for the number of roots, 5.6.7.1 for that of roles.)
 */
export const metadataLimits = {
  rootBytes: 512 * 1024,
  timestampBytes: 16 * 1024,
  snapshotBytes: 2 * 1024 * 1024,
  /** Some thousand components with all their increments. */
  targetsBytes: 16 * 1024 * 1024,
  /** New roots that one refresh follows. The next one goes on from there. */
  rootsPerRefresh: 256,
  /** Roles whose metadata one search for a file reads. */
  rolesPerSearch: 32,
  keysPerFile: 128,
  keysPerRole: 64,
  signaturesPerFile: 128,
  delegationsPerFile: 128,
  patternsPerDelegation: 256,
  filesPerSnapshot: 4096,
  targetsPerFile: 100_000,
  /** Characters of a name, a path or a pattern. */
  nameCharacters: 512,
} as const;

export type MetadataLimits = { readonly [Name in keyof typeof metadataLimits]: number };
