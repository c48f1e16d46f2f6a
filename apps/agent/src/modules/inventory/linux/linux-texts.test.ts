import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseZonePath } from '../time-zone.ts';
import { findContent, parseUdevRecord } from './device-signature.ts';
import { parseMemoryInfo } from './memory-info.ts';
import { parseMountInfo, parseSwaps } from './mount-info.ts';
import { parseOsRelease } from './os-release.ts';
import { parseProcessorInfo } from './processor-info.ts';

test('os-release: quotes, escapes and comments', () => {
  const fields = parseOsRelease(
    '# comment\nNAME="A \\"B\\" \\$C"\nID=plain\nVERSION=\'single\'\nlower=no\nBAD LINE\n',
  );
  assert.deepEqual(
    [...fields],
    [
      ['NAME', 'A "B" $C'],
      ['ID', 'plain'],
      ['VERSION', 'single'],
    ],
  );
});

test('mountinfo: optional fields, escaped blanks, and lines that are none', () => {
  const mounts = parseMountInfo(
    '36 35 98:0 /mnt1 /my\\040disk rw,noatime master:1 shared:2 - ext3 /dev/root rw\nnonsense\n41 1 0:35 /@home /home rw - btrfs /dev/sda2 rw\n',
  );
  assert.deepEqual(mounts, [
    { deviceNumber: '98:0', root: '/mnt1', mountPoint: '/my disk', fileSystem: 'ext3', source: '/dev/root' },
    { deviceNumber: '0:35', root: '/@home', mountPoint: '/home', fileSystem: 'btrfs', source: '/dev/sda2' },
  ]);
});

test('swaps: partitions only', () => {
  const text = 'Filename Type Size Used Priority\n/swapfile file 1 0 -2\n/dev/dm-2 partition 1 0 -3\n';
  assert.deepEqual(parseSwaps(text), ['/dev/dm-2']);
});

test('cpuinfo: boards name themselves at the end, and a hypervisor shows in the flags', () => {
  const board = parseProcessorInfo(
    'processor\t: 0\nprocessor\t: 1\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 4\n',
  );
  assert.deepEqual(board, { model: 'Raspberry Pi 4', count: 2, isUnderHypervisor: false });
  assert.ok(parseProcessorInfo('processor : 0\nflags : fpu hypervisor\n').isUnderHypervisor);
});

test('meminfo: without a total there is nothing', () => {
  assert.equal(parseMemoryInfo('MemFree: 12 kB\n'), undefined);
  assert.deepEqual(parseMemoryInfo('MemTotal:   12 kB\n'), { totalBytes: 12_288 });
});

test('udev: members of other layers say nothing about encryption', () => {
  assert.equal(parseUdevRecord('E:ID_FS_TYPE=LVM2_member\n').content, undefined);
  assert.equal(parseUdevRecord('E:ID_FS_TYPE=zfs_member\n').content, undefined);
  assert.deepEqual(parseUdevRecord('E:ID_FS_TYPE=ext4\n').content, { isEncrypted: false, kind: 'ext4' });
  assert.deepEqual(parseUdevRecord('E:ID_FS_VERSION=1\nE:ID_FS_TYPE=crypto_LUKS\n').content, {
    isEncrypted: true,
    kind: 'LUKS1',
  });
});

test('time zones are named by their path', () => {
  assert.equal(parseZonePath('/usr/share/zoneinfo/Europe/Berlin'), 'Europe/Berlin');
  assert.equal(
    parseZonePath('/var/db/timezone/zoneinfo/America/Argentina/Ushuaia'),
    'America/Argentina/Ushuaia',
  );
  assert.equal(parseZonePath('../usr/share/zoneinfo/posix/Etc/UTC'), 'Etc/UTC');
  assert.equal(parseZonePath('/etc/somewhere'), undefined);
});

test('no text of any kind brings a reader down', () => {
  const line = fc.oneof(
    fc.string(),
    fc.constantFrom(
      'processor : x',
      '- - -',
      'MemTotal: kB',
      'E:ID_FS_TYPE=',
      'A="',
      "A='",
      '0 0 0 0 0 - - -',
    ),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.uint8Array({ maxLength: 300 }), (lines, bytes) => {
      const text = lines.join('\n');
      parseOsRelease(text);
      parseMountInfo(text);
      parseSwaps(text);
      parseProcessorInfo(text);
      parseMemoryInfo(text);
      parseUdevRecord(text);
      parseZonePath(text);
      findContent(bytes);
    }),
    { numRuns: 300 },
  );
});
