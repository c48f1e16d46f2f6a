import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import {
  findSegmentOf,
  fromIpv4Hex,
  fromIpv6Hex,
  isSameSegment,
  isVirtualInterface,
  listSegments,
  toIpv4Hex,
  toIpv6Hex,
} from './segments.ts';

const ipv4 = (address: string, netmask = '255.255.255.0', internal = false): NetworkInterfaceInfo => ({
  address,
  netmask,
  family: 'IPv4',
  mac: '',
  internal,
  cidr: null,
});
const ipv6 = (address: string, scopeid = 2): NetworkInterfaceInfo => ({
  address,
  netmask: 'ffff:ffff:ffff:ffff::',
  family: 'IPv6',
  mac: '',
  internal: false,
  cidr: null,
  scopeid,
});

test('interfaces that lead to a LAN are segments; tunnels, bridges of containers and the loopback are not', () => {
  const segments = listSegments(
    {
      lo: [ipv4('127.0.0.1', '255.0.0.0', true)],
      eth0: [ipv4('192.0.2.7'), ipv6('2001:db8::7', 0), ipv6('fe80::7')],
      wlan0: [ipv6('fe80::8')],
      docker0: [ipv4('172.17.0.1')],
      wg0: [ipv4('10.0.0.1')],
      'Office VPN': [ipv4('10.1.0.1')],
      ptp0: [ipv4('10.2.0.1', '255.255.255.255')],
      none0: [],
    },
    'linux',
  );
  assert.deepEqual(segments, [
    {
      name: 'eth0',
      ipv4: { address: '192.0.2.7', netmask: '255.255.255.0' },
      ipv6: { address: 'fe80::7', zone: 'eth0' },
    },
    { name: 'wlan0', ipv4: undefined, ipv6: { address: 'fe80::8', zone: 'wlan0' } },
  ]);
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`eth${n}`, [ipv4(`10.0.${n}.1`)]]));
  assert.equal(listSegments(many, 'linux').length, 8);
  assert.equal(listSegments({ Ethernet: [ipv6('fe80::7', 11)] }, 'win32')[0]?.ipv6?.zone, '11');
  assert.equal(isVirtualInterface('enp3s0'), false);
});

test('a source belongs to the segment of its zone, or of its subnet; others to none', () => {
  const segments = listSegments(
    {
      eth0: [ipv4('192.0.2.7'), ipv6('fe80::7')],
      eth1: [ipv4('198.51.100.7', '255.255.0.0'), ipv6('fe80::8')],
    },
    'linux',
  );
  const nameOf = (address: string): string | undefined => findSegmentOf(address, segments)?.name;
  assert.equal(nameOf('192.0.2.200'), 'eth0');
  assert.equal(nameOf('198.51.3.1'), 'eth1');
  assert.equal(nameOf('fe80::99%eth1'), 'eth1');
  for (const address of ['203.0.113.1', 'fe80::99', 'fe80::99%eth7', '2001:db8::1', '', 'x', '192.0.2.7.1']) {
    assert.equal(nameOf(address), undefined, address);
  }
});

test('addresses survive the way through a datagram', () => {
  for (const address of ['0.0.0.0', '192.0.2.7', '255.255.255.255'])
    assert.equal(fromIpv4Hex(toIpv4Hex(address)), address);
  const forms = [
    ['fe80::1', 'fe800000000000000000000000000001'],
    ['FE80::21:22ff:fe33:4455%eth0', 'fe80000000000000002122fffe334455'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['::', '0'.repeat(32)],
    ['fe80::', `fe80${'0'.repeat(28)}`],
  ] as const;
  for (const [address, hex] of forms) {
    assert.equal(toIpv6Hex(address), hex, address);
    assert.equal(toIpv6Hex(fromIpv6Hex(hex)), hex);
  }
});

test('another address of an interface is another segment', () => {
  const [one] = listSegments({ eth0: [ipv4('192.0.2.7')] }, 'linux');
  const [same] = listSegments({ eth0: [ipv4('192.0.2.7')] }, 'linux');
  const [moved] = listSegments({ eth0: [ipv4('192.0.2.8')] }, 'linux');
  assert.ok(one && same && moved);
  assert.deepEqual([isSameSegment(one, same), isSameSegment(one, moved)], [true, false]);
});
