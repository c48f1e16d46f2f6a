import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinuxCollector } from '../inventory-collector.ts';
import { encryptedLaptop, plainServer } from '../testing/recorded-linux.ts';
import { createRecordedSource } from '../testing/recorded-source.ts';
import { findCryptMethod, readLinuxDisks } from './linux-disks.ts';
import { readLinuxFacts } from './linux-inventory.ts';
import { createLiveLinuxSource, describeSpace } from './live-linux-source.ts';

test('a recorded laptop gives its system, hardware, processor, memory and boot time', async () => {
  const facts = await readLinuxFacts(createRecordedSource(encryptedLaptop));
  assert.deepEqual(facts.system, {
    name: 'Ubuntu 24.04.1 LTS',
    version: '24.04',
    kernel: '6.8.0-49-generic',
  });
  assert.deepEqual(facts.hardware, {
    manufacturer: 'LENOVO',
    model: '21HES0VW00',
    serialNumber: 'PF4ABCDE',
    isVirtual: false,
  });
  assert.deepEqual(facts.processor, { model: '13th Gen Intel(R) Core(TM) i7-1365U', cores: 2 });
  assert.deepEqual(facts.memory, { totalBytes: 32543204 * 1024, availableBytes: 21876512 * 1024 });
  assert.equal(facts.bootedAt, '2026-11-21T10:00:48.000Z');
});

test('everything below LUKS is encrypted, and the volumes that start the system do not count', async () => {
  const [disk, ...rest] = await readLinuxDisks(createRecordedSource(encryptedLaptop));
  assert.deepEqual(rest, [], 'loop devices and optical drives are no disks');
  assert.equal(disk?.name, 'nvme0n1');
  assert.equal(disk?.model, 'SAMSUNG MZVL2512HCJQ-00BL7');
  assert.equal(disk?.encryption, 'encrypted');
  assert.equal(disk?.encryptionMethod, 'LUKS2');
  const volumes = disk?.volumes?.map(({ name, mountPoint, fileSystem, encryption }) => [
    name,
    mountPoint ?? fileSystem,
    encryption,
  ]);
  assert.deepEqual(volumes, [
    ['nvme0n1p1', '/boot/efi', 'not-encrypted'],
    ['nvme0n1p2', '/boot', 'not-encrypted'],
    ['ubuntu--vg-ubuntu--lv', '/', 'encrypted'],
    ['ubuntu--vg-swap', 'swap', 'encrypted'],
  ]);
});

test('a mounted volume with no layer above it is not encrypted, on every disk of a mirror', async () => {
  const disks = await readLinuxDisks(createRecordedSource(plainServer));
  const states = disks.map(({ name, encryption, isRemovable }) => [name, encryption, isRemovable]);
  assert.deepEqual(states, [
    ['sda', 'not-encrypted', false],
    ['sdb', 'not-encrypted', false],
    ['sdc', 'encrypted', true],
  ]);
});

test('an active swap area in the clear makes an encrypted disk partly encrypted', async () => {
  const { files } = encryptedLaptop;
  const source = createRecordedSource({
    files: {
      ...files,
      '/sys/block/nvme0n1/nvme0n1p4/dev': '259:4\n',
      '/sys/block/nvme0n1/nvme0n1p4/size': '4194304\n',
      '/sys/block/nvme0n1/nvme0n1p4/partition': '4\n',
      '/proc/swaps': 'Filename Type Size Used Priority\n/dev/nvme0n1p4 partition 1 0 -2\n',
    },
  });
  assert.equal((await readLinuxDisks(source))[0]?.encryption, 'partly-encrypted');
});

