import { isIPv4, isIPv6 } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';

/** One network interface that leads to a LAN; agents that it reaches by multicast elect one Active Agent. */
export interface Segment {
  /** Of the interface. */
  readonly name: string;
  readonly ipv4: { readonly address: string; readonly netmask: string } | undefined;
  /** Link-local, with the zone that the system needs to know the interface by. */
  readonly ipv6: { readonly address: string; readonly zone: string } | undefined;
}

/** More interfaces than a computer that is used by people has. */
const MAX_SEGMENTS = 8;
/** Tunnels, and networks that exist inside this computer only. */
const NOT_A_LAN =
  /^(tun|tap|wg|utun|ppp|ipsec|tailscale|zt|docker|br-|veth|virbr|vmnet|vboxnet|lxc|cni|flannel|cali|awdl|llw|bridge|isatap|teredo)/i;
const NOT_A_LAN_WORD = /\b(vpn|tunnel|wireguard|tailscale|zerotier|loopback|hyper-v|vethernet|wsl)\b/i;

/** True for an interface that leads through a tunnel or nowhere. */
export function isVirtualInterface(name: string): boolean {
  return NOT_A_LAN.test(name) || NOT_A_LAN_WORD.test(name);
}

/** The segments among the interfaces, as `os.networkInterfaces` lists them, by name. */
export function listSegments(
  interfaces: NodeJS.Dict<NetworkInterfaceInfo[]>,
  platform: NodeJS.Platform,
): Segment[] {
  const segments: Segment[] = [];
  for (const [name, addresses = []] of Object.entries(interfaces)) {
    if (isVirtualInterface(name)) continue;
    const usable = addresses.filter(({ internal }) => !internal);
    const ipv4 = usable.find(({ family, netmask }) => family === 'IPv4' && readIpv4(netmask) < 0xffff_fffe);
    const ipv6 = usable.find(({ family, address }) => family === 'IPv6' && isLinkLocal(address));
    if (ipv4 === undefined && ipv6 === undefined) continue;
    // Windows knows zones by number only.
    const zone = platform === 'win32' && ipv6?.family === 'IPv6' ? `${ipv6.scopeid}` : name;
    segments.push({
      name,
      ipv4: ipv4 === undefined ? undefined : { address: ipv4.address, netmask: ipv4.netmask },
      ipv6: ipv6 === undefined ? undefined : { address: ipv6.address, zone },
    });
  }
  return segments.sort((one, other) => (one.name < other.name ? -1 : 1)).slice(0, MAX_SEGMENTS);
}

/** The network of a segment in CIDR notation; of one that has link-local IPv6 alone, that of all such. */
export function describeNetwork({ ipv4 }: Segment): string {
  if (ipv4 === undefined) return 'fe80::/64';
  const mask = readIpv4(ipv4.netmask);
  const network = (readIpv4(ipv4.address) & mask) >>> 0;
  const bits = 32 - Math.log2(2 ** 32 - mask);
  const octets = [24, 16, 8, 0].map((shift) => (network >>> shift) & 0xff);
  return `${octets.join('.')}/${Math.round(bits)}`;
}

/** Same interface with the same addresses: nothing has to be opened anew. */
export function isSameSegment(one: Segment, other: Segment): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The segment that an address, with a zone where it is IPv6, is in. */
export function findSegmentOf(address: string, segments: readonly Segment[]): Segment | undefined {
  const [plain = '', zone] = address.split('%');
  if (isIPv6(plain)) return segments.find(({ ipv6 }) => ipv6 !== undefined && ipv6.zone === zone);
  if (!isIPv4(plain)) return undefined;
  const asked = readIpv4(plain);
  return segments.find(({ ipv4 }) => {
    if (ipv4 === undefined) return false;
    const mask = readIpv4(ipv4.netmask);
    return (asked & mask) === (readIpv4(ipv4.address) & mask);
  });
}

/** 8 hexadecimal digits of an IPv4 address, and the way back. */
export function toIpv4Hex(address: string): string {
  return readIpv4(address).toString(16).padStart(8, '0');
}

export function fromIpv4Hex(hex: string): string {
  return Buffer.from(hex, 'hex').join('.');
}

/** 32 hexadecimal digits of an IPv6 address without a zone, and the way back. */
export function toIpv6Hex(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::');
  const listWords = (text: string): string[] =>
    text === '' ? [] : text.split(':').map((word) => word.padStart(4, '0'));
  const before = listWords(head);
  const after = tail === undefined ? [] : listWords(tail);
  const between = tail === undefined ? 0 : Math.max(0, 8 - before.length - after.length);
  return [...before, ...Array.from({ length: between }, () => '0000'), ...after].join('').toLowerCase();
}

export function fromIpv6Hex(hex: string): string {
  return hex.replaceAll(/(.{4})(?!$)/g, '$1:');
}

function isLinkLocal(address: string): boolean {
  return /^fe[89ab][0-9a-f]:/i.test(address);
}

function readIpv4(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0) >>> 0;
}
