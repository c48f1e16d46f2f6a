import type { DeviceEncryption, getDirectorySummary, ResponseOf } from '@holdfast/api';

export type DirectorySummary = ResponseOf<typeof getDirectorySummary>;

/** The groups that people made: the top group, in which all others lie, is the organisation itself. */
export function countOfGroups({ groupCount }: Pick<DirectorySummary, 'groupCount'>): number {
  return Math.max(0, groupCount - 1);
}

export function countOfEncryption({ encryption }: DirectorySummary, state: DeviceEncryption): number {
  switch (state) {
    case 'encrypted':
      return encryption.encrypted;
    case 'not-encrypted':
      return encryption.notEncrypted;
    case 'unknown':
      return encryption.unknown;
  }
}

/** Versions to choose from, newest first, with the one that is chosen even where no device has it any more. */
export function agentVersions(
  summary: DirectorySummary | undefined,
  chosen: string | undefined,
): readonly { readonly version: string; readonly count: number | undefined }[] {
  const known = (summary?.byAgentVersion ?? []).filter(({ version }) => version !== '');
  const missing =
    chosen === undefined || known.some(({ version }) => version === chosen)
      ? []
      : [{ version: chosen, count: summary === undefined ? undefined : 0 }];
  return [...known, ...missing].toSorted((left, right) =>
    right.version.localeCompare(left.version, 'en', { numeric: true }),
  );
}
