/**
 * Everything that the Linux collector reads, so that the parsers run on recorded trees as well as on a live system.
 * A path that is missing or not permitted reads as `undefined` or empty; that is an answer, not a failure.
 */
export interface LinuxSource {
  /** Content of a text file, at most 1 MiB of it. */
  readText(path: string): string | undefined;
  listNames(path: string): readonly string[];
  /** Where a path leads when every link in it is followed. */
  resolve(path: string): string | undefined;
  /** What a link itself says, also where it names something that is no file, as those of namespaces do. */
  readLink(path: string): string | undefined;
  /** The first bytes of a block device. */
  readStart(path: string, length: number): Promise<Uint8Array | undefined>;
  readVolumeSpace(mountPoint: string): Promise<VolumeSpace | undefined>;
}

export interface VolumeSpace {
  readonly sizeBytes: number;
  /** For ordinary programs. */
  readonly freeBytes: number;
  readonly usedBytes: number;
}

/** First line of a file without blanks around it; `undefined` when it is missing or empty. */
export function readLine(source: LinuxSource, path: string): string | undefined {
  const line = source.readText(path)?.split('\n', 1)[0]?.trim();
  return line === '' ? undefined : line;
}
