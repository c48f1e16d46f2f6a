import type { LinuxSource, VolumeSpace } from '../linux/linux-source.ts';

export interface RecordedTree {
  /** Path → content. Folders follow from the paths. */
  readonly files: Readonly<Record<string, string>>;
  /** Empty folders, such as holders of a device. */
  readonly folders?: readonly string[];
  /** Path → where it leads, for the links that matter. */
  readonly links?: Readonly<Record<string, string>>;
  readonly starts?: Readonly<Record<string, Uint8Array>>;
  readonly spaces?: Readonly<Record<string, VolumeSpace>>;
}

/** A recorded system as a source. */
export function createRecordedSource({
  files,
  folders = [],
  links = {},
  starts = {},
  spaces = {},
}: RecordedTree): LinuxSource {
  const paths = [...Object.keys(files), ...folders];
  return {
    readText: (path) => files[path],
    listNames: (path) => {
      const prefix = `${path}/`;
      const below = paths.filter((candidate) => candidate.startsWith(prefix));
      return [
        ...new Set(below.map((candidate) => candidate.slice(prefix.length).split('/')[0] ?? '')),
      ].sort();
    },
    resolve: (path) => links[path],
    readLink: (path) => links[path],
    readStart: (path) => Promise.resolve(starts[path]),
    readVolumeSpace: (mountPoint) => Promise.resolve(spaces[mountPoint]),
  };
}

/** The files of one block device under /sys. `holders` are devices built on it. */
export function recordDevice(
  path: string,
  device: {
    readonly number: string;
    readonly bytes: number;
    readonly partition?: number;
    readonly holders?: readonly string[];
    readonly more?: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const { number, bytes, partition, holders = [], more = {} } = device;
  return {
    [`${path}/dev`]: `${number}\n`,
    [`${path}/size`]: `${bytes / 512}\n`,
    ...(partition === undefined ? {} : { [`${path}/partition`]: `${partition}\n` }),
    ...Object.fromEntries(holders.map((holder) => [`${path}/holders/${holder}/dev`, ''])),
    ...Object.fromEntries(Object.entries(more).map(([name, value]) => [`${path}/${name}`, `${value}\n`])),
  };
}
