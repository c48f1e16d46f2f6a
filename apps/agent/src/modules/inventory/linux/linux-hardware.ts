import { dropAbsent } from '../bounded-facts.ts';
import type { HardwareFacts } from '../inventory-facts.ts';
import { type LinuxSource, readLine } from './linux-source.ts';

const DMI = '/sys/class/dmi/id';

/** What board makers leave in a field that they did not fill in. */
const PLACEHOLDER =
  /^(?:to be filled by o\.?e\.?m\.?|default string|system (?:product name|manufacturer|serial number|version)|not (?:specified|applicable|available)|n\/a|none|unknown|oem|o\.e\.m\.|invalid|0+|x+|\.+|1234567(?:89?0?)?)$/iu;

// Names that hypervisors and clouds put into the fields of the machine that they show.
const VIRTUAL =
  /\b(?:qemu|kvm|vmware|virtualbox|innotek|bochs|xen|parallels|bhyve|openstack|firecracker|amazon ec2|google compute engine|digitalocean|droplet|hvm domu|virtual machine|standard pc|rhev|ovirt|nutanix|proxmox|alibaba cloud)\b/iu;

/** Maker, model, serial number and whether the machine is virtual. Reading the serial number needs root. */
export function readLinuxHardware(source: LinuxSource, isUnderHypervisor: boolean): HardwareFacts {
  const manufacturer = readDmi(source, 'sys_vendor') ?? readDmi(source, 'board_vendor');
  const model =
    readDmi(source, 'product_name') ??
    // Boards without DMI (most ARM ones) name themselves in the device tree, with a zero byte at the end.
    readLine(source, '/proc/device-tree/model')?.replaceAll('\0', '');
  return dropAbsent({
    manufacturer,
    model,
    serialNumber: readDmi(source, 'product_serial') ?? readDmi(source, 'chassis_serial'),
    isVirtual: findVirtual(source, isUnderHypervisor, manufacturer, model),
  });
}

/** A field of the firmware's tables, or `undefined` when it is missing, not permitted or a placeholder. */
export function readDmi(source: LinuxSource, field: string): string | undefined {
  const value = readLine(source, `${DMI}/${field}`);
  return value === undefined || PLACEHOLDER.test(value) ? undefined : value;
}

function findVirtual(
  source: LinuxSource,
  isUnderHypervisor: boolean,
  manufacturer: string | undefined,
  model: string | undefined,
): boolean | undefined {
  if (isUnderHypervisor || readLine(source, '/sys/hypervisor/type') !== undefined) return true;
  if (
    [manufacturer, model, readDmi(source, 'bios_vendor')].some(
      (name) => name !== undefined && VIRTUAL.test(name),
    )
  ) {
    return true;
  }
  // Firmware tables of a maker who is no hypervisor, and no sign of one: a real machine. Without tables nobody knows.
  return manufacturer === undefined ? undefined : false;
}

/** True inside a container, which sees the tables of the host and shares them with its neighbours. */
export function isInContainer(source: LinuxSource): boolean {
  return (
    source.readText('/.dockerenv') !== undefined ||
    source.readText('/run/.containerenv') !== undefined ||
    source.readText('/run/systemd/container') !== undefined
  );
}
