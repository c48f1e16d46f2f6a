import { dropAbsent } from '../bounded-facts.ts';
import type { InventoryFacts, SystemFacts } from '../inventory-facts.ts';
import { findContainer } from './container.ts';
import { readLinuxDisks } from './linux-disks.ts';
import { readLinuxHardware } from './linux-hardware.ts';
import { type LinuxSource, readLine } from './linux-source.ts';
import { parseMemoryInfo } from './memory-info.ts';
import { parseOsRelease } from './os-release.ts';
import { parseProcessorInfo } from './processor-info.ts';

/** The facts that come from /proc, /sys and /etc. */
export async function readLinuxFacts(source: LinuxSource): Promise<InventoryFacts> {
  const container = findContainer(source);
  const processor = parseProcessorInfo(source.readText('/proc/cpuinfo') ?? '');
  return dropAbsent({
    system: readSystem(source),
    hardware: readLinuxHardware(source, processor.isUnderHypervisor, container),
    processor:
      processor.model === undefined || processor.count === 0
        ? undefined
        : { model: processor.model, cores: processor.count },
    memory: parseMemoryInfo(source.readText('/proc/meminfo') ?? ''),
    // A container sees the disks of the computer that it runs on, and has none. WSL is a virtual machine with disks of its own.
    disks: container === undefined || container.kind === 'wsl' ? await readLinuxDisks(source) : [],
    bootedAt: readBootedAt(source),
  });
}

function readSystem(source: LinuxSource): SystemFacts {
  // os-release(5): the file in /etc wins over the vendor's.
  const fields = parseOsRelease(
    source.readText('/etc/os-release') ?? source.readText('/usr/lib/os-release') ?? '',
  );
  return dropAbsent({
    name: fields.get('PRETTY_NAME') || fields.get('NAME') || 'Linux',
    version: fields.get('VERSION_ID'),
    kernel: readLine(source, '/proc/sys/kernel/osrelease'),
  });
}

/** The kernel's own record of the boot time, which does not move with every call as `now - uptime` does. */
function readBootedAt(source: LinuxSource): string | undefined {
  const seconds = /^btime (\d{1,12})$/mu.exec(source.readText('/proc/stat') ?? '')?.[1];
  return seconds === undefined ? undefined : new Date(Number(seconds) * 1000).toISOString();
}
