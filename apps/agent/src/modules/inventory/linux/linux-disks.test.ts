import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RecordedDisk, recordDisks, withLaptop } from '../testing/recorded-disks.ts';
import { createRecordedSource, type RecordedTree } from '../testing/recorded-source.ts';
import { readLinuxDisks } from './linux-disks.ts';

const PLAIN = { ID_FS_TYPE: 'ext4' };
const LUKS = { ID_FS_TYPE: 'crypto_LUKS', ID_FS_VERSION: '2' };

/** The states of those disks that count, as the server counts them. */
async function counted(tree: RecordedTree): Promise<string[]> {
  const disks = await readLinuxDisks(createRecordedSource(tree));
  return disks
    .filter(({ isRemovable, exemption }) => isRemovable !== true && exemption === undefined)
    .map(({ name, encryption }) => `${name} ${encryption}`);
}

async function namesOf(tree: RecordedTree): Promise<string[]> {
  return (await readLinuxDisks(createRecordedSource(tree))).map(({ name }) => name);
}

/** A disk with one partition in the clear, as `name` and `place` have it. */
function plainDisk(name: string, more: Partial<RecordedDisk> = {}): RecordedDisk {
  const partition = /\d$/u.test(name) ? `${name}p1` : `${name}1`;
  return {
    name,
    number: '8:16',
    more: { removable: '0' },
    partitions: [{ name: partition, number: '8:17', udev: PLAIN }],
    ...more,
  };
}

test('what is plugged in from outside does not count, whatever it says of itself', async () => {
  const cases: readonly (readonly [string, RecordedDisk])[] = [
    [
      'USB disk that calls itself fixed, by its place',
      plainDisk('sdb', {
        place: 'pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb',
      }),
    ],
    ['the same, by the record of udev', plainDisk('sdb', { udev: { ID_BUS: 'usb' } })],
    ['USB stick', plainDisk('sdb', { more: { removable: '1' } })],
    [
      'FireWire disk',
      plainDisk('sdb', { place: 'pci0000:00/0000:00:1e.0/fw1/fw1.0/host7/target7:0:0/7:0:0:0/block/sdb' }),
    ],
    [
      'NVMe in a Thunderbolt case',
      plainDisk('nvme1n1', {
        place: 'pci0000:00/0000:00:07.0/0000:04:00.0/0000:05:01.0/nvme/nvme1/nvme1n1',
        more: { 'device/transport': 'pcie' },
      }),
    ],
    ['card in a slot', plainDisk('mmcblk1', { more: { removable: '0', 'device/type': 'SD' } })],
    [
      'memory stick',
      plainDisk('mspblk0', { place: 'pci0000:00/0000:02:00.1/memstick0/memstick0:0/block/mspblk0' }),
    ],
    [
      'card of a PC Card slot',
      plainDisk('sdb', { place: 'pci0000:00/pcmcia_socket0/0.0/ata9/host8/block/sdb' }),
    ],
  ];
  for (const [name, disk] of cases) {
    const tree = withLaptop(recordDisks([disk]));
    const source = {
      ...tree,
      files: {
        ...tree.files,
        '/sys/devices/pci0000:00/0000:00:07.0/removable': 'unknown\n',
        '/sys/devices/pci0000:00/0000:00:07.0/0000:04:00.0/removable': 'removable\n',
      },
    };
    assert.deepEqual(await counted(source), ['nvme0n1 encrypted'], name);
    const seen = (await readLinuxDisks(createRecordedSource(source))).find((it) => it.name === disk.name);
    assert.equal(seen?.isRemovable, true, name);
    assert.equal(seen?.encryption, 'not-encrypted', name);
  }
});

