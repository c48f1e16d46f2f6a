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
  /** GPT type of the partition, lower case. */
  readonly partitionType: string | undefined;
}

/** Reads a file of /run/udev/data: what udev found on a device, readable without privileges. */
export function parseUdevRecord(text: string): UdevRecord {
  const find = (name: string) => new RegExp(`^E:${name}=(.*)$`, 'mu').exec(text)?.[1];
  const kind = find('ID_FS_TYPE');
  return {
    content: kind === undefined ? undefined : contentOfKind(kind, find('ID_FS_VERSION')),
    partitionType: find('ID_PART_ENTRY_TYPE')?.toLowerCase(),
  };
}

function contentOfKind(kind: string, version: string | undefined): DeviceContent | undefined {
  if (kind === 'crypto_LUKS') return { isEncrypted: true, kind: version === '1' ? 'LUKS1' : 'LUKS2' };
  if (kind === 'BitLocker') return { isEncrypted: true, kind };
  // Members of other layers say nothing about encryption; what is built on them does. ZFS encrypts inside.
  if (kind.endsWith('_member')) return undefined;
  return plain(kind);
}
