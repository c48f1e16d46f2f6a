import { parseUdevRecord } from './device-signature.ts';
import { type LinuxSource, readLine } from './linux-source.ts';

/** How a disk belongs to the computer: part of it, made to be taken along, or lent over a network. */
export type DiskAttachment = 'internal' | 'removable' | 'network';

// SCSI peripheral device types (SPC-5 table 152) that store blocks: disk, optical memory, reduced block commands, zoned disk.
const DISK_TYPES = new Set(['0', '7', '14', '20']);
/** Where sysfs has no link to tell: names of what is built on other devices, of memory, and of media of other kinds. */
const NO_DISK_NAME =
  /^(?:loop|ram|zram|sr|scd|fd|nbd|dm-|md|drbd|rbd|zd\d|bcache|mtdblock|ubiblock|nullb|ublkb|vdo|etherd!|mmcblk\d+(?:boot\d|rpmb))/u;
// Buses whose connectors are outside the case, by the names of devices on them in the path of sysfs.
const OUTER_BUS = /\/(?:usb\d+|fw\d+|pcmcia_socket\d+|memstick\d+)\//u;
const OUTER_BUS_NAMES = new Set(['usb', 'ieee1394', 'pcmcia', 'memstick']);
/** iSCSI sessions, remote ports of Fibre Channel (also over Ethernet), SCSI over InfiniBand. */
const NETWORK_PATH = /\/(?:session\d+|rport-[\d:-]+|infiniband_srp)\//u;
const NETWORK_UDEV_PATH = /(?:^|-)(?:iscsi|fc|ib)-/u;
const NVME_NETWORK = new Set(['tcp', 'rdma', 'fc']);

/**
 * Whether a name of /sys/block stands for a disk. Left out are devices that are built on others or on memory, optical and
 * floppy drives, start areas of flash chips, the single paths of a disk that has several, and empty readers.
 */
export function isDisk(source: LinuxSource, name: string): boolean {
  const path = `/sys/block/${name}`;
  // The kernel hides paths of NVMe disks and shows the disk itself beside them.
  if (readLine(source, `${path}/hidden`) === '1') return false;
  if (NO_DISK_NAME.test(name)) return false;
  const place = source.resolve(path) ?? '';
  // Made by drivers without hardware, whatever they call their devices; `pseudo_` is the SCSI layer's own test disk.
  if (place.startsWith('/sys/devices/virtual/block/') || place.includes('/pseudo_')) return false;
  const type = readLine(source, `${path}/device/type`);
  return type === undefined || !/^\d+$/u.test(type) || DISK_TYPES.has(type);
}

/** How a disk of /sys/block is attached, by what the kernel and udev say of it. */
export function findAttachment(source: LinuxSource, name: string): DiskAttachment {
  const path = `/sys/block/${name}`;
  const place = source.resolve(path) ?? '';
  const number = readLine(source, `${path}/dev`) ?? '';
  const udev = parseUdevRecord(source.readText(`/run/udev/data/b${number}`) ?? '');
  if (isOnNetwork(source, path, place, udev.path)) return 'network';
  if (readLine(source, `${path}/removable`) === '1') return 'removable';
  // An SD card lies in a slot; eMMC is soldered and says MMC.
  if (readLine(source, `${path}/device/type`)?.startsWith('SD') === true) return 'removable';
  const words = readRemovableWords(source, place);
  if (words.includes('removable')) return 'removable';
  const isOnOuterBus = OUTER_BUS.test(`${place}/`) || OUTER_BUS_NAMES.has(udev.bus ?? '');
  // Firmware knows of sockets inside the case, such as that of a USB module on the board.
  return isOnOuterBus && words[0] !== 'fixed' ? 'removable' : 'internal';
}

function isOnNetwork(
  source: LinuxSource,
  path: string,
  place: string,
  udevPath: string | undefined,
): boolean {
  if (NETWORK_PATH.test(`${place}/`) || NETWORK_UDEV_PATH.test(udevPath ?? '')) return true;
  // A disk with several NVMe paths has a subsystem as its device, which holds the controllers.
  const controllers = source
    .listNames(`${path}/device`)
    .filter((entry) => /^nvme\d+$/u.test(entry))
    .map((entry) => `${path}/device/${entry}`);
  const transports = [`${path}/device`, ...controllers].flatMap(
    (controller) => readLine(source, `${controller}/transport`) ?? [],
  );
  return transports.some((transport) => NVME_NETWORK.has(transport));
}

/**
 * What the firmware says of the sockets from the disk up: `removable`, `fixed` or `unknown` of USB and PCI devices
 * (Documentation/ABI/testing/sysfs-devices-removable). A Thunderbolt port makes all that is behind it removable.
 */
function readRemovableWords(source: LinuxSource, place: string): string[] {
  const words: string[] = [];
  let folder = parentOf(place);
  while (folder.startsWith('/sys/devices/')) {
    const word = readLine(source, `${folder}/removable`);
    if (word === 'removable' || word === 'fixed' || word === 'unknown') words.push(word);
    folder = parentOf(folder);
  }
  return words;
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
