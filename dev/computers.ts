import type { InventoryFacts, Platform } from '@holdfast/api';
import type { Random } from './random.ts';

/** A computer of the fleet, as its agent sees it. */
export interface Computer {
  readonly name: string;
  readonly platform: Extract<Platform, 'linux' | 'windows' | 'macos'>;
  readonly hardwareId: string;
  readonly installationId?: string;
  readonly agentVersion: string;
  readonly facts: InventoryFacts;
}

type System = Computer['platform'];
type Disk = NonNullable<InventoryFacts['disks']>[number];
type DiskState = Disk['encryption'];

const GIB = 1024 ** 3;

/** Names, versions and kernels as agents on these systems report them. */
const systems: Readonly<Record<System, readonly (readonly [string, string, string])[]>> = {
  linux: [
    ['Debian GNU/Linux 12 (bookworm)', '12.12', '6.1.0-41-amd64'],
    ['Debian GNU/Linux 13 (trixie)', '13.2', '6.12.57+deb13-amd64'],
    ['Ubuntu 24.04.3 LTS', '24.04', '6.8.0-88-generic'],
    ['Fedora Linux 43 (Workstation Edition)', '43', '6.17.8-300.fc43.x86_64'],
  ],
  windows: [
    ['Windows 11 Pro', '26200', '10.0.26200'],
    ['Windows 11 Enterprise', '22631', '10.0.22631'],
    ['Windows Server 2025 Standard', '26100', '10.0.26100'],
  ],
  macos: [
    ['macOS 15.6.1', '15.6.1', '24G90'],
    ['macOS 26.1', '26.1', '25B78'],
  ],
};
const models: Readonly<Record<System, readonly (readonly [string, string])[]>> = {
  linux: [
    ['Dell Inc.', 'OptiPlex 7020'],
    ['LENOVO', 'ThinkPad T14 Gen 5'],
    ['QEMU', 'Standard PC (Q35 + ICH9, 2009)'],
  ],
  windows: [
    ['Dell Inc.', 'Latitude 7450'],
    ['HP', 'HP EliteBook 840 14 inch G11'],
    ['LENOVO', '21CCS1GL00'],
    ['Microsoft Corporation', 'Surface Laptop 7'],
  ],
  macos: [
    ['Apple', 'MacBook Pro'],
    ['Apple', 'MacBook Air'],
  ],
};
const processors: Readonly<Record<System, readonly string[]>> = {
  linux: ['Intel(R) Core(TM) Ultra 7 165U', 'AMD Ryzen 7 PRO 8840U', 'AMD EPYC 9354P 32-Core Processor'],
  windows: ['Intel(R) Core(TM) Ultra 7 165U', 'AMD Ryzen 7 PRO 8840U w/ Radeon 780M Graphics'],
  macos: ['Apple M3', 'Apple M4'],
};
const methods: Readonly<Record<System, string>> = {
  linux: 'LUKS2',
  windows: 'BitLocker XtsAes256',
  macos: 'FileVault',
};
const diskModels = [
  'Samsung SSD 990 PRO 1TB',
  'SAMSUNG MZVL2512HCJQ-00BL7',
  'WDC PC SN740',
  'KIOXIA KXG80ZNV',
];
const people = [
  'anna',
  'boris',
  'carla',
  'deniz',
  'elif',
  'farid',
  'greta',
  'hugo',
  'ines',
  'jonas',
  'kalle',
];

/** Names that a list, a tree and a dialog have to bear. */
const unusualNames = [
  '東京-受付-01',
  'Büro-Köln-Überwachung-3',
  'ноутбук-анна',
  'حاسوب-الاستقبال',
  'pc-👩🏽‍💻-labor',
  'the-computer-with-the-very-long-name-that-somebody-thought-to-be-a-good-idea.second-floor.building-17.campus-north.example.org',
  'a',
];

