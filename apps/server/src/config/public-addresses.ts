import { isIP, isIPv6 } from 'node:net';
import type os from 'node:os';

export interface AddressFacts {
  /** HOLDFAST_PUBLIC_ADDRESS; these alone count when there are any. */
  readonly configured: readonly string[];
  /** HOLDFAST_HOST. */
  readonly host: string | undefined;
  readonly port: number;
  /** Names of a supplied certificate: others would be refused by every client. */
  readonly certificateNames: readonly string[] | undefined;
  readonly hostName: string;
  readonly interfaces: ReturnType<typeof os.networkInterfaces>;
}

/** As many as an enrolment token carries. */
const MAX_ADDRESSES = 8;
// Bridges of containers and virtual machines lead to nobody outside of this computer.
const INNER_INTERFACES = /^(docker|br-|veth|virbr|cni|flannel|lxc|podman|vmnet|vboxnet)/;

/**
 * Origins at which agents and browsers reach this server, the most lasting first: the host name, then the addresses of
 * this computer for networks where nobody resolves its name, then localhost.
 */
export function listPublicAddresses(facts: AddressFacts): readonly string[] {
  if (facts.configured.length > 0) return facts.configured;
  const names = facts.certificateNames?.filter((name) => !name.includes('*')) ?? chooseNames(facts);
  const origins = names.map(
    (name) => new URL(`https://${isIPv6(name) ? `[${name}]` : name}:${facts.port}`).origin,
  );
  return [...new Set(origins)].slice(0, MAX_ADDRESSES);
}

function chooseNames({ host, hostName, interfaces }: AddressFacts): readonly string[] {
  if (host !== undefined && isLoopback(host)) return ['localhost', ...(isIP(host) === 0 ? [] : [host])];
  const isEverywhere = host === undefined || host === '::' || host === '0.0.0.0';
  const own = isEverywhere ? listOwnAddresses(interfaces, host) : [host];
  const name = hostName.toLowerCase();
  const isUsableName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name) && name !== 'localhost';
  // Bound to one address, the name may lead to another, and localhost does.
  return [...(isUsableName ? [name] : []), ...own, ...(isEverywhere ? ['localhost'] : [])];
}

function listOwnAddresses(
  interfaces: AddressFacts['interfaces'],
  host: string | undefined,
): readonly string[] {
  const addresses = Object.entries(interfaces)
    .filter(([name]) => !INNER_INTERFACES.test(name))
    .flatMap(([, found]) => found ?? [])
    .filter(({ internal, address }) => !internal && !/^(fe80:|169\.254\.)/i.test(address));
  const of = (family: string): string[] =>
    addresses.filter((one) => one.family === family).map((one) => one.address);
  return [...of('IPv4').slice(0, 4), ...(host === '0.0.0.0' ? [] : of('IPv6').slice(0, 2))];
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
