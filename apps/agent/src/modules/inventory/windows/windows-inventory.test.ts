import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseWindowsFacts, parseWindowsProductUuid } from './windows-inventory.ts';

// The form of what the script prints on Windows 11, with a lone volume list flattened as PowerShell 5.1 does.
const output = `\uFEFF${JSON.stringify({
  system: {
    Caption: 'Microsoft Windows 11 Pro',
    Version: '10.0.22631',
    BuildNumber: '22631',
    BootedAt: '2026-11-20T06:12:44.5000000Z',
  },
  computer: { Manufacturer: 'LENOVO', Model: '21CCS1GL00', HypervisorPresent: true },
  bios: { SerialNumber: 'PF3XYZ12' },
  product: { UUID: '4C4C4544-0042-3510-8052-B4C04F564231' },
  disks: [
    { Index: 0, Model: 'SAMSUNG MZVL2512HCJQ-00BL7', MediaType: 'Fixed hard disk media', Size: 512105932800 },
    { Index: 1, Model: 'SanDisk Ultra USB Device', MediaType: 'Removable Media', Size: 30784320000 },
  ],
  partitions: [
    { DiskNumber: 0, DriveLetter: 'C' },
    { DiskNumber: 1, DriveLetter: 'E' },
  ],
  volumes: [
    { DriveLetter: 'C', FileSystem: 'NTFS', Size: 511131152384, SizeRemaining: 201131152384 },
    { DriveLetter: 'E', FileSystem: 'exFAT', Size: 30767312896, SizeRemaining: 1767312896 },
  ],
  bitlocker: {
    MountPoint: 'C:',
    VolumeStatus: 'FullyEncrypted',
    ProtectionStatus: 'On',
    EncryptionMethod: 'XtsAes256',
  },
})}`;

function withProtection(volumeStatus: string, protectionStatus: string): string | undefined {
  const found = JSON.parse(output.slice(1)) as Record<string, unknown>;
  found['bitlocker'] = [{ MountPoint: 'C:', VolumeStatus: volumeStatus, ProtectionStatus: protectionStatus }];
  return parseWindowsFacts(JSON.stringify(found)).disks?.[0]?.encryption;
}

test('what the maker of a board did not fill in is not told', () => {
  const found = JSON.parse(output.slice(1)) as Record<string, unknown>;
  const { hardware } = parseWindowsFacts(
    JSON.stringify({
      ...found,
      computer: { Manufacturer: 'System manufacturer', Model: 'To Be Filled By O.E.M.' },
      bios: { SerialNumber: 'System Serial Number' },
    }),
  );
  assert.equal(hardware, undefined);
});

test('recorded output gives system, hardware and disks', () => {
  const facts = parseWindowsFacts(output);
  assert.deepEqual(facts.system, { name: 'Windows 11 Pro', version: '22631', kernel: '10.0.22631' });
  assert.deepEqual(facts.hardware, {
    manufacturer: 'LENOVO',
    model: '21CCS1GL00',
    serialNumber: 'PF3XYZ12',
    isVirtual: false,
  });
  assert.equal(facts.bootedAt, '2026-11-20T06:12:44.500Z');
  assert.deepEqual(facts.disks?.[0], {
    name: 'PhysicalDrive0',
    model: 'SAMSUNG MZVL2512HCJQ-00BL7',
    sizeBytes: 512105932800,
    isRemovable: false,
    encryption: 'encrypted',
    encryptionMethod: 'BitLocker XtsAes256',
    volumes: [
      {
        name: 'C:',
        mountPoint: 'C:',
        fileSystem: 'NTFS',
        sizeBytes: 511131152384,
        freeBytes: 201131152384,
        encryption: 'encrypted',
      },
    ],
  });
  assert.equal(facts.disks?.[1]?.encryption, 'unknown');
  assert.equal(facts.disks?.[1]?.isRemovable, true);
  assert.equal(parseWindowsProductUuid(output), '4C4C4544-0042-3510-8052-B4C04F564231');
});

test('a volume whose protection is off keeps its key in the clear and is not encrypted', () => {
  assert.equal(withProtection('FullyEncrypted', 'Off'), 'not-encrypted');
  assert.equal(withProtection('FullyEncrypted', 'On'), 'encrypted');
  assert.equal(withProtection('FullyDecrypted', 'Off'), 'not-encrypted');
  assert.equal(withProtection('EncryptionInProgress', 'Off'), 'partly-encrypted');
  assert.equal(withProtection('SomethingNew', 'On'), 'unknown');
});

test('the bus decides which disks stay in the computer, and what Windows runs from always does', () => {
  const found = JSON.parse(output.slice(1)) as Record<string, unknown>;
  const read = (disk: object, attachment: object) => {
    const text = JSON.stringify({
      ...found,
      disks: [{ Index: 0, Model: 'X', MediaType: 'Fixed hard disk media', Size: 1_000, ...disk }],
      attachments: [{ Number: 0, ...attachment }],
    });
    const [disk0] = parseWindowsFacts(text).disks ?? [];
    return disk0 && (disk0.isRemovable === true ? 'removable' : (disk0.exemption ?? 'counts'));
  };
  assert.equal(read({}, { BusType: 'NVMe' }), 'counts');
  assert.equal(read({}, { BusType: 'USB' }), 'removable');
  assert.equal(read({ InterfaceType: 'USB' }, {}), 'removable');
  assert.equal(read({}, { BusType: 'SD' }), 'removable');
  assert.equal(read({}, { BusType: 'MMC' }), 'counts');
  assert.equal(read({}, { BusType: 'USB', IsBoot: true }), 'counts');
  assert.equal(read({ MediaType: 'External hard disk media' }, { IsSystem: true }), 'counts');
  assert.equal(read({}, { BusType: 'iSCSI' }), 'network');
  assert.equal(read({}, { BusType: 'Fibre Channel', IsSystem: true }), 'counts');
  assert.equal(read({}, { BusType: 'File Backed Virtual' }), undefined);
});

test('without elevation or without PowerShell the facts that are missing are left out', () => {
  assert.deepEqual(parseWindowsFacts(undefined), {});
  assert.deepEqual(parseWindowsFacts('not json'), {});
  assert.deepEqual(parseWindowsFacts('{"system":null,"disks":null,"bitlocker":[null]}'), {});
});

test('no JSON of any form brings the reader down', () => {
  fc.assert(
    fc.property(
      fc.json(),
      fc.constantFrom('system', 'disks', 'volumes', 'bitlocker', 'partitions'),
      (json, name) => {
        parseWindowsFacts(json);
        parseWindowsFacts(`{"${name}":${json}}`);
      },
    ),
    { numRuns: 300 },
  );
});
