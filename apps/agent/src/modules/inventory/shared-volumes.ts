import type { DiskFacts, VolumeFacts } from './inventory-facts.ts';

/**
 * Each volume once, at the first of its disks: one that spans 36 disks, as in a volume group or a mirror, would otherwise be
 * listed 36 times. The other disks say how many of theirs are listed before them; the states of the disks stay as they are.
 */
export function listSharedVolumesOnce(disks: readonly DiskFacts[]): readonly DiskFacts[] {
  const listed = new Set<string>();
  return disks.map((disk) => {
    const { volumes } = disk;
    if (volumes === undefined) return disk;
    const own = volumes.filter((volume) => !listed.has(keyOf(volume)));
    for (const volume of own) listed.add(keyOf(volume));
    const sharedCount = volumes.length - own.length;
    return sharedCount === 0 ? disk : { ...disk, volumes: own, volumesListedBefore: sharedCount };
  });
}

/** A mount point belongs to one volume. Without one, systems that let two volumes have one name still tell them by size. */
function keyOf({ name, mountPoint, fileSystem, sizeBytes }: VolumeFacts): string {
  return JSON.stringify(
    mountPoint === undefined ? [name, fileSystem, sizeBytes] : [name, fileSystem, mountPoint],
  );
}