/** The last ones have unusual names. */
export function createComputers(random: Random, count: number): Computer[] {
  return Array.from({ length: count }, (_, index) => {
    const platform = random.pick(['linux', 'linux', 'windows', 'windows', 'windows', 'macos'] as const);
    const unusual = unusualNames[index - count + unusualNames.length];
    return createComputer(random, { platform, name: unusual ?? nameOf(random, platform, index) });
  });
}

export function createComputer(
  random: Random,
  given: { readonly name: string; readonly platform: System; readonly disks?: readonly DiskState[] },
): Computer {
  const { name, platform } = given;
  const agentVersion = random.pick(['0.1.0', '0.1.0', '0.1.0', '0.0.9']);
  const [systemName, version, kernel] = random.pick(systems[platform]);
  const [manufacturer, model] = random.pick(models[platform]);
  const totalBytes = random.pick([8, 16, 16, 32, 64]) * GIB - random.integer(400_000_000);
  const states = given.disks ?? [drawDiskState(random)];
  return {
    name,
    platform,
    hardwareId: `${random.hex(8)}-${random.hex(4)}-${random.hex(12)}`,
    agentVersion,
    facts: {
      hostName: name,
      system: {
        name: systemName,
        version,
        kernel,
        architecture: platform === 'macos' ? 'arm64' : 'x64',
      },
      hardware: {
        manufacturer,
        model,
        serialNumber: random.hex(8).toUpperCase(),
        isVirtual: manufacturer === 'QEMU',
      },
      processor: { model: random.pick(processors[platform]), cores: random.pick([4, 8, 12, 16]) },
      memory: { totalBytes, availableBytes: Math.floor(totalBytes * (0.15 + random.next() * 0.6)) },
      disks: [
        ...states.map((state, index) => createDisk(random, platform, state, index)),
        ...(random.next() < 0.1 ? [createStick(platform)] : []),
      ],
      interfaces: createInterfaces(random, platform),
      agent: { version: agentVersion, runtime: 'Node.js 24.21.0' },
      timeZone: random.pick(['Europe/Berlin', 'Europe/Lisbon', 'Europe/Tallinn', 'Asia/Tokyo']),
    },
  };
}

/** A computer with more disks than an inventory lists, on full ones. */
export function createStorageHost(random: Random): Computer {
  const host = createComputer(random, { name: 'store-1.example.net', platform: 'linux' });
  const TIB = 1024 ** 4;
  const disks = ['sda', 'sdb', 'sdc'].map(
    (name, index): Disk => ({
      name,
      model: 'ST16000NM001G',
      sizeBytes: 16 * TIB,
      encryption: 'not-encrypted',
      volumes: [1, 2, 3].map((place) => ({
        name: `vg${index}-data${place}`,
        mountPoint: `/srv/storage/pool-${index}/data-${place}`,
        fileSystem: 'xfs',
        sizeBytes: TIB,
        freeBytes: Math.floor(TIB / 40 / place),
        encryption: 'not-encrypted',
      })),
      volumesOmitted: 117,
      ...(index === 0 ? {} : { volumesListedBefore: index }),
    }),
  );
  const interfaces = (host.facts.interfaces ?? []).map((one) => ({ ...one, addressesOmitted: 40 }));
  return { ...host, facts: { ...host.facts, disks, disksOmitted: 33, interfaces, interfacesOmitted: 1 } };
}

/** A container on a computer: it shows the hardware of its host, and is another installation. */
export function createContainer(host: Computer, random: Random): Computer {
  const { disks: _disks, ...facts } = host.facts;
  const name = `runner-${random.hex(6)}`;
  return {
    ...host,
    name,
    installationId: `container-${random.hex(16)}`,
    facts: {
      ...facts,
      hostName: name,
      hardware: { ...facts.hardware, container: 'docker' },
      interfaces: [{ name: 'eth0', hardwareAddress: '02:42:ac:11:00:02', addresses: ['172.17.0.2'] }],
    },
  };
}

