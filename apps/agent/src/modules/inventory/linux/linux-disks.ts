import { dropAbsent } from '../bounded-facts.ts';
import { combineEncryption } from '../disk-encryption.ts';
import { DiskExemption, type DiskFacts, EncryptionState, type VolumeFacts } from '../inventory-facts.ts';
import { type BlockDevice, type DiskName, listDisks, readBlockDevice } from './block-device.ts';
import {
  type DeviceContent,
  findContent,
  isPlainKind,
  parseUdevRecord,
  signatureBytes,
} from './device-signature.ts';
import { type DiskAttachment, findAttachment } from './disk-attachment.ts';
import { type LinuxSource, readLine } from './linux-source.ts';
import { type Mount, parseMountInfo, parseSwaps } from './mount-info.ts';
import { mayHoldData } from './partition-purpose.ts';

/** What the walk needs to know of the system, read once. */
interface Surroundings {
  readonly source: LinuxSource;
  readonly mounts: readonly Mount[];
  readonly swaps: ReadonlySet<string>;
  /** Kernel names of all members of a btrfs → that of each member; mountinfo names only one of them. */
  readonly btrfs: ReadonlyMap<string, readonly string[]>;
}

/** A leaf of a disk and the layers through which the walk came to it. */
interface Leaf {
  readonly device: BlockDevice;
  /** Of the layer that encrypts it, if one does. */
  readonly method: string | undefined;
  readonly isVerified: boolean;
}

interface Volume {
  readonly facts: VolumeFacts;
  readonly method: string | undefined;
  /** False for what nothing encrypts and nobody writes to, such as the volumes that start a system. */
  readonly isCounted: boolean;
  /** The running system stands on it. */
  readonly isOfSystem: boolean;
}

/** All disks with their volumes and whether these are encrypted. */
export async function readLinuxDisks(source: LinuxSource): Promise<DiskFacts[]> {
  const surroundings: Surroundings = {
    source,
    mounts: parseMountInfo(source.readText('/proc/self/mountinfo') ?? ''),
    swaps: new Set([...parseSwaps(source.readText('/proc/swaps') ?? ''), ...listSwapStores(source)]),
    btrfs: readBtrfsMembers(source),
  };
  const disks: DiskFacts[] = [];
  for (const disk of listDisks(source)) disks.push(await readDisk(surroundings, disk));
  return disks;
}

/** Where compressed swap in memory puts what it has no room for. */
function listSwapStores(source: LinuxSource): string[] {
  return source
    .listNames('/sys/block')
    .filter((name) => /^zram\d+$/u.test(name))
    .flatMap((name) => readLine(source, `/sys/block/${name}/backing_dev`) ?? [])
    .filter((path) => path.startsWith('/dev/'));
}

function readBtrfsMembers(source: LinuxSource): Map<string, readonly string[]> {
  const members = source
    .listNames('/sys/fs/btrfs')
    .map((id) => source.listNames(`/sys/fs/btrfs/${id}/devices`));
  return new Map(members.flatMap((names) => names.map((name) => [name, names] as const)));
}

async function readDisk(surroundings: Surroundings, { name, path }: DiskName): Promise<DiskFacts> {
  const { source } = surroundings;
  const device = readBlockDevice(source, name);
  const volumes: Volume[] = [];
  for (const leaves of Map.groupBy(listLeaves(device), (leaf) => leaf.device.name).values()) {
    volumes.push(await readVolume(surroundings, leaves));
  }
  // What the system stands on is the computer's own disk, whatever it is plugged into.
  const attachment = volumes.some(({ isOfSystem }) => isOfSystem) ? 'internal' : findAttachment(source, path);
  const methods = new Set(volumes.flatMap(({ method }) => (method === undefined ? [] : [method])));
  return dropAbsent({
    name: device.mapperName ?? name,
    model: readLine(source, `/sys/block/${path}/device/model`),
    sizeBytes: device.sizeBytes,
    isRemovable: attachment === 'removable',
    exemption: findExemption(attachment, volumes),
    encryption: combineEncryption(
      volumes.filter(({ isCounted }) => isCounted).map(({ facts }) => facts.encryption),
    ),
    encryptionMethod: methods.size === 0 ? undefined : [...methods].sort().join(', '),
    volumes: volumes.map(({ facts }) => facts),
  });
}

function findExemption(attachment: DiskAttachment, volumes: readonly Volume[]): DiskExemption | undefined {
  if (attachment === 'network') return DiskExemption.network;
  const holdsData = volumes.length === 0 || volumes.some(({ isCounted }) => isCounted);
  return holdsData ? undefined : DiskExemption.noData;
}

/** Walks to the leaves: what lies below an encrypted layer is encrypted, whatever stands on it. */
function listLeaves(
  device: BlockDevice,
  outer: Omit<Leaf, 'device'> = { method: undefined, isVerified: false },
): Leaf[] {
  const method = outer.method ?? findCryptMethod(device.mapperUuid);
  const isVerified = outer.isVerified || device.mapperUuid?.startsWith('CRYPT-VERITY-') === true;
  if (device.children.length > 0) {
    return device.children.flatMap((child) => listLeaves(child, { method, isVerified }));
  }
  return isLayerOnly(device.mapperUuid) ? [] : [{ device, method, isVerified }];
}

/** LVM marks devices that only other ones of its own use, such as a pool of thin volumes, with a word behind both ids. */
function isLayerOnly(mapperUuid: string | undefined): boolean {
  return /^LVM-[0-9A-Za-z]{64}-./u.test(mapperUuid ?? '');
}

