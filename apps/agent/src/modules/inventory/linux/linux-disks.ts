import { dropAbsent } from '../bounded-facts.ts';
import { combineEncryption } from '../disk-encryption.ts';
import { type DiskFacts, EncryptionState, type VolumeFacts } from '../inventory-facts.ts';
import { type BlockDevice, listDiskNames, readBlockDevice } from './block-device.ts';
import { type DeviceContent, findContent, parseUdevRecord, signatureBytes } from './device-signature.ts';
import { type LinuxSource, readLine } from './linux-source.ts';
import { type Mount, parseMountInfo, parseSwaps } from './mount-info.ts';

/** GPT partition types that a system needs to start and that nothing encrypts. */
const START_TYPES = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', // EFI system
  'bc13c2ff-59e6-4262-a352-b275fd6f7172', // extended boot loader (XBOOTLDR)
  '21686148-6449-6e6f-744e-656564454649', // BIOS boot
  'e3c9e316-0b5c-4db8-817d-f92df00215ae', // Microsoft reserved
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b', // PowerPC PReP
]);
const START_MOUNT = /^\/(?:boot|efi)(?:\/|$)/u;

/** What the walk needs to know of the system, read once. */
interface Surroundings {
  readonly source: LinuxSource;
  readonly mounts: readonly Mount[];
  readonly swaps: ReadonlySet<string>;
}

interface Volume {
  readonly facts: VolumeFacts;
  readonly method: string | undefined;
  /** Needed to start the system, so it does not count for the disk. */
  readonly isForStart: boolean;
}

/** All disks with their volumes and whether these are encrypted. */
export async function readLinuxDisks(source: LinuxSource): Promise<DiskFacts[]> {
  const surroundings: Surroundings = {
    source,
    mounts: parseMountInfo(source.readText('/proc/self/mountinfo') ?? ''),
    swaps: new Set(parseSwaps(source.readText('/proc/swaps') ?? '')),
  };
  const disks: DiskFacts[] = [];
  for (const name of listDiskNames(source)) disks.push(await readDisk(surroundings, name));
  return disks;
}

async function readDisk(surroundings: Surroundings, name: string): Promise<DiskFacts> {
  const { source } = surroundings;
  const device = readBlockDevice(source, name);
  const volumes: Volume[] = [];
  await collectVolumes(surroundings, device, undefined, volumes);
  const removable = readLine(source, `/sys/block/${name}/removable`);
  const methods = new Set(volumes.flatMap(({ method }) => (method === undefined ? [] : [method])));
  return dropAbsent({
    name,
    model: readLine(source, `/sys/block/${name}/device/model`),
    sizeBytes: device.sizeBytes,
    isRemovable: removable === undefined ? undefined : removable === '1',
    encryption: combineEncryption(
      volumes.filter(({ isForStart }) => !isForStart).map(({ facts }) => facts.encryption),
    ),
    encryptionMethod: methods.size === 0 ? undefined : [...methods].sort().join(', '),
    volumes: volumes.map(({ facts }) => facts),
  });
}

/** Walks to the leaves: what lies below an encrypted layer is encrypted, whatever stands on it. */
async function collectVolumes(
  surroundings: Surroundings,
  device: BlockDevice,
  outerMethod: string | undefined,
  volumes: Volume[],
): Promise<void> {
  const method = outerMethod ?? findCryptMethod(device.mapperUuid);
  if (device.children.length === 0) {
    volumes.push(await readVolume(surroundings, device, method));
    return;
  }
  for (const child of device.children) await collectVolumes(surroundings, child, method, volumes);
}

/**
 * The method of a dm-crypt device from the UUID that cryptsetup gave it, or `undefined` when the device does not
 * encrypt. VERITY and INTEGRITY devices carry the same prefix and only protect against change.
 */
export function findCryptMethod(mapperUuid: string | undefined): string | undefined {
  const kind = /^CRYPT-([A-Z0-9]+)-/u.exec(mapperUuid ?? '')?.[1];
  if (kind === undefined || kind === 'VERITY' || kind === 'INTEGRITY') return undefined;
  const names: Readonly<Record<string, string>> = {
    BITLK: 'BitLocker',
    FVAULT2: 'FileVault',
    TCRYPT: 'VeraCrypt',
    LUKS1: 'LUKS1',
    LUKS2: 'LUKS2',
  };
  return names[kind] ?? 'dm-crypt';
}

async function readVolume(
  surroundings: Surroundings,
  device: BlockDevice,
  method: string | undefined,
): Promise<Volume> {
  const { source } = surroundings;
  const mount = findMount(surroundings.mounts, device);
  const udev = parseUdevRecord(source.readText(`/run/udev/data/b${device.deviceNumber ?? ''}`) ?? '');
  const isSwap = devicePaths(device).some((path) => surroundings.swaps.has(path));
  const content =
    method === undefined ? await findVolumeContent(source, device, mount, isSwap, udev.content) : undefined;
  const space = mount === undefined ? undefined : await source.readVolumeSpace(mount.mountPoint);
  const isForStart =
    (udev.partitionType !== undefined && START_TYPES.has(udev.partitionType)) ||
    (mount !== undefined && START_MOUNT.test(mount.mountPoint));
  return {
    facts: dropAbsent({
      name: device.mapperName ?? device.name,
      mountPoint: mount?.mountPoint,
      fileSystem: mount?.fileSystem ?? (isSwap ? 'swap' : plainKind(content ?? udev.content)),
      sizeBytes: space?.sizeBytes ?? device.sizeBytes,
      freeBytes: space?.freeBytes,
      usedBytes: space?.usedBytes,
      encryption: describeEncryption(method, content),
    }),
    method: method ?? (content?.isEncrypted === true ? content.kind : undefined),
    isForStart,
  };
}

function describeEncryption(method: string | undefined, content: DeviceContent | undefined): EncryptionState {
  if (method !== undefined) return EncryptionState.encrypted;
  if (content === undefined) return EncryptionState.unknown;
  return content.isEncrypted ? EncryptionState.encrypted : EncryptionState.notEncrypted;
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
  if (mount !== undefined) return { isEncrypted: false, kind: mount.fileSystem };
  if (isSwap) return { isEncrypted: false, kind: 'swap' };
  if (recorded !== undefined) return recorded;
  const start = await source.readStart(`/dev/${device.name}`, signatureBytes);
  return start === undefined ? undefined : findContent(start);
}

/** The mount of the whole file system if there is one, else the first of its parts (subvolume, bind mount). */
function findMount(mounts: readonly Mount[], device: BlockDevice): Mount | undefined {
  const paths = devicePaths(device);
  const own = mounts.filter(
    ({ deviceNumber, source }) => deviceNumber === device.deviceNumber || paths.includes(source),
  );
  return own.find(({ root }) => root === '/') ?? own[0];
}

function devicePaths(device: BlockDevice): string[] {
  const { name, mapperName } = device;
  return mapperName === undefined ? [`/dev/${name}`] : [`/dev/${name}`, `/dev/mapper/${mapperName}`];
}