function nameOf(random: Random, platform: System, index: number): string {
  const number = String(index).padStart(4, '0');
  if (platform === 'macos') return `${random.pick(people)}-macbook-${10 + random.integer(89)}`;
  if (platform === 'linux' && random.next() < 0.5)
    return `${random.pick(['web', 'db', 'build', 'mon', 'proxy'])}-${number}.example.net`;
  return `${random.pick(['WS', 'LT', 'SRV', 'PC', 'NB', 'KIOSK'])}-${random.hex(4).toUpperCase()}-${number}`;
}

function drawDiskState(random: Random): DiskState {
  const chance = random.next();
  if (chance < 0.8) return 'encrypted';
  if (chance < 0.92) return 'not-encrypted';
  return chance < 0.96 ? 'partly-encrypted' : 'unknown';
}

function createDisk(random: Random, platform: System, encryption: DiskState, index: number): Disk {
  const sizeBytes = random.pick([256_060_514_304, 512_110_190_592, 1_000_204_886_016]);
  const freeBytes = Math.floor(sizeBytes * (0.02 + random.next() * 0.8));
  const main = {
    sizeBytes: sizeBytes - GIB,
    freeBytes,
    encryption: encryption === 'partly-encrypted' ? ('not-encrypted' as const) : encryption,
  };
  return {
    name: { linux: `nvme${index}n1`, windows: `PhysicalDrive${index}`, macos: `disk${index}` }[platform],
    model: platform === 'macos' ? 'APPLE SSD AP0512Z' : random.pick(diskModels),
    sizeBytes,
    isRemovable: false,
    encryption,
    ...(encryption === 'encrypted' ? { encryptionMethod: methods[platform] } : {}),
    volumes: {
      linux: [
        {
          name: `nvme${index}n1p1`,
          mountPoint: '/boot/efi',
          fileSystem: 'vfat',
          sizeBytes: GIB,
          freeBytes: GIB >> 1,
          encryption: 'not-encrypted' as const,
        },
        {
          ...main,
          name: `nvme${index}n1p2`,
          mountPoint: index === 0 ? '/' : '/home',
          fileSystem: 'ext4',
          usedBytes: Math.max(0, Math.floor(main.sizeBytes * 0.95) - freeBytes),
        },
      ],
      windows: [
        {
          ...main,
          name: index === 0 ? 'C:' : 'D:',
          mountPoint: index === 0 ? 'C:' : 'D:',
          fileSystem: 'NTFS',
        },
      ],
      macos: [{ ...main, name: 'Data', mountPoint: '/System/Volumes/Data', fileSystem: 'APFS' }],
    }[platform],
  };
}

function createStick(platform: System): Disk {
  return {
    name: { linux: 'sda', windows: 'PhysicalDrive7', macos: 'disk4' }[platform],
    model: 'SanDisk Ultra USB Device',
    sizeBytes: 61_530_439_680,
    isRemovable: true,
    encryption: 'not-encrypted',
  };
}

function createInterfaces(random: Random, platform: System): NonNullable<InventoryFacts['interfaces']> {
  const [wired, wireless] = {
    linux: ['enp0s31f6', 'wlp0s20f3'],
    windows: ['Ethernet', 'Wi-Fi'],
    macos: ['en5', 'en0'],
  }[platform] as [string, string];
  const address = `10.${20 + random.integer(8)}.${random.integer(250)}.${2 + random.integer(250)}`;
  const hardware = (): string => `8c:16:45:${random.hex(2)}:${random.hex(2)}:${random.hex(2)}`;
  return [
    {
      name: wired,
      hardwareAddress: hardware(),
      addresses: [address, `fe80::${random.hex(4)}:fe${random.hex(2)}:${random.hex(4)}`],
    },
    { name: wireless, hardwareAddress: hardware(), addresses: [] },
  ];
}
