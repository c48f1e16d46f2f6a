/** What the first bytes of a block device, or udev's record of them, say about its content. */
export interface DeviceContent {
  readonly isEncrypted: boolean;
  /** Method for encrypted content, else the kind of file system or area. */
  readonly kind: string;
}

interface Signature {
  readonly offset: number;
  readonly bytes: readonly number[];
  readonly content: DeviceContent;
}

const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));
const plain = (kind: string): DeviceContent => ({ isEncrypted: false, kind });

// Offsets and bytes: LUKS1 and LUKS2 on-disk formats section 2 and 2.1; BitLocker's boot sector; ext4, XFS, btrfs,
// FAT, NTFS and swap as their specifications say.
const signatures: readonly Signature[] = [
  { offset: 0, bytes: [...ascii('LUKS'), 0xba, 0xbe, 0, 1], content: { isEncrypted: true, kind: 'LUKS1' } },
  { offset: 0, bytes: [...ascii('LUKS'), 0xba, 0xbe, 0, 2], content: { isEncrypted: true, kind: 'LUKS2' } },
  { offset: 3, bytes: ascii('-FVE-FS-'), content: { isEncrypted: true, kind: 'BitLocker' } },
  { offset: 0x438, bytes: [0x53, 0xef], content: plain('ext') },
  { offset: 0, bytes: ascii('XFSB'), content: plain('xfs') },
  { offset: 0x1_0040, bytes: ascii('_BHRfS_M'), content: plain('btrfs') },
  { offset: 3, bytes: ascii('NTFS    '), content: plain('ntfs') },
  { offset: 3, bytes: ascii('EXFAT   '), content: plain('exfat') },
  { offset: 0x36, bytes: ascii('FAT'), content: plain('vfat') },
  { offset: 0x52, bytes: ascii('FAT32'), content: plain('vfat') },
  { offset: 4_086, bytes: ascii('SWAPSPACE2'), content: plain('swap') },
];

/** How much of a device {@link findContent} looks at. */
export const signatureBytes = 0x1_0048;

/** The content that the start of a device shows, or `undefined` when it shows none that is known. */
export function findContent(start: Uint8Array): DeviceContent | undefined {
  return signatures.find(({ offset, bytes }) => bytes.every((byte, index) => start[offset + index] === byte))
    ?.content;
}

export interface UdevRecord {
  readonly content: DeviceContent | undefined;
  /** The name of the pool for members of ZFS. */
  readonly label: string | undefined;
  /** GPT type of the partition, or the one of an MBR such as `0x83`; lower case. */
  readonly partitionType: string | undefined;
  /** E.g. `usb`, `ata`, `nvme`. */
  readonly bus: string | undefined;
  /** Where the device is attached, e.g. `pci-0000:00:14.0-usb-0:2:1.0-scsi-0:0:0:0`. */
  readonly path: string | undefined;
}

/** Reads a file of /run/udev/data: what udev found on a device, readable without privileges. */
export function parseUdevRecord(text: string): UdevRecord {
  const find = (name: string) => new RegExp(`^E:${name}=(.*)$`, 'mu').exec(text)?.[1];
  const kind = find('ID_FS_TYPE');
  return {
    content: kind === undefined ? undefined : contentOfKind(kind, find('ID_FS_VERSION')),
    label: find('ID_FS_LABEL'),
    partitionType: find('ID_PART_ENTRY_TYPE')?.toLowerCase(),
    bus: find('ID_BUS'),
    path: find('ID_PATH'),
  };
}

/**
 * What says nothing about encryption, by the names of libblkid: parts of other layers, where what is built on them says it,
 * and file systems that encrypt inside or not.
 */
const SILENT_KIND = /(?:_member|^bcache|^drbd.*|^DM_.*|^stratis|^vdo|^apfs|^zfs|^bcachefs)$/u;

/** Whether the name of a file system or area tells that what is in it is not encrypted. */
export function isPlainKind(kind: string): boolean {
  return !SILENT_KIND.test(kind);
}

function contentOfKind(kind: string, version: string | undefined): DeviceContent | undefined {
  if (kind === 'crypto_LUKS') return { isEncrypted: true, kind: version === '1' ? 'LUKS1' : 'LUKS2' };
  if (kind === 'BitLocker') return { isEncrypted: true, kind };
  if (kind === 'cs_fvault2') return { isEncrypted: true, kind: 'FileVault' };
  return isPlainKind(kind) ? plain(kind) : undefined;
}
