import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseApfsList } from './apfs-list.ts';
import {
  type MacosOutput,
  parseFileVault,
  parseMacosFacts,
  parseMacosHardwareUuid,
} from './macos-inventory.ts';

// The form of what the programs print on macOS 14 on Apple silicon, shortened to the volumes that differ.
const output: MacosOutput = {
  version: 'ProductName:\t\tmacOS\nProductVersion:\t\t14.6.1\nBuildVersion:\t\t23G93\n',
  hardware: JSON.stringify({
    SPHardwareDataType: [
      {
        _name: 'hardware_overview',
        chip_type: 'Apple M2',
        machine_model: 'Mac14,2',
        machine_name: 'MacBook Air',
        physical_memory: '16 GB',
        platform_UUID: '11111111-2222-5333-8444-555555555555',
        serial_number: 'C02ABC123DEF',
      },
    ],
  }),
  apfs: `APFS Containers (1 found)
|
+-- Container disk3 6F0C6B2E-6C0B-4F7C-9F0E-1A2B3C4D5E6F
    ====================================================
    APFS Container Reference:     disk3
    Size (Capacity Ceiling):      494384795648 B (494.4 GB)
    Capacity In Use By Volumes:   214384795648 B (214.4 GB) (43.4% used)
    Capacity Not Allocated:       280000000000 B (280.0 GB) (56.6% free)
    |
    +-< Physical Store disk0s2 AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE
    |   -----------------------------------------------------------
    |   APFS Physical Store Disk:   disk0s2
    |   Size:                       494384795648 B (494.4 GB)
    |
    +-> Volume disk3s1 BBBBBBBB-BBBB-CCCC-DDDD-EEEEEEEEEEEE
    |   ---------------------------------------------------
    |   APFS Volume Disk (Role):   disk3s1 (System)
    |   Name:                      Macintosh HD (Case-insensitive)
    |   Mount Point:               Not Mounted
    |   Sealed:                    Broken
    |   FileVault:                 No
    |
    +-> Volume disk3s5 CCCCCCCC-BBBB-CCCC-DDDD-EEEEEEEEEEEE
        ---------------------------------------------------
        APFS Volume Disk (Role):   disk3s5 (Data)
        Name:                      Data (Case-insensitive)
        Mount Point:               /System/Volumes/Data
        Capacity Consumed:         180384795648 B (180.4 GB)
        Sealed:                    No
        FileVault:                 Yes (Unlocked)
`,
  fileVault: 'FileVault is On.\n',
};

test('recorded output gives system, hardware and the disk with its volumes', () => {
  const facts = parseMacosFacts(output);
  assert.deepEqual(facts.system, { name: 'macOS 14.6.1', version: '23G93' });
  assert.deepEqual(facts.hardware, {
    manufacturer: 'Apple',
    model: 'MacBook Air (Mac14,2)',
    serialNumber: 'C02ABC123DEF',
    isVirtual: false,
  });
  const [disk] = facts.disks ?? [];
  assert.equal(disk?.name, 'disk0');
  assert.equal(disk?.sizeBytes, 494384795648);
  assert.equal(disk?.encryption, 'encrypted');
  assert.equal(disk?.encryptionMethod, 'FileVault');
  assert.deepEqual(
    disk?.volumes?.map(({ name, mountPoint, encryption }) => [name, mountPoint, encryption]),
    [
      ['disk3s1', undefined, 'not-encrypted'],
      ['disk3s5', '/System/Volumes/Data', 'encrypted'],
    ],
  );
  assert.equal(parseMacosHardwareUuid(output.hardware), '11111111-2222-5333-8444-555555555555');
});

test('FileVault that is off or under way makes the disk so', () => {
  const state = (fileVault: string) => parseMacosFacts({ ...output, fileVault }).disks?.[0]?.encryption;
  assert.equal(state('FileVault is Off.\n'), 'not-encrypted');
  assert.equal(
    state('FileVault is On.\nEncryption in progress: Percent completed = 41.2\n'),
    'partly-encrypted',
  );
  assert.equal(parseFileVault('fdesetup: error\n'), 'unknown');
  assert.equal(parseFileVault(undefined), 'unknown');
});

test('external disks do not count, images of disks are none, and the disk that macOS runs from stays', () => {
  const list = (head: string) =>
    `/dev/disk0 (${head}):\n   #:                       TYPE NAME                    SIZE       IDENTIFIER\n`;
  const read = (head: string, text = output.apfs) =>
    parseMacosFacts({ ...output, apfs: text, disks: list(head) }).disks?.[0]?.isRemovable;
  const elsewhere = output.apfs?.replaceAll('/System/Volumes/Data', '/Volumes/Elsewhere');
  assert.equal(read('internal, physical'), false);
  assert.equal(read('external, physical', elsewhere), true);
  assert.equal(read('external, physical'), false);
  assert.deepEqual(parseMacosFacts({ ...output, disks: list('disk image') }).disks, undefined);
});

test('older wording of the list is understood', () => {
  const [container] = parseApfsList(`APFS Container (1 found)
|
+-- Container disk2 9C36DEF6-B883-462B-A227-84F8A60E3551
    APFS Container Reference:     disk2
    Capacity Ceiling (Size):      255883108352 B (255.9 GB)
    Capacity Available:           255744831488 B (255.7 GB) (99.9% free)
    |
    +-< Physical Store disk0s4 13E393EF-C27E-44EC-B238-A7CA8A842F50
    |
    +-> Volume disk2s1 CC9D66C2-345C-4415-92E4-8CDE3A396180
        APFS Volume Disk (Role):  disk2s1 (No specific role)
        Mount Point:              /Volumes/apfTest
        Cryptographic Security:   None
`);
  assert.deepEqual(container, {
    physicalStores: ['disk0s4'],
    sizeBytes: 255883108352,
    freeBytes: 255744831488,
    volumes: [
      { name: 'disk2s1', role: 'no specific role', mountPoint: '/Volumes/apfTest', isEncrypted: false },
    ],
  });
});

test('without the programs the facts that are missing are left out', () => {
  const nothing = { version: undefined, hardware: undefined, apfs: undefined, fileVault: undefined };
  assert.deepEqual(parseMacosFacts(nothing), {});
  assert.deepEqual(parseMacosFacts({ ...nothing, version: 'x', hardware: '{', apfs: 'Container disk' }), {});
});
