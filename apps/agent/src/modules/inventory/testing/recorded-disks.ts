import { recordDevice, type RecordedTree } from './recorded-source.ts';
import { encryptedLaptop } from './recorded-linux.ts';

const GIB = 1_073_741_824;

/** One more device of a recorded system: the files that its kernel shows, and udev's record. */
export interface RecordedDisk {
  readonly name: string;
  readonly number: string;
  /** Where /sys/block/NAME leads, below /sys/devices. */
  readonly place?: string;
  readonly more?: Readonly<Record<string, string>>;
  readonly udev?: Readonly<Record<string, string>>;
  readonly holders?: readonly string[];
  readonly partitions?: readonly {
    readonly name: string;
    readonly number: string;
    readonly bytes?: number;
    readonly holders?: readonly string[];
    readonly udev?: Readonly<Record<string, string>>;
  }[];
  readonly bytes?: number;
}

/** A system with these disks, mounts and other files. */
export function recordDisks(
  disks: readonly RecordedDisk[],
  system: {
    readonly mounts?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
    readonly links?: Readonly<Record<string, string>>;
  } = {},
): RecordedTree {
  const files: Record<string, string> = {};
  const links: Record<string, string> = { ...system.links };
  for (const disk of disks) {
    const path = `/sys/block/${disk.name}`;
    Object.assign(
      files,
      recordDevice(path, {
        number: disk.number,
        bytes: disk.bytes ?? 100 * GIB,
        ...(disk.holders === undefined ? {} : { holders: disk.holders }),
        ...(disk.more === undefined ? {} : { more: disk.more }),
      }),
    );
    if (disk.udev !== undefined) files[`/run/udev/data/b${disk.number}`] = recordUdev(disk.udev);
    if (disk.place !== undefined) links[path] = `/sys/devices/${disk.place}`;
    for (const partition of disk.partitions ?? []) {
      Object.assign(
        files,
        recordDevice(`${path}/${partition.name}`, {
          number: partition.number,
          bytes: partition.bytes ?? 10 * GIB,
          partition: 1,
          ...(partition.holders === undefined ? {} : { holders: partition.holders }),
        }),
      );
      if (partition.udev !== undefined) {
        files[`/run/udev/data/b${partition.number}`] = recordUdev(partition.udev);
      }
    }
  }
  const mounts = (system.mounts ?? []).map((mount, index) => `${index + 30} 1 ${mount}\n`).join('');
  return { files: { '/proc/self/mountinfo': mounts, ...files, ...system.files }, links };
}

/** The encrypted laptop with something more in or on it. */
export function withLaptop(more: RecordedTree): RecordedTree {
  const mountInfo = '/proc/self/mountinfo';
  return {
    ...encryptedLaptop,
    files: {
      ...encryptedLaptop.files,
      ...more.files,
      [mountInfo]: `${encryptedLaptop.files[mountInfo] ?? ''}${more.files[mountInfo] ?? ''}`,
    },
    links: { ...more.links },
  };
}

function recordUdev(properties: Readonly<Record<string, string>>): string {
  return Object.entries(properties)
    .map(([name, value]) => `E:${name}=${value}\n`)
    .join('');
}
