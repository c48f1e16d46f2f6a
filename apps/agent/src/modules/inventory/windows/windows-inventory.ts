import { dropAbsent } from '../bounded-facts.ts';
import { toFirmwareText } from '../firmware-text.ts';
import { combineEncryption } from '../disk-encryption.ts';
import {
  DiskExemption,
  type DiskFacts,
  EncryptionState,
  type HardwareFacts,
  type InventoryFacts,
  type VolumeFacts,
} from '../inventory-facts.ts';
import { countOf, listOf, member, readJson, textOf } from '../loose-json.ts';
import type { RunProgram } from '../../../platform/program-output.ts';

/**
 * One PowerShell call for everything, since starting it takes seconds. `Get-BitLockerVolume` needs elevation and is
 * missing on Home editions; it then answers nothing and the state is unknown. Works with Windows PowerShell 5.1.
 */
const SCRIPT = `
$ErrorActionPreference = 'SilentlyContinue'
[Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false)
$system = Get-CimInstance Win32_OperatingSystem
[pscustomobject]@{
  system = $system | Select-Object Caption, Version, BuildNumber, @{n='BootedAt';e={$_.LastBootUpTime.ToUniversalTime().ToString('o')}}
  computer = Get-CimInstance Win32_ComputerSystem | Select-Object Manufacturer, Model, HypervisorPresent
  bios = Get-CimInstance Win32_BIOS | Select-Object SerialNumber
  product = Get-CimInstance Win32_ComputerSystemProduct | Select-Object UUID
  disks = @(Get-CimInstance Win32_DiskDrive | Select-Object Index, Model, MediaType, InterfaceType, Size)
  attachments = @(Get-Disk | Select-Object Number, @{n='BusType';e={[string]$_.BusType}}, IsBoot, IsSystem)
  partitions = @(Get-Partition | Where-Object DriveLetter | Select-Object DiskNumber, @{n='DriveLetter';e={[string]$_.DriveLetter}})
  volumes = @(Get-Volume | Where-Object DriveLetter | Select-Object @{n='DriveLetter';e={[string]$_.DriveLetter}}, FileSystem, Size, SizeRemaining)
  bitlocker = @(Get-BitLockerVolume | Select-Object MountPoint, @{n='VolumeStatus';e={[string]$_.VolumeStatus}}, @{n='ProtectionStatus';e={[string]$_.ProtectionStatus}}, @{n='EncryptionMethod';e={[string]$_.EncryptionMethod}})
} | ConvertTo-Json -Depth 4 -Compress
`;

/** Asks Windows through PowerShell. Written against recorded output; not run on a real Windows system yet. */
export async function readWindowsFacts(run: RunProgram): Promise<InventoryFacts> {
  const args = ['-NoProfile', '-NonInteractive', '-ExecutionPolicy', 'Bypass', '-Command', SCRIPT];
  return parseWindowsFacts(await run('powershell.exe', args));
}

/** Reads the output of the script. Missing parts are left out. */
export function parseWindowsFacts(output: string | undefined): InventoryFacts {
  const found = readJson(output);
  const system = member(found, 'system');
  const name = textOf(system, 'Caption');
  const hardware = parseHardware(found);
  const disks = parseDisks(found);
  return dropAbsent({
    system:
      name === undefined
        ? undefined
        : dropAbsent({
            name: name.replace(/^Microsoft /u, ''),
            version: textOf(system, 'BuildNumber'),
            kernel: textOf(system, 'Version'),
          }),
    hardware: Object.keys(hardware).length === 0 ? undefined : hardware,
    disks: disks.length === 0 ? undefined : disks,
    bootedAt: parseInstant(textOf(system, 'BootedAt')),
  });
}

/** Identity of the machine by its firmware, if the output has one that is not a placeholder. */
export function parseWindowsProductUuid(output: string | undefined): string | undefined {
  return textOf(member(readJson(output), 'product'), 'UUID');
}

// HypervisorPresent is also true on a real machine that runs Hyper-V or its security features, so the model decides.
const VIRTUAL =
  /virtual machine|vmware|virtualbox|qemu|kvm|standard pc|hvm domu|amazon ec2|google compute|parallels/iu;

function parseHardware(found: unknown): HardwareFacts {
  const computer = member(found, 'computer');
  const manufacturer = toFirmwareText(textOf(computer, 'Manufacturer'));
  const model = toFirmwareText(textOf(computer, 'Model'));
  return dropAbsent({
    manufacturer,
    model,
    serialNumber: toFirmwareText(textOf(member(found, 'bios'), 'SerialNumber')),
    isVirtual:
      manufacturer === undefined && model === undefined
        ? undefined
        : VIRTUAL.test(`${manufacturer ?? ''} ${model ?? ''}`),
  });
}

