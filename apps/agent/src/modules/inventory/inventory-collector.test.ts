import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '@holdfast/kernel';
import { limits } from '@holdfast/protocol';
import { boundFacts } from './bounded-facts.ts';
import { cutFacts } from './cut-facts.ts';
import { deriveHardwareId } from './hardware-id.ts';
import { createInventoryCollector } from './inventory-collector.ts';
import type { InventoryFacts } from './inventory-facts.ts';
import { describeInterfaces, type SystemInterfaces, summariseAddresses } from './network-interfaces.ts';

const interfaces: SystemInterfaces = {
  lo: [
    {
      address: '127.0.0.1',
      netmask: '255.0.0.0',
      family: 'IPv4',
      mac: '00:00:00:00:00:00',
      internal: true,
      cidr: null,
    },
  ],
  eth0: [
    {
      address: '10.0.0.5',
      netmask: '255.0.0.0',
      family: 'IPv4',
      mac: '02:fc:00:00:00:01',
      internal: false,
      cidr: null,
    },
  ],
  tun0: [
    {
      address: '10.8.0.2',
      netmask: '255.0.0.0',
      family: 'IPv4',
      mac: '00:00:00:00:00:00',
      internal: false,
      cidr: null,
    },
  ],
};

test('interfaces that reach others are facts; the loopback is not, and a tunnel has no hardware address', () => {
  assert.deepEqual(describeInterfaces(interfaces), [
    { name: 'eth0', hardwareAddress: '02:fc:00:00:00:01', addresses: ['10.0.0.5'] },
    { name: 'tun0', addresses: ['10.8.0.2'] },
  ]);
});

test('the summary of addresses changes with an address and not with the order', () => {
  const { lo, eth0, tun0 } = interfaces;
  assert.equal(summariseAddresses({ tun0, eth0, lo }), summariseAddresses(interfaces));
  assert.notEqual(summariseAddresses({ eth0 }), summariseAddresses(interfaces));
});

test('facts without bounds are brought within those of the protocol', () => {
  const long = 'x'.repeat(5_000);
  const huge: InventoryFacts = {
    hostName: `a\u0000b${long}`,
    system: { name: '\u0007', version: long },
    disks: Array.from({ length: 400 }, () => ({
      name: long,
      sizeBytes: 1,
      encryption: 'unknown' as const,
      volumes: Array.from({ length: 2 }, () => ({
        name: long,
        mountPoint: long,
        encryption: 'unknown' as const,
      })),
    })),
    interfaces: [{ name: long, addresses: Array.from({ length: 100 }, () => long) }],
  };
  const facts = boundFacts(huge);
  assert.equal(facts.hostName?.length, 255);
  assert.ok(facts.hostName?.startsWith('a b'));
  assert.equal(facts.system?.name, 'Unknown');
  assert.equal(facts.disks?.[0]?.volumes?.[0]?.mountPoint?.length, 1_024);
  const cut = cutFacts(facts);
  assert.equal(cut.disks?.length, 256);
  assert.equal(cut.disksOmitted, 144);
  assert.equal(cut.interfaces?.[0]?.addresses.length, 64);
  assert.equal(cut.interfaces?.[0]?.addressesOmitted, 36);
});

test('the hardware id comes from the firmware, is a hash, and is not made from placeholders', () => {
  const firmwareUuid = '4C4C4544-0042-3510-8052-B4C04F564231';
  const id = deriveHardwareId({ firmwareUuid, installationId: undefined });
  assert.match(id ?? '', /^firmware:[\w-]{32}$/u);
  assert.equal(deriveHardwareId({ firmwareUuid: firmwareUuid.toLowerCase(), installationId: undefined }), id);
  const installationId = 'c7f1d2a5e8b94f30a1b2c3d4e5f60718';
  const fallback = deriveHardwareId({ firmwareUuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff', installationId });
  assert.match(fallback ?? '', /^installation:/u);
  assert.equal(deriveHardwareId({ firmwareUuid: 'none', installationId: '0'.repeat(32) }), undefined);
});

test('the facts of this computer fit the call that carries them', async () => {
  const collector = createInventoryCollector({
    platform: process.platform,
    clock: systemClock,
    agent: { version: '0.1.0' },
  });
  const facts = await collector.collect();
  assert.ok(Buffer.byteLength(JSON.stringify(facts)) < limits.maxInventoryBytes);
  assert.ok((facts.hostName?.length ?? 0) > 0);
  assert.ok((facts.system?.name.length ?? 0) > 0);
  assert.equal(facts.system?.architecture, process.arch);
  assert.match((await collector.findHardwareId()) ?? 'none:', /^(?:firmware|installation|none):/u);
});
