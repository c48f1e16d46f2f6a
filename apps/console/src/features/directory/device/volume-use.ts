import type { InventoryFacts } from '@holdfast/api';

type Disk = NonNullable<InventoryFacts['disks']>[number];
export type Volume = NonNullable<Disk['volumes']>[number];

export interface VolumeUse {
  readonly sizeBytes: number;
  readonly usedBytes: number;
  /** What ordinary programs can still write. */
  readonly freeBytes: number;
  /** Of what ordinary programs can use at all, as df counts it: space that is reserved for root is left out. */
  readonly usedShare: number;
}

/** How full a volume is; `undefined` when its device does not say. */
export function volumeUseOf(
  volume: Pick<Volume, 'sizeBytes' | 'freeBytes' | 'usedBytes'>,
): VolumeUse | undefined {
  const { sizeBytes, freeBytes } = volume;
  if (sizeBytes === undefined || freeBytes === undefined) return undefined;
  const usedBytes = volume.usedBytes ?? Math.max(0, sizeBytes - freeBytes);
  return { sizeBytes, usedBytes, freeBytes, usedShare: usedBytes / Math.max(1, usedBytes + freeBytes) };
}