test('what is built in counts, whatever it is built in by', async () => {
  const cases: readonly (readonly [string, RecordedDisk, Readonly<Record<string, string>>?])[] = [
    [
      'SATA disk',
      plainDisk('sdb', { place: 'pci0000:00/0000:00:17.0/ata3/host2/target2:0:0/2:0:0:0/block/sdb' }),
    ],
    [
      'disk of a SAS expander',
      plainDisk('sdb', {
        place:
          'pci0000:00/0000:03:00.0/host0/port-0:0/expander-0:0/port-0:0:1/end_device-0:0:1/target0:0:1/0:0:1:0/block/sdb',
      }),
    ],
    ['eMMC', plainDisk('mmcblk0', { more: { removable: '0', 'device/type': 'MMC' } })],
    ['virtual disk of KVM', plainDisk('vdb', { place: 'pci0000:00/0000:00:05.0/virtio2/block/vdb' })],
    ['virtual disk of Xen', plainDisk('xvdb', { place: 'vbd-51728/block/xvdb' })],
    [
      'persistent memory',
      plainDisk('pmem0', { place: 'LNXSYSTM:00/ndbus0/region0/namespace0.0/block/pmem0' }),
    ],
    ['DASD', plainDisk('dasdb', { place: 'css0/0.0.0002/0.0.0201/block/dasdb' })],
    [
      'USB module on the board, of which the firmware says that it is fixed',
      plainDisk('sdb', {
        place: 'pci0000:00/0000:00:14.0/usb1/1-4/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdb',
      }),
      { '/sys/devices/pci0000:00/0000:00:14.0/usb1/1-4/removable': 'fixed\n' },
    ],
  ];
  for (const [name, disk, files = {}] of cases) {
    const tree = withLaptop(recordDisks([disk], { files }));
    assert.deepEqual(
      (await counted(tree)).sort(),
      [`${disk.name} not-encrypted`, 'nvme0n1 encrypted'].sort(),
      name,
    );
  }
});

test('what the system stands on counts, wherever it is plugged in', async () => {
  const card = plainDisk('mmcblk0', { more: { 'device/type': 'SD' } });
  assert.deepEqual(await counted(recordDisks([card], { mounts: ['8:17 / / rw - ext4 /dev/root rw'] })), [
    'mmcblk0 not-encrypted',
  ]);
  const stick = plainDisk('sdb', { more: { removable: '1' } });
  assert.deepEqual(await counted(recordDisks([stick], { mounts: ['8:17 / /home rw - ext4 /dev/sdb1 rw'] })), [
    'sdb not-encrypted',
  ]);
  // What is mounted for a while is not of the system.
  assert.deepEqual(
    await counted(recordDisks([stick], { mounts: ['8:17 / /srv/stick rw - ext4 /dev/sdb1 rw'] })),
    [],
  );
  assert.deepEqual(
    await counted(recordDisks([stick], { mounts: ['8:17 / /media/anna/stick rw - ext4 /dev/sdb1 rw'] })),
    [],
  );
  const pool = plainDisk('sdc', {
    more: { removable: '1' },
    partitions: [{ name: 'sdc1', number: '8:33', udev: { ID_FS_TYPE: 'zfs_member', ID_FS_LABEL: 'rpool' } }],
  });
  const mounts = ['0:25 / / rw - zfs rpool/ROOT/debian rw'];
  assert.deepEqual(await counted(recordDisks([pool], { mounts })), ['sdc unknown']);
});

test('disks of a network are shown and do not count, unless the system stands on one', async () => {
  const cases: readonly (readonly [string, RecordedDisk])[] = [
    ['iSCSI by place', plainDisk('sdb', { place: 'platform/host3/session1/target3:0:0/3:0:0:1/block/sdb' })],
    [
      'iSCSI by udev',
      plainDisk('sdb', { udev: { ID_PATH: 'ip-10.0.0.9:3260-iscsi-iqn.2026-01.org.example:a-lun-1' } }),
    ],
    [
      'Fibre Channel',
      plainDisk('sdb', { place: 'pci0000:00/0000:81:00.0/host1/rport-1:0-2/target1:0:0/1:0:0:0/block/sdb' }),
    ],
    ['NVMe over TCP', plainDisk('nvme1n1', { more: { 'device/transport': 'tcp' } })],
    ['NVMe over TCP on several paths', plainDisk('nvme1n1', { more: { 'device/nvme1/transport': 'tcp' } })],
  ];
  for (const [name, disk] of cases) {
    const tree = withLaptop(recordDisks([disk]));
    assert.deepEqual(await counted(tree), ['nvme0n1 encrypted'], name);
    const shown = (await readLinuxDisks(createRecordedSource(tree))).find((it) => it.name === disk.name);
    assert.equal(shown?.exemption, 'network', name);
    const booted = recordDisks([disk], { mounts: ['8:17 / / rw - ext4 /dev/root rw'] });
    assert.deepEqual(await counted(booted), [`${disk.name} not-encrypted`], name);
  }
});

