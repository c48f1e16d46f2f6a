import { toOneLine } from '@holdfast/kernel';
import type { DiskFacts, InterfaceFacts, InventoryFacts, VolumeFacts } from './inventory-facts.ts';

/** Texts within the bounds of the inventory call: a device with a model name of a mile still reports the rest. */
export function boundFacts(facts: InventoryFacts): InventoryFacts {
  const { system, hardware, processor, agent } = facts;
  return dropAbsent({
    ...facts,
    hostName: cut(facts.hostName, 255),
    timeZone: cut(facts.timeZone, 100),
    system:
      system &&
      dropAbsent({
        name: cut(system.name, 200) ?? 'Unknown',
        version: cut(system.version, 100),
        kernel: cut(system.kernel, 200),
        architecture: cut(system.architecture, 40),
      }),
    hardware:
      hardware &&
      dropAbsent({
        manufacturer: cut(hardware.manufacturer, 200),
        model: cut(hardware.model, 200),
        serialNumber: cut(hardware.serialNumber, 200),
        isVirtual: hardware.isVirtual,
        container: cut(hardware.container, 40),
      }),
    processor: processor && { model: cut(processor.model, 200) ?? 'Unknown', cores: processor.cores },
    agent:
      agent && dropAbsent({ ...agent, version: agent.version.slice(0, 60), runtime: cut(agent.runtime, 60) }),
    disks: facts.disks?.map(boundDisk),
    interfaces: facts.interfaces?.map(boundInterface),
  });
}

function boundDisk(disk: DiskFacts): DiskFacts {
  return dropAbsent({
    ...disk,
    name: cut(disk.name, 200) ?? '?',
    model: cut(disk.model, 200),
    encryptionMethod: cut(disk.encryptionMethod, 100),
    volumes: disk.volumes?.map(boundVolume),
  });
}

function boundVolume(volume: VolumeFacts): VolumeFacts {
  return dropAbsent({
    ...volume,
    name: cut(volume.name, 200) ?? '?',
    mountPoint: cut(volume.mountPoint, 1024),
    fileSystem: cut(volume.fileSystem, 60),
  });
}

function boundInterface(entry: InterfaceFacts): InterfaceFacts {
  return dropAbsent({
    name: cut(entry.name, 64) ?? '?',
    hardwareAddress: cut(entry.hardwareAddress, 64),
    addresses: entry.addresses.map((address) => address.slice(0, 64)),
  });
}

/** Text on one line without surrounding blanks, at most `length` long; absent when nothing is left. */
function cut(text: string | undefined, length: number): string | undefined {
  const clean = text === undefined ? undefined : toOneLine(text, length).trim();
  return clean === '' ? undefined : clean;
}

type Present<Value> = { [Key in keyof Value]: Exclude<Value[Key], undefined> };

/** The same object without members that are `undefined`, so that optional means absent. */
export function dropAbsent<Value extends object>(value: Value): Present<Value> {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  // The filter is exactly what the type says: members that may be undefined are gone when they are.
  return Object.fromEntries(entries) as Present<Value>;
}
