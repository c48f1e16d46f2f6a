import { BlockList, isIPv4, isIPv6 } from 'node:net';

/** What an IP address is, for whoever decides whether the server may be made to call it. */
export type DestinationKind =
  | 'public'
  /** Of an organisation's own networks. */
  | 'private'
  /** This very computer. */
  | 'loopback'
  /** Link-local (cloud metadata lives there), multicast, reserved, or not an address at all. */
  | 'forbidden';

type Range = readonly [address: string, prefix: number];

// Metadata services that lie inside of networks which may be allowed: Alibaba Cloud, AWS and Google Cloud by IPv6.
const metadataV4: readonly Range[] = [['100.100.100.200', 32]];
const metadataV6: readonly Range[] = [
  ['fd00:ec2::254', 128],
  ['fd20:ce::254', 128],
];
const loopbackV4: readonly Range[] = [['127.0.0.0', 8]];
const loopbackV6: readonly Range[] = [['::1', 128]];
const privateV4: readonly Range[] = [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10], // carriers' own (RFC 6598); some organisations use it inside
];
const privateV6: readonly Range[] = [['fc00::', 7]];
// RFC 6890 and its registry: everything that is no unicast address of somebody.
const reservedV4: readonly Range[] = [
  ['0.0.0.0', 8],
  ['169.254.0.0', 16],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
];
// Of IPv6 only 2000::/3 is in use; in it stand documentation, Teredo and 6to4, whose addresses hide others.
const globalV6: readonly Range[] = [['2000::', 3]];
const reservedV6: readonly Range[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
];

const listOf = (family: 'ipv4' | 'ipv6', ranges: readonly Range[]): BlockList => {
  const list = new BlockList();
  for (const [address, prefix] of ranges) list.addSubnet(address, prefix, family);
  return list;
};

const v4 = {
  forbidden: listOf('ipv4', [...metadataV4, ...reservedV4]),
  loopback: listOf('ipv4', loopbackV4),
  private: listOf('ipv4', privateV4),
};
const v6 = {
  forbidden: listOf('ipv6', [...metadataV6, ...reservedV6]),
  loopback: listOf('ipv6', loopbackV6),
  private: listOf('ipv6', privateV6),
  global: listOf('ipv6', globalV6),
};

/** The last four bytes of these stand for an IPv4 address: mapped, and translated by NAT64 (RFC 6052). */
const EMBEDDING = /^(?:::ffff:|64:ff9b::)(?<rest>[0-9a-f:.]+)$/;

/** What an address is that a connection would go to. A text that is no address is forbidden. */
export function judgeDestination(address: string): DestinationKind {
  if (isIPv4(address)) return judgeV4(address);
  // A scope ("%eth0") belongs to link-local addresses only.
  if (!isIPv6(address) || address.includes('%')) return 'forbidden';
  const plain = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const embedded = EMBEDDING.exec(plain)?.groups?.['rest'];
  if (embedded !== undefined) return judgeV4(toV4(embedded));
  if (v6.loopback.check(plain, 'ipv6')) return 'loopback';
  if (v6.forbidden.check(plain, 'ipv6')) return 'forbidden';
  if (v6.private.check(plain, 'ipv6')) return 'private';
  return v6.global.check(plain, 'ipv6') ? 'public' : 'forbidden';
}

function judgeV4(address: string): DestinationKind {
  if (!isIPv4(address)) return 'forbidden';
  if (v4.forbidden.check(address, 'ipv4')) return 'forbidden';
  if (v4.loopback.check(address, 'ipv4')) return 'loopback';
  return v4.private.check(address, 'ipv4') ? 'private' : 'public';
}

/** `c0a8:1` → `192.168.0.1`; anything else is no address and stays so. */
function toV4(groups: string): string {
  const [high, low] = groups.split(':').map((group) => Number.parseInt(group, 16));
  if (high === undefined || low === undefined || groups.split(':').length !== 2) return groups;
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

export interface DestinationRules {
  readonly allowsPrivate: boolean;
  readonly allowsLoopback: boolean;
}

/** Invariant: what is forbidden is never allowed, whatever the rules say. */
export function isAllowedDestination(address: string, rules: DestinationRules): boolean {
  switch (judgeDestination(address)) {
    case 'public':
      return true;
    case 'private':
      return rules.allowsPrivate;
    case 'loopback':
      return rules.allowsLoopback;
    case 'forbidden':
      return false;
  }
}