test('nodes that stand for no disk are left out', async () => {
  const virtual = (name: string): RecordedDisk => plainDisk(name, { place: `virtual/block/${name}` });
  const disks: readonly RecordedDisk[] = [
    ...[
      'loop0',
      'ram0',
      'zram0',
      'md127',
      'dm-9',
      'nbd0',
      'drbd0',
      'bcache0',
      'zd0',
      'rbd0',
      'etherd!e1.0',
    ].map(virtual),
    // Drivers of another maker, by their place alone.
    virtual('oddblk0'),
    plainDisk('sdx', { place: 'pseudo_0/adapter0/host9/target9:0:0/9:0:0:0/block/sdx' }),
    plainDisk('nvme0c0n1', { more: { hidden: '1' } }),
    plainDisk('mmcblk0boot0'),
    plainDisk('mmcblk0rpmb'),
    plainDisk('sr0', { more: { removable: '1', 'device/type': '5' } }),
    plainDisk('sdy', { more: { 'device/type': '5' } }),
    plainDisk('fd0', { more: { removable: '1' } }),
    plainDisk('mtdblock0'),
    plainDisk('sdz', { bytes: 0, more: { removable: '1' } }),
  ];
  assert.deepEqual(await namesOf(recordDisks(disks)), []);
});

test('a disk with several paths is one disk', async () => {
  const paths: RecordedDisk[] = ['sda', 'sdb'].map((name, index) => ({
    name,
    number: `8:${index * 16}`,
    holders: ['dm-0'],
    more: { 'device/model': 'ARRAY' },
    partitions: [{ name: `${name}1`, number: `8:${index * 16 + 1}`, udev: PLAIN }],
  }));
  const layers: RecordedDisk[] = [
    {
      name: 'dm-0',
      number: '253:0',
      holders: ['dm-1'],
      more: { 'dm/name': 'mpatha', 'dm/uuid': 'mpath-3600a098' },
    },
    {
      name: 'dm-1',
      number: '253:1',
      holders: ['dm-2'],
      more: { 'dm/name': 'mpatha-part1', 'dm/uuid': 'part1-mpath-3600a098' },
    },
    { name: 'dm-2', number: '253:2', more: { 'dm/name': 'data', 'dm/uuid': 'CRYPT-LUKS2-0011-data' } },
  ];
  const disks = await readLinuxDisks(createRecordedSource(recordDisks([...paths, ...layers])));
  assert.deepEqual(
    disks.map(({ name, model, encryption }) => [name, model, encryption]),
    [['mpatha', 'ARRAY', 'encrypted']],
  );
});