test('what may not be read is unknown, and with permission the first bytes tell', async () => {
  const files = {
    '/sys/block/sda/dev': '8:0\n',
    '/sys/block/sda/size': '2048\n',
    '/proc/self/mountinfo': '',
  };
  const start = (offset: number, bytes: readonly number[]): Uint8Array => {
    const content = new Uint8Array(66_000);
    content.set(bytes, offset);
    return content;
  };
  const luks = [...Buffer.from('LUKS'), 0xba, 0xbe, 0, 2];
  const cases: readonly [Uint8Array | undefined, string, string | undefined][] = [
    [undefined, 'unknown', undefined],
    [new Uint8Array(66_000), 'unknown', undefined],
    [start(0, luks), 'encrypted', 'LUKS2'],
    [start(3, [...Buffer.from('-FVE-FS-')]), 'encrypted', 'BitLocker'],
    [start(0x438, [0x53, 0xef]), 'not-encrypted', undefined],
    [start(3, [...Buffer.from('NTFS    ')]), 'not-encrypted', undefined],
    [start(0, luks.slice(0, 5)), 'unknown', undefined],
    [start(0, luks).subarray(0, 3), 'unknown', undefined],
  ];
  for (const [bytes, state, method] of cases) {
    const source = createRecordedSource({ files, starts: bytes === undefined ? {} : { '/dev/sda': bytes } });
    const [disk] = await readLinuxDisks(source);
    assert.equal(disk?.encryption, state);
    assert.equal(disk?.encryptionMethod, method);
  }
});

test('only layers that encrypt count as encryption', () => {
  const cases: readonly [string | undefined, string | undefined][] = [
    ['CRYPT-LUKS2-0011-name', 'LUKS2'],
    ['CRYPT-LUKS1-0011-name', 'LUKS1'],
    ['CRYPT-PLAIN-name', 'dm-crypt'],
    ['CRYPT-BITLK-0011-name', 'BitLocker'],
    ['CRYPT-VERITY-0011-name', undefined],
    ['CRYPT-INTEGRITY-0011-name', undefined],
    ['LVM-0011', undefined],
    ['mpath-CRYPT-LUKS2-', undefined],
    [undefined, undefined],
  ];
  for (const [uuid, method] of cases) assert.equal(findCryptMethod(uuid), method, uuid);
});

test('devices that hold each other do not hang the reader', async () => {
  const source = createRecordedSource({
    files: {
      '/sys/block/sda/size': '2048\n',
      '/sys/block/sda/holders/dm-0/dev': '',
      '/sys/block/dm-0/holders/dm-1/dev': '',
      '/sys/block/dm-1/holders/dm-0/dev': '',
    },
  });
  assert.equal((await readLinuxDisks(source)).length, 1);
});

test('a system that tells nothing gives no facts and no error', async () => {
  const facts = await readLinuxFacts(createRecordedSource({ files: {} }));
  assert.deepEqual(facts, { system: { name: 'Linux' }, hardware: {}, disks: [] });
});

test('the device is recognised by its firmware, in a container by its installation, and else not at all', async () => {
  const find = (files: Readonly<Record<string, string>>) =>
    createLinuxCollector(createRecordedSource({ files })).findHardwareId();
  const byFirmware = await find(encryptedLaptop.files);
  assert.match(byFirmware ?? '', /^firmware:[\w-]{32}$/u);
  assert.ok(!byFirmware?.includes('4c4c4544'), 'the firmware id itself is not shown');
  const inContainer = await find({ ...encryptedLaptop.files, '/.dockerenv': '' });
  assert.match(inContainer ?? '', /^installation:[\w-]{32}$/u);
  assert.equal(
    await find({ '/sys/class/dmi/id/product_uuid': '03000200-0400-0500-0006-000700080009\n' }),
    undefined,
  );
  assert.equal(await find({}), undefined);
});

test('this very computer tells its kernel, processor, memory and where the root file system lies', {
  skip: process.platform !== 'linux' && 'needs Linux',
}, async () => {
  const facts = await readLinuxFacts(createLiveLinuxSource());
  assert.ok((facts.memory?.totalBytes ?? 0) > 100_000_000);
  assert.ok((facts.processor?.cores ?? 0) >= 1);
  assert.match(facts.system?.kernel ?? '', /^\d+\.\d+/u);
  assert.ok(Date.parse(facts.bootedAt ?? '') > 0);
  assert.ok(Array.isArray(facts.disks));
});

test('blocks that are reserved for root are neither used nor available', () => {
  const space = describeSpace({ bsize: 4_096, blocks: 1_000, bfree: 600, bavail: 550 });
  assert.deepEqual(space, { sizeBytes: 4_096_000, usedBytes: 1_638_400, freeBytes: 2_252_800 });
});