function parseDisks(found: unknown): DiskFacts[] {
  const diskByLetter = new Map<string, number>();
  for (const partition of listOf(found, 'partitions')) {
    const letter = textOf(partition, 'DriveLetter');
    const disk = countOf(partition, 'DiskNumber');
    if (letter !== undefined && disk !== undefined) diskByLetter.set(letter, disk);
  }
  const protections = new Map(
    listOf(found, 'bitlocker').map((entry) => [textOf(entry, 'MountPoint'), entry] as const),
  );
  const attachments = new Map(
    listOf(found, 'attachments').map((entry) => [countOf(entry, 'Number'), entry] as const),
  );
  return listOf(found, 'disks').flatMap((disk) => {
    const index = countOf(disk, 'Index');
    const sizeBytes = countOf(disk, 'Size');
    if (index === undefined || sizeBytes === undefined) return [];
    const volumes = listOf(found, 'volumes').filter(
      (volume) => diskByLetter.get(textOf(volume, 'DriveLetter') ?? '') === index,
    );
    const attachment = attachments.get(index);
    // A file that was opened as a disk lies on another one, which counts.
    if (textOf(attachment, 'BusType') === 'File Backed Virtual') return [];
    return [describeDisk(disk, { index, sizeBytes, attachment, volumes, protections })];
  });
}

interface FoundDisk {
  readonly index: number;
  readonly sizeBytes: number;
  /** What Get-Disk says of it; `undefined` where that is missing. */
  readonly attachment: unknown;
  readonly volumes: readonly unknown[];
  readonly protections: ReadonlyMap<string | undefined, unknown>;
}

function describeDisk(
  disk: unknown,
  { index, sizeBytes, attachment, volumes, protections }: FoundDisk,
): DiskFacts {
  const described = volumes.map((volume): VolumeFacts => {
    const mountPoint = `${textOf(volume, 'DriveLetter') ?? ''}:`;
    return dropAbsent({
      name: mountPoint,
      mountPoint,
      fileSystem: textOf(volume, 'FileSystem'),
      sizeBytes: countOf(volume, 'Size'),
      freeBytes: countOf(volume, 'SizeRemaining'),
      encryption: parseProtection(protections.get(mountPoint)),
    });
  });
  const method = volumes
    .map((volume) => protections.get(`${textOf(volume, 'DriveLetter') ?? ''}:`))
    .map((protection) => textOf(protection, 'EncryptionMethod'))
    .find((name) => name !== undefined && name !== 'None');
  return dropAbsent({
    name: `PhysicalDrive${index}`,
    model: textOf(disk, 'Model'),
    sizeBytes,
    isRemovable: isRemovable(disk, attachment),
    exemption: isOfSystem(attachment) || !isLent(attachment) ? undefined : DiskExemption.network,
    encryption: combineEncryption(described.map(({ encryption }) => encryption)),
    encryptionMethod: method === undefined ? undefined : `BitLocker ${method}`,
    volumes: described,
  });
}

/** USB disks of the better kind call themselves fixed, so the bus is asked as well. What Windows runs from stays. */
function isRemovable(disk: unknown, attachment: unknown): boolean | undefined {
  if (isOfSystem(attachment)) return false;
  const mediaType = textOf(disk, 'MediaType');
  const buses = [textOf(disk, 'InterfaceType'), textOf(attachment, 'BusType')];
  if (buses.some((bus) => bus !== undefined && /^(?:USB|1394|SD)$/iu.test(bus))) return true;
  return mediaType === undefined ? undefined : /removable|external/iu.test(mediaType);
}

function isOfSystem(attachment: unknown): boolean {
  return member(attachment, 'IsBoot') === true || member(attachment, 'IsSystem') === true;
}

function isLent(attachment: unknown): boolean {
  return /^(?:iSCSI|Fibre Channel)$/iu.test(textOf(attachment, 'BusType') ?? '');
}

/**
 * A fully encrypted volume whose protection is off (suspended, or never given a protector) keeps its key in the clear
 * on the disk: that is not encrypted to anyone who takes the disk out.
 */
function parseProtection(entry: unknown): EncryptionState {
  const status = textOf(entry, 'VolumeStatus');
  const protection = textOf(entry, 'ProtectionStatus');
  switch (status) {
    case 'FullyEncrypted':
    case 'FullyEncryptedWipeInProgress':
      // A locked volume answers `Unknown`: it is protected, or it could not be locked.
      return protection === 'Off' ? EncryptionState.notEncrypted : EncryptionState.encrypted;
    case 'FullyDecrypted':
      return EncryptionState.notEncrypted;
    case 'EncryptionInProgress':
    case 'DecryptionInProgress':
    case 'EncryptionSuspended':
    case 'DecryptionSuspended':
    case 'EncryptionPaused':
    case 'DecryptionPaused':
      return EncryptionState.partlyEncrypted;
    default:
      return EncryptionState.unknown;
  }
}

function parseInstant(text: string | undefined): string | undefined {
  const timeMs = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(timeMs) ? undefined : new Date(timeMs).toISOString();
}