test('members of a firmware RAID are what the array is, not what their kernel saw on each', async () => {
  const member = (name: string, number: number): RecordedDisk => ({
    name,
    number: `8:${number}`,
    holders: ['md126', 'md127'],
    partitions: [{ name: `${name}1`, number: `8:${number + 1}`, udev: { ID_FS_TYPE: 'isw_raid_member' } }],
  });
  const arrays: RecordedDisk[] = [
    {
      name: 'md126',
      number: '9:126',
      more: { 'md/level': 'raid1' },
      partitions: [
        {
          name: 'md126p1',
          number: '259:1',
          bytes: 536_870_912,
          udev: { ID_PART_ENTRY_TYPE: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B', ID_FS_TYPE: 'vfat' },
        },
        { name: 'md126p2', number: '259:2', udev: LUKS },
      ],
    },
    { name: 'md127', number: '9:127', bytes: 0, more: { 'md/level': 'container' } },
  ];
  assert.deepEqual(await counted(recordDisks([member('sda', 0), member('sdb', 16), ...arrays])), [
    'sda encrypted',
    'sdb encrypted',
  ]);
});

test('pools and other layers of LVM are no volumes, and a volume on two layers is named once', async () => {
  const id = 'a'.repeat(32);
  const lv = (letter: string, suffix = ''): string => `LVM-${id}${letter.repeat(32)}${suffix}`;
  const tree = recordDisks([
    { name: 'sda', number: '8:0', holders: ['dm-0', 'dm-1'] },
    {
      name: 'dm-0',
      number: '253:0',
      holders: ['dm-2'],
      more: { 'dm/name': 'vg-pool_tmeta', 'dm/uuid': lv('b', '-tmeta') },
    },
    {
      name: 'dm-1',
      number: '253:1',
      holders: ['dm-2'],
      more: { 'dm/name': 'vg-pool_tdata', 'dm/uuid': lv('c', '-tdata') },
    },
    {
      name: 'dm-2',
      number: '253:2',
      holders: ['dm-3', 'dm-4'],
      more: { 'dm/name': 'vg-pool-tpool', 'dm/uuid': lv('d', '-tpool') },
    },
    { name: 'dm-3', number: '253:3', more: { 'dm/name': 'vg-pool', 'dm/uuid': lv('d', '-pool') } },
    { name: 'dm-4', number: '253:4', holders: ['dm-5'], more: { 'dm/name': 'vg-root', 'dm/uuid': lv('e') } },
    { name: 'dm-5', number: '253:5', more: { 'dm/name': 'root', 'dm/uuid': 'CRYPT-LUKS2-0011-root' } },
  ]);
  const [disk, ...rest] = await readLinuxDisks(createRecordedSource(tree));
  assert.deepEqual(rest, []);
  assert.equal(disk?.encryption, 'encrypted');
  assert.deepEqual(
    disk?.volumes?.map(({ name }) => name),
    ['root'],
  );
});

test('a volume that lies on an encrypted and on a bare part of its disk is encrypted in part', async () => {
  const tree = recordDisks(
    [
      {
        name: 'sda',
        number: '8:0',
        partitions: [
          { name: 'sda1', number: '8:1', holders: ['dm-0'] },
          { name: 'sda2', number: '8:2', holders: ['dm-1'] },
        ],
      },
      {
        name: 'dm-0',
        number: '253:0',
        holders: ['dm-1'],
        more: { 'dm/uuid': 'CRYPT-LUKS2-0011-a', 'dm/name': 'a' },
      },
      { name: 'dm-1', number: '253:1', more: { 'dm/uuid': 'LVM-x', 'dm/name': 'vg-data' } },
    ],
    { mounts: ['253:1 / / rw - xfs /dev/mapper/vg-data rw'] },
  );
  assert.deepEqual(await counted(tree), ['sda partly-encrypted']);
});

test('a cache is as encrypted as what is written through it', async () => {
  const tree = (crypt: 'below' | 'above'): RecordedTree =>
    recordDisks(
      [
        { name: 'sda', number: '8:0', holders: [crypt === 'below' ? 'dm-0' : 'bcache0'] },
        {
          name: 'nvme0n1',
          number: '259:0',
          partitions: [{ name: 'nvme0n1p1', number: '259:1', udev: { ID_FS_TYPE: 'bcache' } }],
        },
        {
          name: 'dm-0',
          number: '253:0',
          holders: crypt === 'below' ? ['bcache0'] : [],
          more: { 'dm/uuid': 'CRYPT-LUKS2-0011-a', 'dm/name': 'a' },
        },
        { name: 'bcache0', number: '252:0', holders: crypt === 'below' ? [] : ['dm-0'] },
      ],
      {
        mounts: [
          crypt === 'below' ? '252:0 / / rw - ext4 /dev/bcache0 rw' : '253:0 / / rw - ext4 /dev/mapper/a rw',
        ],
        files: { '/sys/fs/bcache/c0/bdev0/label': '' },
        links: {
          '/sys/block/nvme0n1/nvme0n1p1/bcache/set': '/sys/fs/bcache/c0',
          '/sys/fs/bcache/c0/bdev0/dev': '/sys/devices/virtual/block/bcache0',
        },
      },
    );
  assert.deepEqual(await counted(tree('above')), ['nvme0n1 encrypted', 'sda encrypted']);
  // The cache lies before the encryption here, and keeps what passes in the clear.
  assert.deepEqual(await counted(tree('below')), ['nvme0n1 not-encrypted', 'sda encrypted']);
});

test('all members of a btrfs are what the one is that its mount names', async () => {
  const tree = recordDisks(
    [
      plainDisk('sda', { number: '8:0' }),
      { name: 'sdb', number: '8:32', partitions: [{ name: 'sdb1', number: '8:33' }] },
    ],
    {
      mounts: ['0:31 /@ / rw - btrfs /dev/sda1 rw'],
      files: { '/sys/fs/btrfs/0011/devices/sda1/dev': '', '/sys/fs/btrfs/0011/devices/sdb1/dev': '' },
    },
  );
  assert.deepEqual(await counted(tree), ['sda not-encrypted', 'sdb not-encrypted']);
});

test('what starts a system, repairs it or is only read makes no disk partly encrypted', async () => {
  const beside: readonly (readonly [string, Readonly<Record<string, string>>, number?])[] = [
    ['Windows recovery', { ID_FS_TYPE: 'ntfs', ID_PART_ENTRY_TYPE: 'de94bba4-06d1-4d40-a16a-bfd50179d6ac' }],
    ['EFI of an MBR', { ID_FS_TYPE: 'vfat', ID_PART_ENTRY_TYPE: '0xef' }],
    ['frame of logical partitions', { ID_PART_ENTRY_TYPE: '0x5' }, 1_024],
    ['frame without a record', {}, 1_024],
    ['reserved of ZFS', { ID_PART_ENTRY_TYPE: '6a945a3b-1dd2-11b2-99a6-080020736631' }],
    ['image of an installer', { ID_FS_TYPE: 'iso9660' }],
    ['image of an appliance', { ID_FS_TYPE: 'squashfs' }],
  ];
  for (const [name, udev, bytes] of beside) {
    const tree = recordDisks([
      {
        name: 'sda',
        number: '8:0',
        partitions: [
          { name: 'sda1', number: '8:1', udev, ...(bytes === undefined ? {} : { bytes }) },
          { name: 'sda2', number: '8:2', udev: LUKS },
        ],
      },
    ]);
    assert.deepEqual(await counted(tree), ['sda encrypted'], name);
  }
});

test('a disk on which nothing has to be encrypted does not count', async () => {
  const seed: RecordedDisk = { name: 'vdb', number: '253:16', udev: { ID_FS_TYPE: 'iso9660' } };
  assert.deepEqual(await counted(withLaptop(recordDisks([seed]))), ['nvme0n1 encrypted']);
  // An empty one is not known to be such.
  assert.deepEqual(await counted(recordDisks([{ name: 'sdb', number: '8:16' }])), ['sdb unknown']);
});

test('a root that is checked at each reading is nobody’s data, and what is beside it is', async () => {
  const tree = recordDisks(
    [
      {
        name: 'sda',
        number: '8:0',
        partitions: [
          { name: 'sda1', number: '8:1', holders: ['dm-0'] },
          { name: 'sda2', number: '8:2', udev: LUKS },
        ],
      },
      { name: 'dm-0', number: '253:0', more: { 'dm/uuid': 'CRYPT-VERITY-0011-usr', 'dm/name': 'usr' } },
    ],
    { mounts: ['253:0 / /usr ro - ext4 /dev/mapper/usr ro'] },
  );
  assert.deepEqual(await counted(tree), ['sda encrypted']);
});

test('file systems that encrypt inside, or not, are unknown', async () => {
  for (const kind of ['zfs_member', 'apfs', 'bcachefs', 'LVM2_member', 'drbd', 'stratis', 'DM_integrity']) {
    const tree = recordDisks([{ name: 'sda', number: '8:0', udev: { ID_FS_TYPE: kind } }]);
    assert.deepEqual(await counted(tree), ['sda unknown'], kind);
  }
  const mounted = recordDisks([{ name: 'sda', number: '8:0' }], {
    mounts: ['8:0 / / rw - bcachefs /dev/sda rw'],
  });
  assert.deepEqual(await counted(mounted), ['sda unknown']);
});

test('what compressed swap in memory writes out is swap in the clear', async () => {
  const tree = recordDisks(
    [
      {
        name: 'sda',
        number: '8:0',
        partitions: [
          { name: 'sda1', number: '8:1', udev: LUKS },
          { name: 'sda2', number: '8:2' },
        ],
      },
      { name: 'zram0', number: '252:0' },
    ],
    { files: { '/sys/block/zram0/backing_dev': '/dev/sda2\n' } },
  );
  assert.deepEqual(await counted(tree), ['sda partly-encrypted']);
});
