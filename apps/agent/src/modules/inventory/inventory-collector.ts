import { arch, cpus, freemem, hostname, networkInterfaces, totalmem, uptime } from 'node:os';
import { type Clock, cleanName } from '@holdfast/kernel';
import { boundFacts, dropAbsent } from './bounded-facts.ts';
import { cutFacts } from './cut-facts.ts';
import { deriveHardwareId, deriveInstallationId } from './hardware-id.ts';
import type { AgentFacts, InventoryFacts } from './inventory-facts.ts';
import { type ContainerSigns, findContainer } from './linux/container.ts';
import { readDmi } from './linux/linux-hardware.ts';
import { readLinuxFacts } from './linux/linux-inventory.ts';
import { type LinuxSource, readLine } from './linux/linux-source.ts';
import { createLiveLinuxSource } from './linux/live-linux-source.ts';
import { parseMountInfo } from './linux/mount-info.ts';
import { parseMacosFacts, parseMacosHardwareUuid, readMacosOutput } from './macos/macos-inventory.ts';
import { describeInterfaces } from './network-interfaces.ts';
import { listSharedVolumesOnce } from './shared-volumes.ts';
import { findTimeZone } from './time-zone.ts';
import { createRunProgram, type RunProgram } from '../../platform/program-output.ts';
import { parseWindowsProductUuid, readWindowsFacts } from './windows/windows-inventory.ts';

/** Reads what a device is. One implementation a platform; the rest of the agent knows none of them. */
export interface InventoryCollector {
  collect(): Promise<InventoryFacts>;
  /** See hardware-id.ts. */
  findHardwareId(): Promise<string | undefined>;
  /** Absent where the system has none. */
  findInstallationId?(): Promise<string | undefined>;
}

export interface InventoryCollectorOptions {
  readonly platform: NodeJS.Platform;
  readonly clock: Clock;
  readonly agent: AgentFacts;
}

/** The collector of this system: its own facts on top of those that every system tells the runtime. */
export function createInventoryCollector(options: InventoryCollectorOptions): InventoryCollector {
  const system = createSystemCollector(options.platform);
  return {
    findHardwareId: () => system.findHardwareId(),
    findInstallationId: async () => await system.findInstallationId?.(),
    collect: async () => {
      const own = await system.collect();
      const general = readGeneralFacts(options);
      const facts = boundFacts({
        ...general,
        ...own,
        ...(own.system === undefined ? {} : { system: { architecture: arch(), ...own.system } }),
      });
      const { disks } = facts;
      return cutFacts(disks === undefined ? facts : { ...facts, disks: listSharedVolumesOnce(disks) });
    },
  };
}

function createSystemCollector(platform: NodeJS.Platform): InventoryCollector {
  switch (platform) {
    case 'linux':
      return createLinuxCollector(createLiveLinuxSource());
    case 'win32':
      return createWindowsCollector(createRunProgram());
    case 'darwin':
      return createMacosCollector(createRunProgram());
    default:
      return { collect: async () => ({}), findHardwareId: async () => undefined };
  }
}

/** Exported for tests on recorded trees. */
export function createLinuxCollector(source: LinuxSource): InventoryCollector {
  return {
    collect: () => readLinuxFacts(source),
    findHardwareId: async () => {
      const container = findContainer(source);
      return deriveHardwareId({
        // Containers see the firmware of their host and must not all become one device.
        firmwareUuid:
          container === undefined || container.id !== undefined ? readDmi(source, 'product_uuid') : undefined,
        installationId: readOwnMachineId(source, container),
        containerId: container?.id,
      });
    },
    findInstallationId: async () => deriveInstallationId(readOwnMachineId(source, findContainer(source))),
  };
}

/** A container may be shown the id of the computer. One that systemd makes for this start alone lies in memory. */
function readOwnMachineId(source: LinuxSource, container: ContainerSigns | undefined): string | undefined {
  const isLent =
    container !== undefined &&
    parseMountInfo(source.readText('/proc/self/mountinfo') ?? '').some(
      ({ mountPoint, fileSystem }) => mountPoint === '/etc/machine-id' && fileSystem !== 'tmpfs',
    );
  return isLent
    ? undefined
    : (readLine(source, '/etc/machine-id') ?? readLine(source, '/var/lib/dbus/machine-id'));
}

function createWindowsCollector(run: RunProgram): InventoryCollector {
  return {
    collect: () => readWindowsFacts(run),
    findHardwareId: async () => {
      const command =
        'Get-CimInstance Win32_ComputerSystemProduct | Select-Object UUID | ConvertTo-Json -Compress';
      const output = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', command]);
      return deriveHardwareId({
        firmwareUuid: parseWindowsProductUuid(`{"product":${output ?? 'null'}}`),
        installationId: undefined,
      });
    },
  };
}

function createMacosCollector(run: RunProgram): InventoryCollector {
  return {
    collect: async () => parseMacosFacts(await readMacosOutput(run)),
    findHardwareId: async () =>
      deriveHardwareId({
        firmwareUuid: parseMacosHardwareUuid((await readMacosOutput(run)).hardware),
        installationId: undefined,
      }),
  };
}

/** What the runtime knows on every system. */
function readGeneralFacts({ clock, agent, platform }: InventoryCollectorOptions): InventoryFacts {
  const processors = cpus();
  const [first] = processors;
  return dropAbsent({
    hostName: cleanName(hostname()),
    processor: first === undefined ? undefined : { model: first.model, cores: processors.length },
    memory: { totalBytes: totalmem(), availableBytes: freemem() },
    interfaces: describeInterfaces(networkInterfaces()),
    agent,
    bootedAt: new Date(clock.now() - uptime() * 1000).toISOString(),
    timeZone: findTimeZone(platform),
  });
}
