import { isDisk } from './disk-attachment.ts';
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

/** A disk: the device that people use, and the hardware by which it is reached. */
export interface DiskName {
  /** In /sys/block. */
  readonly name: string;
  /** The same name, unless several paths lead to the disk; then the first of them. */
  readonly path: string;
}

/** The disks in /sys/block that have a size. One that is reached over several paths is one disk, not one for each. */
export function listDisks(source: LinuxSource): DiskName[] {
  const all = source.listNames('/sys/block').filter((name) => sizeOf(source, name) > 0);
  const disks = new Map<string, DiskName>();
  for (const path of all.filter((name) => isDisk(source, name))) {
    const name = findMultipathMap(source, path) ?? path;
    if (!disks.has(name)) disks.set(name, { name, path });
  }
  return [...disks.values()];
}

function findMultipathMap(source: LinuxSource, name: string): string | undefined {
  return source
    .listNames(`/sys/block/${name}/holders`)
    .find((holder) => readLine(source, `/sys/block/${holder}/dm/uuid`)?.startsWith('mpath-'));
}

/** The device with everything that is on it. */
export function readBlockDevice(source: LinuxSource, name: string): BlockDevice {
  return readDevice(source, name, `/sys/block/${name}`, 0);
}

function readDevice(source: LinuxSource, name: string, path: string, depth: number): BlockDevice {
  const children = depth >= MAX_DEPTH ? [] : listChildren(source, name, path);
  return {
    name,
    mapperName: readLine(source, `${path}/dm/name`),
    deviceNumber: readLine(source, `${path}/dev`),
    sizeBytes: readSizeBytes(source, path),
    mapperUuid: readLine(source, `${path}/dm/uuid`),
    children: children.map(([child, childPath]) => readDevice(source, child, childPath, depth + 1)),
  };
}

/** Names and paths of what is on a device. */
function listChildren(source: LinuxSource, name: string, path: string): (readonly [string, string])[] {
  const holders = [...source.listNames(`${path}/holders`), ...listCached(source, path)]
    // Without a size are the containers of firmware RAID and arrays that do not run: nothing is in them.
    .filter((holder) => readLine(source, `/sys/block/${holder}/size`) !== '0')
    .map((holder) => [holder, `/sys/block/${holder}`] as const);
  // Whoever holds a whole device holds it alone: partitions that the kernel saw on a member of a RAID are in no use.
  if (holders.length > 0) return holders;
  return source
    .listNames(path)
    .filter((entry) => entry.startsWith(name) && readLine(source, `${path}/${entry}/partition`) !== undefined)
    .map((entry) => [entry, `${path}/${entry}`] as const);
}

/** The bcache devices for which a device is the cache: the kernel links those from the set, not as holders. */
function listCached(source: LinuxSource, path: string): string[] {
  const set = source.resolve(`${path}/bcache/set`);
  if (set === undefined) return [];
  return source
    .listNames(set)
    .filter((entry) => /^bdev\d+$/u.test(entry))
    .flatMap((entry) => source.resolve(`${set}/${entry}/dev`)?.split('/').at(-1) ?? []);
}

function sizeOf(source: LinuxSource, name: string): number {
  return readSizeBytes(source, `/sys/block/${name}`);
}

/** The file counts in units of 512 bytes, whatever the sector size of the disk is. */
function readSizeBytes(source: LinuxSource, path: string): number {
  const sectors = Number(readLine(source, `${path}/size`) ?? '0');
  return Number.isSafeInteger(sectors) && sectors > 0 ? sectors * SECTOR_BYTES : 0;
}