/**
 * The method of a dm-crypt device from the UUID that cryptsetup gave it, or `undefined` when the device does not
 * encrypt. VERITY and INTEGRITY devices carry the same prefix and only protect against change; SUBDEV is a part of
 * another one.
 */
export function findCryptMethod(mapperUuid: string | undefined): string | undefined {
  const kind = /^CRYPT-([A-Z0-9]+)-/u.exec(mapperUuid ?? '')?.[1];
  if (kind === undefined || kind === 'VERITY' || kind === 'INTEGRITY' || kind === 'SUBDEV') return undefined;
  const names: Readonly<Record<string, string>> = {
    BITLK: 'BitLocker',
    FVAULT2: 'FileVault',
    TCRYPT: 'VeraCrypt',
    LUKS1: 'LUKS1',
    LUKS2: 'LUKS2',
  };
  return names[kind] ?? 'dm-crypt';
}

async function readVolume(surroundings: Surroundings, leaves: readonly Leaf[]): Promise<Volume> {
  const { source } = surroundings;
  const [leaf] = leaves;
  if (leaf === undefined) throw new Error('A volume without a device');
  const { device } = leaf;
  const mounts = findMounts(surroundings, device);
  const mount = mounts.find(({ root }) => root === '/') ?? mounts[0];
  const udev = parseUdevRecord(source.readText(`/run/udev/data/b${device.deviceNumber ?? ''}`) ?? '');
  const isSwap = devicePaths(device).some((path) => surroundings.swaps.has(path));
  // A volume on several layers of one disk is encrypted by those that all of it lies on.
  const isBare = leaves.some(({ method }) => method === undefined);
  const method = leaves.find((it) => it.method !== undefined)?.method;
  const content = isBare ? await findVolumeContent(source, device, mount, isSwap, udev.content) : undefined;
  const space = mount === undefined ? undefined : await source.readVolumeSpace(mount.mountPoint);
  const fileSystem = mount?.fileSystem ?? (isSwap ? 'swap' : plainKind(content ?? udev.content));
  return {
    facts: dropAbsent({
      name: device.mapperName ?? device.name,
      mountPoint: mount?.mountPoint,
      fileSystem,
      sizeBytes: space?.sizeBytes ?? device.sizeBytes,
      freeBytes: space?.freeBytes,
      usedBytes: space?.usedBytes,
      encryption: describeEncryption(isBare, method, content),
    }),
    method: method ?? (content?.isEncrypted === true ? content.kind : undefined),
    isCounted: mayHoldData({
      partitionType: udev.partitionType,
      sizeBytes: device.sizeBytes,
      mountPoint: mount?.mountPoint,
      fileSystem,
      isVerified: leaf.isVerified,
    }),
    isOfSystem: isSwap || mounts.some(isOfSystem) || isInSystemPool(surroundings.mounts, udev),
  };
}

const SYSTEM_MOUNT = /^\/(?:usr|home|opt|srv|var(?:\/log|\/lib(?:\/[^/]+)?)?)?$/u;

/** What is mounted somewhere for a while, such as below /mnt, /media, /run or in somebody's home, is not of the system. */
function isOfSystem({ mountPoint }: Mount): boolean {
  return SYSTEM_MOUNT.test(mountPoint);
}

/** ZFS mounts data sets of a pool, and its members carry the name of the pool as their label. */
function isInSystemPool(
  mounts: readonly Mount[],
  { label }: Readonly<{ label: string | undefined }>,
): boolean {
  return (
    label !== undefined &&
    mounts.some(
      (mount) => mount.fileSystem === 'zfs' && isOfSystem(mount) && mount.source.split('/')[0] === label,
    )
  );
}

function describeEncryption(
  isBare: boolean,
  method: string | undefined,
  content: DeviceContent | undefined,
): EncryptionState {
  if (!isBare) return EncryptionState.encrypted;
  if (content === undefined) return EncryptionState.unknown;
  if (content.isEncrypted) return EncryptionState.encrypted;
  return method === undefined ? EncryptionState.notEncrypted : EncryptionState.partlyEncrypted;
}

function plainKind(content: DeviceContent | undefined): string | undefined {
  return content === undefined || content.isEncrypted ? undefined : content.kind;
}

/** What is on a volume that no layer above encrypts: in use, by udev's record, or by its first bytes if permitted. */
async function findVolumeContent(
  source: LinuxSource,
  device: BlockDevice,
  mount: Mount | undefined,
  isSwap: boolean,
  recorded: DeviceContent | undefined,
): Promise<DeviceContent | undefined> {
  if (mount !== undefined) {
    return isPlainKind(mount.fileSystem) ? { isEncrypted: false, kind: mount.fileSystem } : undefined;
  }
  if (isSwap) return { isEncrypted: false, kind: 'swap' };
  if (recorded !== undefined) return recorded;
  const start = await source.readStart(`/dev/${device.name}`, signatureBytes);
  return start === undefined ? undefined : findContent(start);
}

/** Everywhere that a volume, or the file system over several of which it is one, is mounted. */
function findMounts({ mounts, btrfs }: Surroundings, device: BlockDevice): Mount[] {
  const paths = devicePaths(device);
  const others = (btrfs.get(device.name) ?? []).map((name) => `/dev/${name}`);
  const own = mounts.filter(
    ({ deviceNumber, source }) => deviceNumber === device.deviceNumber || paths.includes(source),
  );
  return own.length > 0 ? own : mounts.filter(({ source }) => others.includes(source));
}

function devicePaths(device: BlockDevice): string[] {
  const { name, mapperName } = device;
  return mapperName === undefined ? [`/dev/${name}`] : [`/dev/${name}`, `/dev/mapper/${mapperName}`];
}
