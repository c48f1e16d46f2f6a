export interface Mount {
  /** `major:minor` of the file system. Btrfs and others show one that belongs to no block device. */
  readonly deviceNumber: string;
  readonly mountPoint: string;
  readonly fileSystem: string;
  /** What was mounted, such as `/dev/vda1`. */
  readonly source: string;
  /** Path inside the file system that is mounted; `/` unless it is a bind mount or a subvolume. */
  readonly root: string;
}

/** Reads /proc/self/mountinfo (proc_pid_mountinfo(5)). Lines that do not have its form are skipped. */
export function parseMountInfo(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    // Optional fields stand between the sixth field and a lone hyphen.
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , deviceNumber, root, mountPoint] = before.split(' ');
    const [fileSystem, source] = after.split(' ');
    if (!deviceNumber || !root || !mountPoint || !fileSystem || source === undefined) continue;
    mounts.push({
      deviceNumber,
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      fileSystem,
      source: unescapeOctal(source),
    });
  }
  return mounts;
}

/** The layers of the root file system, in the words of an overlay's options; empty where it is none. */
export function findRootLayers(text: string): string {
  const root = text.split('\n').findLast((line) => line.split(' ')[4] === '/');
  const [fileSystem = '', , options = ''] = root?.split(' - ', 2)[1]?.split(' ') ?? [];
  return /^(?:overlay|aufs|fuse\.fuse-overlayfs)$/u.test(fileSystem) ? options : '';
}

/** Names of active swap areas, from /proc/swaps. */
export function parseSwaps(text: string): string[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [path, kind] = line.split(/\s+/u);
      return path !== undefined && kind === 'partition' ? [unescapeOctal(path)] : [];
    });
}

/** The kernel writes blanks, tabs, line feeds and backslashes in names as `\ooo`. */
function unescapeOctal(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
