import { countJsonValues, limits } from '@holdfast/protocol';
import { dropAbsent } from './bounded-facts.ts';
import type { InventoryFacts } from './inventory-facts.ts';

/** How many entries of each list are told. */
interface ListLimits {
  readonly disks: number;
  /** Of one disk. */
  readonly volumes: number;
  readonly interfaces: number;
  /** Of one interface. */
  readonly addresses: number;
}

/** What the inventory call takes of each list. */
const most: ListLimits = { disks: 256, volumes: 256, interfaces: 256, addresses: 64 };

/** What is cut first: the encryption of a disk is told with the disk, and is worth more than the names of its volumes. */
const order: readonly (keyof ListLimits)[] = ['volumes', 'addresses', 'interfaces', 'disks'];

/**
 * The facts with lists as long as one inventory call takes, in items, bytes and values. A list that is cut says how many it had
 * more, so that nobody takes it for the whole: a storage host with thousands of volumes still reports all of its disks.
 */
export function cutFacts(facts: InventoryFacts): InventoryFacts {
  let reached = most;
  for (const name of order) {
    if (fitsCall(limitLists(facts, reached))) break;
    reached = {
      ...reached,
      [name]: findLargest(reached[name], (limit) =>
        fitsCall(limitLists(facts, { ...reached, [name]: limit })),
      ),
    };
  }
  return limitLists(facts, reached);
}

/** The largest number from 0 up to `most` that fits, where every smaller one fits as well; 0 when none does. */
function findLargest(most: number, fits: (limit: number) => boolean): number {
  let low = 0;
  let high = most;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The values are counted with those of the frame around the facts. */
function fitsCall(facts: InventoryFacts): boolean {
  const text = JSON.stringify(facts);
  const isSmall = Buffer.byteLength(text) <= limits.maxInventoryBytes;
  return isSmall && countJsonValues(text) <= limits.maxJsonValues - 8;
}

function limitLists(
  facts: InventoryFacts,
  { disks, volumes, interfaces, addresses }: ListLimits,
): InventoryFacts {
  return dropAbsent({
    ...facts,
    disks: facts.disks?.slice(0, disks).map((disk) =>
      dropAbsent({
        ...disk,
        volumes: disk.volumes?.slice(0, volumes),
        volumesOmitted: countOmitted(disk.volumes, volumes),
      }),
    ),
    disksOmitted: countOmitted(facts.disks, disks),
    interfaces: facts.interfaces?.slice(0, interfaces).map((one) =>
      dropAbsent({
        ...one,
        addresses: one.addresses.slice(0, addresses),
        addressesOmitted: countOmitted(one.addresses, addresses),
      }),
    ),
    interfacesOmitted: countOmitted(facts.interfaces, interfaces),
  });
}

function countOmitted(list: readonly unknown[] | undefined, limit: number): number | undefined {
  return list === undefined || list.length <= limit ? undefined : list.length - limit;
}
