/**
 * What the device is: system, hardware, disks and whether they are encrypted, interfaces. Promises real facts or none: what the
 * system does not tell, or what the agent may not look at, is absent or `unknown`, never guessed. Reads only; waits for
 * other programs are bounded. Linux is read directly; the collectors for Windows and macOS are written against recorded
 * output and have not run on those systems yet.
 */
export { createInventoryCollector, type InventoryCollector } from './inventory-collector.ts';
export {
  createInventoryDelivery,
  type InventoryDelivery,
  readInventorySentAt,
} from './inventory-delivery.ts';
export type { InventoryFacts } from './inventory-facts.ts';
export { summariseAddresses } from './network-interfaces.ts';
