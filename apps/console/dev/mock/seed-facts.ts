import type { InventoryFacts } from '@holdfast/api';
import { isoAt, type World } from './world.ts';

interface Known {
  readonly name: string;
  readonly system: string;
  readonly platform: 'linux' | 'windows' | 'macos';
  readonly address: string;
  readonly isEncrypted: boolean | null;
  readonly agentVersion: string;
}

const gibibyte = 1024 ** 3;
const models: Readonly<Record<Known['platform'], readonly (readonly [string, string])[]>> = {
  linux: [
    ['Dell Inc.', 'OptiPlex 7020'],
    ['Lenovo', 'ThinkPad T14 Gen 5'],
    ['QEMU', 'Standard PC (Q35)'],
  ],
  windows: [
    ['Dell Inc.', 'Latitude 7450'],
    ['HP', 'EliteBook 840 G11'],
    ['Microsoft Corporation', 'Surface Laptop 7'],
  ],
  macos: [
    ['Apple', 'MacBook Pro (14-inch, M4)'],
    ['Apple', 'MacBook Air (13-inch, M3)'],
  ],
};
const kernels = { linux: '6.12.48+deb13-amd64', windows: '10.0.26100', macos: '25.1.0' } as const;
const methods = { linux: 'LUKS2', windows: 'BitLocker', macos: 'FileVault' } as const;

export function factsOf(world: World, known: Known): InventoryFacts {
  const { random } = world;
  const nowMs = world.now();
  const [manufacturer, model] = random.pick(models[known.platform]);
  const totalBytes = random.pick([8, 16, 16, 32, 64]) * gibibyte - random.integer(400_000_000);
  const diskBytes = random.pick([256_060_514_304, 512_110_190_592, 1_000_204_886_016]);
  const encryption =
    known.isEncrypted === null
      ? 'unknown'
      : known.isEncrypted
        ? 'encrypted'
        : random.pick(['not-encrypted', 'partly-encrypted'] as const);
  const freeBytes = Math.floor(diskBytes * (0.04 + random.next() * 0.8));
  const isUnix = known.platform !== 'windows';
  return {
    hostName: known.name,
    system: {
      name: known.system,
      version: known.platform === 'macos' ? '26.1' : '12.8',
      kernel: kernels[known.platform],
      architecture: known.platform === 'macos' ? 'arm64' : 'x64',
    },
    hardware: {
      manufacturer,
      model,
      serialNumber: random.hex(8).toUpperCase(),
      isVirtual: manufacturer === 'QEMU',
    },
    processor: {
      model:
        known.platform === 'macos'
          ? 'Apple M4'
          : random.pick(['Intel(R) Core(TM) Ultra 7 165U', 'AMD Ryzen 7 PRO 8840U']),
      cores: random.pick([4, 8, 12, 16]),
    },
    memory: { totalBytes, availableBytes: Math.floor(totalBytes * (0.15 + random.next() * 0.6)) },
    disks: [
      {
        name: isUnix ? 'nvme0n1' : 'Disk 0',
        model: random.pick(['Samsung SSD 990 PRO', 'WDC PC SN740', 'KIOXIA KXG80ZNV']),
        sizeBytes: diskBytes,
        encryption,
        ...(encryption === 'encrypted' ? { encryptionMethod: methods[known.platform] } : {}),
        volumes: [
          {
            name: isUnix ? 'nvme0n1p1' : 'System Reserved',
            mountPoint: isUnix ? '/boot' : '',
            fileSystem: isUnix ? 'ext4' : 'FAT32',
            sizeBytes: gibibyte,
            freeBytes: Math.floor(gibibyte * 0.6),
            encryption: 'not-encrypted',
          },
          {
            name: isUnix ? 'nvme0n1p2' : 'Windows',
            mountPoint: isUnix ? '/' : 'C:',
            fileSystem: isUnix ? 'ext4' : 'NTFS',
            sizeBytes: diskBytes - gibibyte,
            freeBytes,
            usedBytes: Math.max(0, Math.floor((diskBytes - gibibyte) * 0.95) - freeBytes),
            encryption: encryption === 'partly-encrypted' ? 'not-encrypted' : encryption,
          },
        ],
      },
      ...(random.next() < 0.1
        ? [
            {
              name: isUnix ? 'sda' : 'Disk 1',
              model: 'SanDisk Ultra',
              sizeBytes: 61_530_439_680,
              isRemovable: true,
              encryption: 'not-encrypted' as const,
            },
          ]
        : []),
    ],
    interfaces: [
      {
        name: isUnix ? 'enp0s31f6' : 'Ethernet',
        hardwareAddress: `8c:16:45:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`,
        addresses: [
          known.address,
          `fe80::${random.hex(4)}:${random.hex(4)}:fe${random.hex(2)}:${random.hex(4)}`,
        ],
      },
      {
        name: isUnix ? 'wlp0s20f3' : 'Wi-Fi',
        hardwareAddress: `8c:16:45:${random.hex(2)}:${random.hex(2)}:02`,
        addresses: [],
      },
    ],
    agent: {
      version: known.agentVersion,
      runtime: 'Node.js 24.21.0',
      startedAt: isoAt(nowMs - random.integer(9 * 86_400_000)),
    },
    bootedAt: isoAt(nowMs - random.integer(30 * 86_400_000)),
    timeZone: random.pick(['Europe/Berlin', 'Europe/Lisbon', 'Europe/Tallinn']),
  };
}
