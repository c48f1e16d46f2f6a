import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLinuxCollector } from '../inventory-collector.ts';
import { encryptedLaptop, plainServer } from '../testing/recorded-linux.ts';
import { createRecordedSource, type RecordedTree } from '../testing/recorded-source.ts';
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

test('a board without DMI names itself in the device tree', async () => {
  const { hardware } = await readLinuxFacts(
    createRecordedSource({
      files: {
        '/proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.4\0',
        '/proc/device-tree/serial-number': '100000000a1b2c3d\0',
      },
    }),
  );
  assert.deepEqual(hardware, { model: 'Raspberry Pi 4 Model B Rev 1.4', serialNumber: '100000000a1b2c3d' });
});

test('a number that only root may read is not told, and neither is one that nobody filled in', async () => {
  const { '/sys/class/dmi/id/product_serial': _hidden, ...readable } = encryptedLaptop.files;
  for (const files of [readable, { ...readable, '/sys/class/dmi/id/product_serial': 'Default string\n' }]) {
    const { hardware } = await readLinuxFacts(createRecordedSource({ files }));
    assert.deepEqual(hardware, { manufacturer: 'LENOVO', model: '21HES0VW00', isVirtual: false });
  }
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

test('a container is recognised by what its manager left behind, by its walls, and by any one sign alone', async () => {
  const hostId = await createLinuxCollector(createRecordedSource(encryptedLaptop)).findHardwareId();
  const id = '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0';
  const root = (options: string) => `500 400 0:60 / / rw,relatime - overlay overlay rw,${options}\n`;
  const bound = (name: string, from: string) =>
    `501 500 259:3 ${from}/${name} /etc/${name} rw - ext4 /dev/nvme0n1p3 rw\n`;
  const cases: readonly (readonly [kind: string, Partial<RecordedTree>])[] = [
    ['docker', { files: { '/proc/1/cgroup': `0::/system.slice/docker-${id}.scope\n` } }],
    ['docker', { files: { '/proc/1/cgroup': `12:pids:/docker/${id}\n` } }],
    [
      'docker',
      {
        files: {
          '/proc/self/mountinfo': root(
            `lowerdir=/var/lib/docker/overlay2/l/A,upperdir=/var/lib/docker/overlay2/${id}/diff`,
          ),
        },
      },
    ],
    [
      'docker',
      {
        files: {
          '/proc/self/mountinfo': root(
            'lowerdir=/data/engine/overlay2/l/A,upperdir=/data/engine/overlay2/b/diff',
          ),
        },
      },
    ],
    [
      'docker',
      {
        files: {
          '/proc/self/mountinfo': ['hostname', 'hosts']
            .map((name) => bound(name, `/var/lib/docker/containers/${id}`))
            .join(''),
        },
      },
    ],
    ['podman', { files: { '/run/.containerenv': '' } }],
    ['podman', { files: { '/proc/self/cgroup': `0::/user.slice/libpod-${id}.scope\n` } }],
    ['kubernetes', { files: { '/proc/1/cgroup': '0::/kubepods.slice/kubepods-burstable.slice/x\n' } }],
    ['kubernetes', { files: { '/proc/1/environ': 'PATH=/bin\0KUBERNETES_SERVICE_HOST=10.0.0.1\0' } }],
    [
      'kubernetes',
      {
        files: {
          '/proc/self/mountinfo': ['hosts', 'resolv.conf']
            .map((name) => bound(name, '/kubelet/pods/0194fdc2-fa2f-7cc0-81d3-ff12045b73c8/x'))
            .join(''),
        },
      },
    ],
    ['lxc', { files: { '/proc/1/environ': 'container=lxc\0' } }],
    ['lxc', { files: { '/proc/1/cgroup': '0::/lxc.payload.web1\n' } }],
    [
      'lxc',
      {
        files: {
          '/proc/self/mountinfo': '40 30 0:50 /proc/meminfo /proc/meminfo rw - fuse.lxcfs lxcfs rw\n',
        },
      },
    ],
    ['systemd-nspawn', { files: { '/run/host/container-manager': 'systemd-nspawn\n' } }],
    ['container', { files: { '/run/systemd/container': '' } }],
    ['openvz', { files: { '/proc/vz/vestat': '' } }],
    ['wsl', { files: { '/proc/sys/kernel/osrelease': '5.15.153.1-microsoft-standard-WSL2\n' } }],
    ['container', { files: { '/proc/1/comm': 'tini\n' } }],
    ['container', { links: { '/proc/self/ns/pid': 'pid:[4026532281]' } }],
    ['container', { links: { '/proc/self/ns/cgroup': 'cgroup:[4026532290]' } }],
    [
      'container',
      { files: { '/sys/fs/cgroup/cgroup.events': '', '/sys/fs/cgroup/cgroup.type': 'domain\n' } },
    ],
    ['container', { files: { '/sys/fs/cgroup/systemd/tasks': '' } }],
    [
      'container',
      { files: { '/proc/self/mountinfo': root('lowerdir=/srv/a,upperdir=/srv/b'), '/proc/1/comm': 'app\n' } },
    ],
  ];
  for (const [kind, sign] of cases) {
    const name = `${kind}: ${Object.keys({ ...sign.files, ...sign.links }).join()}`;
    const source = createRecordedSource({
      files: { ...encryptedLaptop.files, ...sign.files },
      links: { ...sign.links },
    });
    const collector = createLinuxCollector(source);
    const found = await collector.findHardwareId();
    assert.notEqual(found, hostId, name);
    assert.match(found ?? '', /^(?:container|installation):[\w-]{32}$/u, name);
    const { hardware, disks = [] } = await collector.collect();
    assert.deepEqual(
      hardware,
      { isVirtual: true, container: kind },
      `${name}: maker, model and number are those of the computer`,
    );
    if (kind !== 'wsl') assert.deepEqual(disks, [], name);
  }
});

test('a computer is no container by what it shares with them', async () => {
  const layered = (options: string) => `500 1 0:60 / / rw,relatime - overlay overlayroot rw,${options}\n`;
  const cases: readonly Partial<RecordedTree>[] = [
    {
      files: {
        '/proc/1/cgroup': '0::/init.scope\n',
        '/proc/self/cgroup': '0::/system.slice/docker.service\n',
      },
    },
    { files: { '/proc/1/comm': 'systemd\n' } },
    // A read-only root with changes in memory, and a live system.
    {
      files: {
        '/proc/1/comm': 'systemd\n',
        '/proc/self/mountinfo': layered('lowerdir=/media/root-ro,upperdir=/media/root-rw/overlay'),
      },
    },
    {
      files: {
        '/proc/1/comm': 'init\n',
        '/proc/self/mountinfo': layered('lowerdir=/run/live/rootfs,upperdir=/run/live/overlay'),
      },
    },
    { links: { '/proc/self/ns/pid': 'pid:[4026531836]', '/proc/self/ns/cgroup': 'cgroup:[4026531835]' } },
    // A virtual machine made from the image of a container.
    { files: { '/.dockerenv': '' }, links: { '/proc/self/ns/pid': 'pid:[4026531836]' } },
    { files: { '/sys/fs/cgroup/cgroup.procs': '', '/sys/fs/cgroup/cgroup.stat': '' } },
    { files: { '/sys/fs/cgroup/systemd/release_agent': '' } },
    { files: { '/proc/vz/version': '', '/proc/bc/0': '' } },
    { files: { '/proc/self/mountinfo': '40 1 0:50 / /etc/resolv.conf rw - tmpfs tmpfs rw\n' } },
  ];
  for (const sign of cases) {
    const source = createRecordedSource({
      files: { ...encryptedLaptop.files, ...sign.files },
      links: { ...sign.links },
    });
    const found = await createLinuxCollector(source).findHardwareId();
    assert.match(found ?? '', /^firmware:/u, Object.keys({ ...sign.files, ...sign.links }).join());
  }
});

test('containers of one image and of one computer are told apart, and one stays what it is', async () => {
  const idOf = async (containerId: string, more: Readonly<Record<string, string>> = {}) =>
    await createLinuxCollector(
      createRecordedSource({
        files: {
          ...encryptedLaptop.files,
          '/proc/1/cgroup': `0::/docker/${containerId.repeat(64)}\n`,
          ...more,
        },
      }),
    ).findHardwareId();
  assert.equal(await idOf('a'), await idOf('a'));
  assert.notEqual(await idOf('a'), await idOf('b'));
  assert.match((await idOf('a')) ?? '', /^container:/u);
});

test('the id of the installation is a hash of its own, and one that the computer lends is not taken', async () => {
  const find = async (files: Readonly<Record<string, string>>) =>
    await createLinuxCollector(createRecordedSource({ files })).findInstallationId?.();
  const own = await find(encryptedLaptop.files);
  assert.match(own ?? '', /^[\w-]{32}$/u);
  assert.ok(
    !(
      await createLinuxCollector(createRecordedSource({ files: encryptedLaptop.files })).findHardwareId()
    )?.includes(own ?? ''),
  );
  assert.notEqual(await find({ '/etc/machine-id': `${'ab'.repeat(16)}\n` }), own);
  assert.equal(await find({ '/etc/machine-id': 'uninitialized\n' }), undefined);
  const lent = '40 30 259:3 /etc/machine-id /etc/machine-id ro - ext4 /dev/nvme0n1p3 rw\n';
  const made = '40 30 0:30 /machine-id /etc/machine-id ro - tmpfs tmpfs rw\n';
  const marker = { '/run/.containerenv': '' };
  assert.equal(await find({ ...encryptedLaptop.files, ...marker, '/proc/self/mountinfo': lent }), undefined);
  assert.equal(await find({ ...encryptedLaptop.files, ...marker, '/proc/self/mountinfo': made }), own);
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
