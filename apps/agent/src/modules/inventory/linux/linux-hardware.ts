import { dropAbsent } from '../bounded-facts.ts';
import { toFirmwareText } from '../firmware-text.ts';
import type { HardwareFacts } from '../inventory-facts.ts';
import type { ContainerSigns } from './container.ts';
import { type LinuxSource, readLine } from './linux-source.ts';

const DMI = '/sys/class/dmi/id';
/** Boards without DMI (most ARM ones) name themselves here, with a zero byte at the end. */
const DEVICE_TREE = '/proc/device-tree';

// Names that hypervisors and clouds put into the fields of the machine that they show.
const VIRTUAL =
  /\b(?:qemu|kvm|vmware|virtualbox|innotek|bochs|xen|parallels|bhyve|openstack|firecracker|amazon ec2|google compute engine|digitalocean|droplet|hvm domu|virtual machine|standard pc|rhev|ovirt|nutanix|proxmox|alibaba cloud)\b/iu;

/**
 * Maker, model, serial number and whether the machine is virtual. Reading the serial number needs root. A container shows
 * those of the computer that it runs on, which stand for another record, so it has none.
 */
export function readLinuxHardware(
  source: LinuxSource,
  isUnderHypervisor: boolean,
  container: ContainerSigns | undefined,
): HardwareFacts {
  if (container !== undefined) return { isVirtual: true, container: container.kind };
  const manufacturer = readDmi(source, 'sys_vendor') ?? readDmi(source, 'board_vendor');
  const model = readDmi(source, 'product_name') ?? readDeviceTree(source, 'model');
  return dropAbsent({
    manufacturer,
    model,
    serialNumber:
      readDmi(source, 'product_serial') ??
      readDmi(source, 'chassis_serial') ??
      readDeviceTree(source, 'serial-number'),
    isVirtual: findVirtual(source, isUnderHypervisor, manufacturer, model),
  });
}

/** A field of the firmware's tables, or `undefined` when it is missing, not permitted or a placeholder. */
export function readDmi(source: LinuxSource, field: string): string | undefined {
  return toFirmwareText(readLine(source, `${DMI}/${field}`));
}

function readDeviceTree(source: LinuxSource, property: string): string | undefined {
  return toFirmwareText(readLine(source, `${DEVICE_TREE}/${property}`));
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
