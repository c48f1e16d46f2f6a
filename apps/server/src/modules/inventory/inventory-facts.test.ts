import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InventoryFacts } from '@holdfast/api';
import fc from 'fast-check';
import { Check } from 'typebox/value';
import {
  areFixedDisksEncrypted,
  describeSystem,
  digestFacts,
  findOwnAddress,
  pickFacts,
} from './inventory-facts.ts';

const disk = (encryption: string, more: object = {}) => ({ name: 'sda', sizeBytes: 1, encryption, ...more });

test('what the contract knows is taken, and nothing else', () => {
  const received = {
    hostName: 'pc-1',
    surprise: { deep: true },
    system: { name: 'Debian', kernel: '6.1', future: 1 },
    disks: [disk('encrypted', { volumes: [{ name: 'root', encryption: 'encrypted', extra: 1 }] })],
  };
  assert.deepEqual(pickFacts(received), {
    hostName: 'pc-1',
    system: { name: 'Debian', kernel: '6.1' },
    disks: [disk('encrypted', { volumes: [{ name: 'root', encryption: 'encrypted' }] })],
  });
});

test('a part that is wrong is left out with what needs it; the rest counts', () => {
  const received = {
    hostName: 17,
    system: { version: 'a system needs a name' },
    processor: { model: 'x', cores: 0 },
    memory: { totalBytes: 5, availableBytes: -1 },
    disks: [disk('perhaps'), disk('encrypted'), 'no disk', null],
    interfaces: { not: 'a list' },
    timeZone: 'Europe/Berlin',
  };
  assert.deepEqual(pickFacts(received), {
    memory: { totalBytes: 5 },
    disks: [disk('encrypted')],
    timeZone: 'Europe/Berlin',
  });
});

test('what is too long is cut, and characters that nobody can store become blanks', () => {
  const facts = pickFacts({
    hostName: `a\u0000b\u001b${'x'.repeat(300)}`,
    timeZone: `\ud800${'y'.repeat(99)}\u{1f600}`,
    interfaces: Array.from({ length: 300 }, () => ({ name: 'eth0', addresses: Array(100).fill('10.0.0.1') })),
  });
  assert.equal(facts.hostName?.length, 255);
  assert.ok(facts.hostName.startsWith('a b x'));
  assert.ok(facts.timeZone?.isWellFormed());
  assert.equal(facts.interfaces?.length, 256);
  assert.equal(facts.interfaces[0]?.addresses.length, 64);
});

test('a list that is cut says how many are missing, with those that its sender left out', () => {
  const volumes = Array.from({ length: 300 }, () => ({ name: 'root', encryption: 'encrypted' }));
  const facts = pickFacts({
    disks: [
      disk('encrypted', { volumes, volumesOmitted: 7, volumesListedBefore: 2 }),
      ...Array(256).fill(disk('unknown')),
    ],
    disksOmitted: 'many',
    interfacesOmitted: 3,
  });
  assert.equal(facts.disks?.[0]?.volumes?.length, 256);
  assert.equal(facts.disks[0].volumesOmitted, 51);
  assert.equal(facts.disks[0].volumesListedBefore, 2);
  assert.equal(facts.disksOmitted, 1);
  assert.equal(facts.interfacesOmitted, 3);
});

test('of disks that are not listed nothing is known, but one in the clear decides', () => {
  const encrypted = pickFacts({ disks: [disk('encrypted')], disksOmitted: 1 });
  assert.equal(areFixedDisksEncrypted(encrypted), null);
  assert.equal(areFixedDisksEncrypted(pickFacts({ disks: [disk('not-encrypted')], disksOmitted: 1 })), false);
});

test('whatever is received, what is kept keeps the contract', () => {
  const keys = fc.constantFrom(
    'hostName',
    'system',
    'disks',
    'name',
    'memory',
    'encryption',
    '__proto__',
    'constructor',
  );
  fc.assert(
    fc.property(fc.object({ key: keys, maxDepth: 5, withNullPrototype: true }), (received) => {
      assert.ok(Check(InventoryFacts, pickFacts(received)));
    }),
    { numRuns: 500 },
  );
  for (const received of [null, 7, 'x', [], undefined]) assert.deepEqual(pickFacts(received), {});
});

test('the digest does not depend on the order of members, and does on everything else', () => {
  const one = pickFacts({ hostName: 'a', system: { name: 'b', kernel: 'c' } });
  const two = pickFacts({ system: { kernel: 'c', name: 'b' }, hostName: 'a' });
  assert.deepEqual(digestFacts(one), digestFacts(two));
  assert.notDeepEqual(digestFacts(one), digestFacts({ ...one, hostName: 'A' }));
});

test('a device is encrypted when every fixed disk is, and unknown is not yes', () => {
  const state = (...disks: object[]) => areFixedDisksEncrypted(pickFacts({ disks }));
  assert.equal(state(disk('encrypted'), disk('encrypted')), true);
  assert.equal(state(disk('encrypted'), disk('partly-encrypted')), false);
  assert.equal(state(disk('not-encrypted'), disk('unknown')), false);
  assert.equal(state(disk('encrypted'), disk('unknown')), null);
  assert.equal(state(disk('encrypted'), disk('not-encrypted', { isRemovable: true })), true);
  assert.equal(state(disk('encrypted', { isRemovable: true })), null);
  assert.equal(areFixedDisksEncrypted({}), null);
});

test('the system is named in one line', () => {
  assert.equal(describeSystem({}), undefined);
  assert.equal(
    describeSystem({ system: { name: 'Debian GNU/Linux 12 (bookworm)', version: '12' } }),
    'Debian GNU/Linux 12 (bookworm)',
  );
  assert.equal(describeSystem({ system: { name: 'macOS', version: '26.1' } }), 'macOS 26.1');
});

test('the own address is one that others can reach, IPv4 before IPv6', () => {
  const find = (...addresses: string[]) => findOwnAddress({ interfaces: [{ name: 'x', addresses }] });
  assert.equal(find('127.0.0.1', 'fe80::1', '2001:db8::1', '10.0.0.5/24'), '10.0.0.5');
  assert.equal(find('::1', '2001:db8::1'), '2001:db8::1');
  assert.equal(find('169.254.1.1', '', '=cmd', '10.0.0.999'), undefined);
  assert.equal(findOwnAddress({}), undefined);
});
