import type { ReleaseOfComponent } from '@holdfast/api';

/** The way from one earlier release, and what it saves. */
export interface IncrementSize {
  readonly from: number;
  readonly encoding: string;
  readonly bytes: number;
  /** How many times smaller than the full file; at least 1. */
  readonly times: number;
}

/** @param release with its increments, the newest first */
export function incrementSizesOf({ increments, fullBytes }: ReleaseOfComponent): readonly IncrementSize[] {
  return increments.map((increment) => ({
    ...increment,
    times: Math.max(1, fullBytes / Math.max(1, increment.bytes)),
  }));
}

/** What a device loads that has the release before it; undefined where there is no way from there. */
export function stepOf(release: ReleaseOfComponent): IncrementSize | undefined {
  return incrementSizesOf(release).reduce<IncrementSize | undefined>(
    (nearest, one) => (nearest === undefined || one.from > nearest.from ? one : nearest),
    undefined,
  );
}
