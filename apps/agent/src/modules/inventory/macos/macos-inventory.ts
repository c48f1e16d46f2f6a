import { dropAbsent } from '../bounded-facts.ts';
import { toFirmwareText } from '../firmware-text.ts';
import { combineEncryption } from '../disk-encryption.ts';
import {
  type DiskFacts,
  EncryptionState,
  type HardwareFacts,
  type InventoryFacts,
  type VolumeFacts,
} from '../inventory-facts.ts';
import { listOf, readJson, textOf } from '../loose-json.ts';
import type { RunProgram } from '../../../platform/program-output.ts';
import { type ApfsContainer, type ApfsVolume, parseApfsList } from './apfs-list.ts';

/** What the programs of macOS printed; absent where one failed. */
export interface MacosOutput {
  /** `sw_vers` */
  readonly version: string | undefined;
  /** `system_profiler -json SPHardwareDataType` */
  readonly hardware: string | undefined;
  /** `diskutil apfs list` */
  readonly apfs: string | undefined;
  /** `fdesetup status` */
  readonly fileVault: string | undefined;
  /** `diskutil list` */
  readonly disks?: string | undefined;
}

/** Asks macOS through its own programs. Written against recorded output; not run on a real Mac yet. */
export async function readMacosOutput(run: RunProgram): Promise<MacosOutput> {
  return {
    version: await run('/usr/bin/sw_vers', []),
    hardware: await run('/usr/sbin/system_profiler', ['-json', 'SPHardwareDataType']),
    apfs: await run('/usr/sbin/diskutil', ['apfs', 'list']),
    fileVault: await run('/usr/bin/fdesetup', ['status']),
    disks: await run('/usr/sbin/diskutil', ['list']),
  };
}

/** Facts from the output. Missing parts are left out. */
export function parseMacosFacts(output: MacosOutput): InventoryFacts {
  const field = (name: string) =>
    new RegExp(`^${name}:\\s*(.+)$`, 'mu').exec(output.version ?? '')?.[1]?.trim();
  const name = field('ProductName');
  const version = field('ProductVersion');
  const disks = parseDisks(output);
  const hardware = parseHardware(output.hardware);
  return dropAbsent({
    system:
      name === undefined
        ? undefined
        : dropAbsent({
            name: version === undefined ? name : `${name} ${version}`,
            version: field('BuildVersion'),
          }),
    hardware: Object.keys(hardware).length === 0 ? undefined : hardware,
    disks: disks.length === 0 ? undefined : disks,
  });
}

/** Identity of the machine by its firmware. */
export function parseMacosHardwareUuid(hardware: string | undefined): string | undefined {
  return textOf(listOf(readJson(hardware), 'SPHardwareDataType')[0], 'platform_UUID');
}

function parseHardware(output: string | undefined): HardwareFacts {
  const [found] = listOf(readJson(output), 'SPHardwareDataType');
  const model = textOf(found, 'machine_model');
  if (model === undefined) return {};
  return dropAbsent({
    manufacturer: 'Apple',
    model: [textOf(found, 'machine_name'), `(${model})`].filter((part) => part !== undefined).join(' '),
    serialNumber: toFirmwareText(textOf(found, 'serial_number')),
    isVirtual: /^(?:VirtualMac|VMware|Parallels)/u.test(model),
  });
}

function parseDisks(output: MacosOutput): DiskFacts[] {
  const state = parseFileVault(output.fileVault);
  const kinds = parseDiskKinds(output.disks ?? '');
  return parseApfsList(output.apfs ?? '').flatMap((container) => {
    const [store] = container.physicalStores;
    if (store === undefined || container.sizeBytes === undefined) return [];
    const disk = store.replace(/s\d+$/u, '');
    const kind = kinds.get(disk);
    // A file that was opened as a disk lies on another one, which counts.
    if (kind?.includes('disk image') === true) return [];
    const isStartDisk = container.volumes.some(({ mountPoint }) => mountPoint === '/System/Volumes/Data');
    const described = describeContainer(container, disk, container.sizeBytes, state);
    return [
      dropAbsent({
        ...described,
        isRemovable: kind === undefined ? undefined : kind.includes('external') && !isStartDisk,
      }),
    ];
  });
}

/** Reads the heads of `diskutil list`, such as `/dev/disk4 (external, physical):`. */
export function parseDiskKinds(text: string): Map<string, readonly string[]> {
  const heads = text.matchAll(/^\/dev\/(disk\d+) \(([^)]*)\):/gmu);
  return new Map([...heads].map(([, name = '', words = '']) => [name, words.split(', ')] as const));
}

// Preboot, Recovery and the other helpers hold no data of people; the sealed system volume is read-only Apple software
// and is never encrypted by FileVault.
const HELPERS = new Set(['system', 'preboot', 'recovery', 'update', 'vm', 'xart', 'hardware']);

function describeContainer(
  container: ApfsContainer,
  name: string,
  sizeBytes: number,
  startVolumeState: EncryptionState,
): DiskFacts {
  const volumes = container.volumes.map((volume) => ({
    isHelper: HELPERS.has(volume.role),
    facts: dropAbsent<VolumeFacts>({
      name: volume.name,
      mountPoint: volume.mountPoint,
      fileSystem: 'apfs',
      freeBytes: container.freeBytes,
      encryption: describeVolume(volume, startVolumeState),
    } as VolumeFacts),
  }));
  const encryption = combineEncryption(
    volumes.filter(({ isHelper }) => !isHelper).map(({ facts }) => facts.encryption),
  );
  return dropAbsent({
    name,
    sizeBytes,
    encryption,
    encryptionMethod: encryption === EncryptionState.encrypted ? 'FileVault' : undefined,
    volumes: volumes.map(({ facts }) => facts),
  });
}

/** For the data volume of the running system `fdesetup` knows whether a conversion is still under way. */
function describeVolume(volume: ApfsVolume, startVolumeState: EncryptionState): EncryptionState {
  if (volume.mountPoint === '/System/Volumes/Data' && startVolumeState !== EncryptionState.unknown) {
    return startVolumeState;
  }
  if (volume.isEncrypted === undefined) return EncryptionState.unknown;
  return volume.isEncrypted ? EncryptionState.encrypted : EncryptionState.notEncrypted;
}

/** Reads `fdesetup status`: a first line that says On or Off, and one more while a conversion runs. */
export function parseFileVault(output: string | undefined): EncryptionState {
  if (output === undefined) return EncryptionState.unknown;
  if (/(?:En|De)cryption in progress/iu.test(output)) return EncryptionState.partlyEncrypted;
  if (/^FileVault is On/mu.test(output)) return EncryptionState.encrypted;
  return /^FileVault is Off/mu.test(output) ? EncryptionState.notEncrypted : EncryptionState.unknown;
}
