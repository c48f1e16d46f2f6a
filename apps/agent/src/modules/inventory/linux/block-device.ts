import { type LinuxSource, readLine } from './linux-source.ts';

const SECTOR_BYTES = 512;
/** Partition, crypt, volume group, cache: real stacks have about five layers. */
const MAX_DEPTH = 16;

/** A disk, partition, or a device built on others (dm-crypt, LVM, RAID), as /sys/block shows it. */
export interface BlockDevice {
  /** Kernel name, e.g. `nvme0n1p2`, `dm-0`. */
  readonly name: string;
  /** Name under /dev/mapper for device-mapper devices. */
  readonly mapperName: string | undefined;
  readonly deviceNumber: string | undefined;
  readonly sizeBytes: number;
  /** UUID that its creator gave it; tells what kind of device-mapper device it is (`CRYPT-LUKS2-…`, `LVM-…`). */
  readonly mapperUuid: string | undefined;
  /** Partitions of it and devices built on it. */
  readonly children: readonly BlockDevice[];
}

// What is no disk of the computer: loop and RAM devices, optical and floppy drives, network and boot areas.
const NO_DISK =
  /^(?:loop|ram|zram|sr|fd|nbd|dm-|md|drbd|rbd|zd\d|bcache|mtdblock|mmcblk\d+(?:boot|rpmb)|nullb)/u;

/** Names of the disks in /sys/block that have a size. */
export function listDiskNames(source: LinuxSource): string[] {
  return source
    .listNames('/sys/block')
    .filter((name) => !NO_DISK.test(name) && readSizeBytes(source, `/sys/block/${name}`) > 0);
}

/** The device with everything that is on it. */
export function readBlockDevice(source: LinuxSource, name: string): BlockDevice {
  return readDevice(source, name, `/sys/block/${name}`, 0);
}

function readDevice(source: LinuxSource, name: string, path: string, depth: number): BlockDevice {
  const partitions = source
    .listNames(path)
    .filter(
      (entry) => entry.startsWith(name) && readLine(source, `${path}/${entry}/partition`) !== undefined,
    );
  const holders = source.listNames(`${path}/holders`);
  const children =
    depth >= MAX_DEPTH
      ? []
      : [
          ...partitions.map((entry) => readDevice(source, entry, `${path}/${entry}`, depth + 1)),
          ...holders.map((entry) => readDevice(source, entry, `/sys/block/${entry}`, depth + 1)),
        ];
  return {
    name,
    mapperName: readLine(source, `${path}/dm/name`),
    deviceNumber: readLine(source, `${path}/dev`),
    sizeBytes: readSizeBytes(source, path),
    mapperUuid: readLine(source, `${path}/dm/uuid`),
    children,
  };
}

/** The file counts in units of 512 bytes, whatever the sector size of the disk is. */
function readSizeBytes(source: LinuxSource, path: string): number {
  const sectors = Number(readLine(source, `${path}/size`) ?? '0');
  return Number.isSafeInteger(sectors) && sectors > 0 ? sectors * SECTOR_BYTES : 0;
}
