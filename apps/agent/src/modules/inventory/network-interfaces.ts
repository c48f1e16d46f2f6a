import type { NetworkInterfaceInfo } from 'node:os';
import type { InterfaceFacts } from './inventory-facts.ts';

export type SystemInterfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/** Interfaces that reach other machines, each with its addresses; the loopback one is left out. */
export function describeInterfaces(interfaces: SystemInterfaces): InterfaceFacts[] {
  return Object.entries(interfaces).flatMap(([name, entries]) => {
    const outward = entries?.filter(({ internal }) => !internal) ?? [];
    const [first] = outward;
    if (first === undefined) return [];
    // Tunnels have no hardware address; the runtime then shows zeros.
    const hasHardwareAddress = !/^(?:00[:-]?)+$/u.test(first.mac);
    return [
      {
        name,
        ...(hasHardwareAddress ? { hardwareAddress: first.mac } : {}),
        addresses: outward.map(({ address }) => address),
      },
    ];
  });
}

/** One text that changes when the device gets, loses or changes an address by which it reaches others. */
export function summariseAddresses(interfaces: SystemInterfaces): string {
  return describeInterfaces(interfaces)
    .flatMap(({ name, addresses }) => addresses.map((address) => `${name} ${address}`))
    .sort()
    .join('\n');
}
