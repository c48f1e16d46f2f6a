import { dropAbsent } from '../bounded-facts.ts';
import type { HardwareFacts } from '../inventory-facts.ts';
import type { ContainerSigns } from './container.ts';
import { type LinuxSource, readLine } from './linux-source.ts';

const DMI = '/sys/class/dmi/id';

/** What board makers leave in a field that they did not fill in. */
const PLACEHOLDER =
  /^(?:to be filled by o\.?e\.?m\.?|default string|system (?:product name|manufacturer|serial number|version)|not (?:specified|applicable|available)|n\/a|none|unknown|oem|o\.e\.m\.|invalid|0+|x+|\.+|1234567(?:89?0?)?)$/iu;

// Names that hypervisors and clouds put into the fields of the machine that they show.
const VIRTUAL =
  /\b(?:qemu|kvm|vmware|virtualbox|innotek|bochs|xen|parallels|bhyve|openstack|firecracker|amazon ec2|google compute engine|digitalocean|droplet|hvm domu|virtual machine|standard pc|rhev|ovirt|nutanix|proxmox|alibaba cloud)\b/iu;

/**
 * Maker, model, serial number and whether the machine is virtual. Reading the serial number needs root. A container shows
 * those of the computer that it runs on, of which the number would stand for another record.
 */
export function readLinuxHardware(
  source: LinuxSource,
  isUnderHypervisor: boolean,
  container: ContainerSigns | undefined,
): HardwareFacts {
  const manufacturer = readDmi(source, 'sys_vendor') ?? readDmi(source, 'board_vendor');
  const model =
    readDmi(source, 'product_name') ??
    // Boards without DMI (most ARM ones) name themselves in the device tree, with a zero byte at the end.
    readLine(source, '/proc/device-tree/model')?.replaceAll('\0', '');
  return dropAbsent({
    manufacturer,
    model,
    serialNumber:
      container === undefined
        ? (readDmi(source, 'product_serial') ?? readDmi(source, 'chassis_serial'))
        : undefined,
    isVirtual: container !== undefined || findVirtual(source, isUnderHypervisor, manufacturer, model),
    container: container?.kind,
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
