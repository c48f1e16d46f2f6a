/**
 * Types of partitions that a system needs to start or to repair itself, or keeps free, and that nothing encrypts: GUIDs of GPT
 * (UEFI specification, Discoverable Partitions Specification, Microsoft's and Google's lists) and numbers of MBR.
 */
const START_TYPES = new Set([
  'c12a7328-f81f-11d2-ba4b-00a0c93ec93b', // EFI system
  'bc13c2ff-59e6-4262-a352-b275fd6f7172', // extended boot loader (XBOOTLDR)
  '21686148-6449-6e6f-744e-656564454649', // BIOS boot
  '9e1a2d38-c612-4316-aa26-8b49521e5a8b', // PowerPC PReP
  'e3c9e316-0b5c-4db8-817d-f92df00215ae', // Microsoft reserved
  'de94bba4-06d1-4d40-a16a-bfd50179d6ac', // Windows recovery
  '5808c8aa-7e8f-42e0-85d2-e1e90434cfb3', // Windows, metadata of dynamic disks
  '6a945a3b-1dd2-11b2-99a6-080020736631', // reserved of ZFS
  '426f6f74-0000-11aa-aa11-00306543ecac', // Apple boot
  '5265636f-7665-11aa-aa11-00306543ecac', // Apple recovery
  '69646961-6700-11aa-aa11-00306543ecac', // Apple silicon boot
  'fe3a2a5d-4f32-41a7-b725-accc3285a309', // ChromeOS kernel
  'cab6e88e-abf3-4102-a07a-d4bb9be3c1d3', // ChromeOS firmware
  '2e0a753d-9e48-43b0-8337-b15192cb1b5e', // ChromeOS reserved
  'd3bfe2de-3daf-11df-ba40-e3a556d89593', // Intel fast flash
  '0x5', // extended: frame around the logical ones
  '0xf',
  '0x85',
  '0x12', // maker's diagnosis
  '0x27', // hidden Windows recovery
  '0x41', // PowerPC PReP
  '0xef', // EFI system
]);
const START_MOUNT = /^\/(?:boot|efi)(?:\/|$)/u;
/** File systems that are only ever read: nothing that people wrote is on them. */
const READ_ONLY_KINDS = new Set(['iso9660', 'squashfs', 'erofs', 'cramfs', 'romfs']);
/** The kernel shows the frame of an MBR as a partition of one or two sectors. */
const FRAME_BYTES = 8_192;

export interface VolumeUse {
  readonly partitionType: string | undefined;
  readonly sizeBytes: number;
  /** Where it is mounted first and foremost. */
  readonly mountPoint: string | undefined;
  readonly fileSystem: string | undefined;
  /** It is checked against a signature at each reading, so nobody can write to it. */
  readonly isVerified: boolean;
}

/** Whether what people write may be on a volume, so that it counts for whether the disk is encrypted. */
export function mayHoldData({
  partitionType,
  sizeBytes,
  mountPoint,
  fileSystem,
  isVerified,
}: VolumeUse): boolean {
  if (isVerified || sizeBytes <= FRAME_BYTES) return false;
  if (partitionType !== undefined && START_TYPES.has(partitionType)) return false;
  if (fileSystem !== undefined && READ_ONLY_KINDS.has(fileSystem)) return false;
  return mountPoint === undefined || !START_MOUNT.test(mountPoint);
}
