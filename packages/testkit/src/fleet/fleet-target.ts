import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { parseServerAddress, splitServerAddress } from '@holdfast/protocol';
import { FleetError } from './fleet.errors.ts';

/** Where the fleet connects to: the name is looked up once, so what was checked is what is called. */
export interface FleetTarget {
  /** Canonical origin. */
  readonly origin: string;
  /** For the header and for the check of the certificate. */
  readonly hostHeader: string;
  readonly address: string;
  readonly port: number;
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** True for addresses that never leave this computer. */
export function isLoopback(address: string): boolean {
  return loopback.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}

/**
 * Finds the server, and refuses one that is not this computer: a fleet is a storm, and nobody sends one to a stranger.
 *
 * @param isOwnServer the caller says that the server is theirs, wherever it is
 * @throws FleetError FLEET_OPTION_INVALID, FLEET_TARGET_UNKNOWN, FLEET_TARGET_FOREIGN
 */
export async function findTarget(
  server: string,
  options: { readonly isOwnServer: boolean; readonly needsIpv4: boolean },
): Promise<FleetTarget> {
  const origin = parseServerAddress(server);
  if (origin === undefined) {
    throw new FleetError('FLEET_OPTION_INVALID', 'The server address is not an address.', {
      remedy: 'Give it as https://host:port.',
    });
  }
  const { host, port } = splitServerAddress(origin);
  const found = await findAddresses(host);
  const foreign = found.filter((address) => !isLoopback(address));
  if (foreign.length > 0 && !options.isOwnServer) {
    throw new FleetError('FLEET_TARGET_FOREIGN', `The server ${host} is not this computer.`, {
      facts: { host },
      remedy: 'If the server is yours and may be stormed, say so with --i-own-this-server.',
    });
  }
  const address = found.find(isIPv4) ?? (options.needsIpv4 ? undefined : found[0]);
  if (address === undefined) {
    throw new FleetError('FLEET_SOURCE_UNAVAILABLE', `The server ${host} has no IPv4 address.`, {
      remedy: 'Leave --spread-addresses out.',
    });
  }
  return { origin, hostHeader: new URL(origin).host, address, port };
}

async function findAddresses(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    return (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (cause) {
    throw new FleetError('FLEET_TARGET_UNKNOWN', `The server ${host} has no address.`, {
      cause,
      remedy: 'Check the name of the server.',
    });
  }
}

/**
 * Loopback addresses to send from, so that limits by address work as for a fleet of many sites. Linux has all of
 * 127.0.0.0/8; other systems have only what somebody gave them.
 *
 * @throws FleetError FLEET_SOURCE_UNAVAILABLE
 */
export function planSources(count: number, target: FleetTarget): readonly string[] {
  if (count === 0) return [];
  if (!isLoopback(target.address)) {
    throw new FleetError(
      'FLEET_SOURCE_UNAVAILABLE',
      'Only a server on this computer can be reached from many loopback addresses.',
      { remedy: 'Leave --spread-addresses out.' },
    );
  }
  return Array.from({ length: count }, (_, index) => `127.1.${Math.floor(index / 250)}.${1 + (index % 250)}`);
}
