import { recordDevice, type RecordedTree } from './recorded-source.ts';

const GIB = 1_073_741_824;

/** A laptop as the Ubuntu installer sets it up with encryption: EFI and /boot in the clear, the rest in LUKS2 with LVM inside. */
export const encryptedLaptop: RecordedTree = {
  files: {
    '/etc/os-release': `PRETTY_NAME="Ubuntu 24.04.1 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.1 LTS (Noble Numbat)"
ID=ubuntu
ID_LIKE=debian
`,
    '/proc/sys/kernel/osrelease': '6.8.0-49-generic\n',
    '/etc/machine-id': 'c7f1d2a5e8b94f30a1b2c3d4e5f60718\n',
    '/proc/cpuinfo': `processor	: 0
vendor_id	: GenuineIntel
model name	: 13th Gen Intel(R) Core(TM) i7-1365U
flags		: fpu vme de pse tsc msr pae mce aes avx avx2

processor	: 1
vendor_id	: GenuineIntel
model name	: 13th Gen Intel(R) Core(TM) i7-1365U
flags		: fpu vme de pse tsc msr pae mce aes avx avx2
`,
    '/proc/meminfo': `MemTotal:       32543204 kB
MemFree:         8112340 kB
MemAvailable:   21876512 kB
Buffers:          812344 kB
`,
    '/proc/stat': `cpu  1250 0 830 99822 12 0 40 0 0 0
btime 1795255248
processes 4410
`,
    '/proc/swaps': `Filename				Type		Size		Used		Priority
/dev/dm-2                               partition	2002940		0		-2
`,
    '/proc/self/mountinfo': `28 1 252:1 / / rw,relatime shared:1 - ext4 /dev/mapper/ubuntu--vg-ubuntu--lv rw
30 28 0:6 / /dev rw,nosuid - devtmpfs udev rw,size=16234500k
104 28 259:2 / /boot rw,relatime shared:48 - ext4 /dev/nvme0n1p2 rw
107 104 259:1 / /boot/efi rw,relatime shared:50 - vfat /dev/nvme0n1p1 rw,fmask=0077
512 28 7:3 / /snap/core22/1621 ro,nodev,relatime shared:60 - squashfs /dev/loop3 ro
`,
    '/sys/class/dmi/id/sys_vendor': 'LENOVO\n',
    '/sys/class/dmi/id/product_name': '21HES0VW00\n',
    '/sys/class/dmi/id/product_serial': 'PF4ABCDE\n',
    '/sys/class/dmi/id/product_uuid': '4c4c4544-0042-3510-8052-b4c04f564231\n',
    '/sys/class/dmi/id/bios_vendor': 'LENOVO\n',
    ...recordDevice('/sys/block/nvme0n1', {
      number: '259:0',
      bytes: 476 * GIB,
      more: { removable: '0', 'device/model': 'SAMSUNG MZVL2512HCJQ-00BL7              ' },
    }),
    ...recordDevice('/sys/block/nvme0n1/nvme0n1p1', { number: '259:1', bytes: GIB, partition: 1 }),
    ...recordDevice('/sys/block/nvme0n1/nvme0n1p2', { number: '259:2', bytes: 2 * GIB, partition: 2 }),
    ...recordDevice('/sys/block/nvme0n1/nvme0n1p3', {
      number: '259:3',
      bytes: 473 * GIB,
      partition: 3,
      holders: ['dm-0'],
    }),
    ...recordDevice('/sys/block/dm-0', {
      number: '252:0',
      bytes: 473 * GIB,
      holders: ['dm-1', 'dm-2'],
      more: {
        'dm/name': 'dm_crypt-0',
        'dm/uuid': 'CRYPT-LUKS2-1f0e8f2d4a5b4c6d8e9fa0b1c2d3e4f5-dm_crypt-0',
      },
    }),
    ...recordDevice('/sys/block/dm-1', {
      number: '252:1',
      bytes: 400 * GIB,
      more: { 'dm/name': 'ubuntu--vg-ubuntu--lv', 'dm/uuid': 'LVM-abcdefabcdefabcdefabcdefabcdefab' },
    }),
    ...recordDevice('/sys/block/dm-2', {
      number: '252:2',
      bytes: 2 * GIB,
      more: { 'dm/name': 'ubuntu--vg-swap', 'dm/uuid': 'LVM-abcdefabcdefabcdefabcdefabcdefac' },
    }),
    ...recordDevice('/sys/block/loop3', { number: '7:3', bytes: GIB }),
    ...recordDevice('/sys/block/sr0', { number: '11:0', bytes: GIB }),
  },
  spaces: { '/': { sizeBytes: 390 * GIB, freeBytes: 100 * GIB, usedBytes: 270 * GIB } },
};

/** A server: two disks in RAID 1 with XFS, in the clear, and a removable stick whose content only udev tells. */
export const plainServer: RecordedTree = {
  files: {
    '/usr/lib/os-release':
      'NAME="Rocky Linux"\nVERSION_ID=\'9.4\'\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
    '/proc/self/mountinfo': '25 1 9:127 / / rw,relatime - xfs /dev/md127 rw,seclabel\n',
    '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n',
    '/sys/class/dmi/id/sys_vendor': 'Dell Inc.\n',
    '/sys/class/dmi/id/product_name': 'PowerEdge R650\n',
    '/sys/class/dmi/id/product_serial': 'To Be Filled By O.E.M.\n',
    ...recordDevice('/sys/block/sda', {
      number: '8:0',
      bytes: 100 * GIB,
      more: { removable: '0', 'device/model': 'PERC H755 Front' },
    }),
    ...recordDevice('/sys/block/sda/sda1', {
      number: '8:1',
      bytes: 100 * GIB,
      partition: 1,
      holders: ['md127'],
    }),
    ...recordDevice('/sys/block/sdb', { number: '8:16', bytes: 100 * GIB, more: { removable: '0' } }),
    ...recordDevice('/sys/block/sdb/sdb1', {
      number: '8:17',
      bytes: 100 * GIB,
      partition: 1,
      holders: ['md127'],
    }),
    ...recordDevice('/sys/block/md127', { number: '9:127', bytes: 100 * GIB }),
    ...recordDevice('/sys/block/sdc', { number: '8:32', bytes: 16 * GIB, more: { removable: '1' } }),
    ...recordDevice('/sys/block/sdc/sdc1', { number: '8:33', bytes: 16 * GIB, partition: 1 }),
    '/run/udev/data/b8:33':
      'S:disk/by-uuid/1\nE:ID_FS_VERSION=2\nE:ID_FS_TYPE=crypto_LUKS\nE:ID_FS_USAGE=crypto\n',
  },
};
