import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DestinationKind, isAllowedDestination, judgeDestination } from './destination-rules.ts';

const kinds: Readonly<Record<DestinationKind, readonly string[]>> = {
  public: [
    '1.1.1.1',
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450:4001::1',
  ],
  private: [
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '100.64.0.1',
    'fc00::1',
    'fd12:3456::1',
  ],
  loopback: ['127.0.0.1', '127.255.255.254', '::1'],
  forbidden: [
    '0.0.0.0',
    '169.254.169.254',
    '169.254.0.1',
    '100.100.100.200',
    '192.0.2.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '2001:db8::1',
    '2001:0:1::1',
    '2002:7f00:1::',
    '4000::1',
    'localhost',
    '127.1',
    '0x7f000001',
    '2130706433',
    '',
  ],
};

for (const [kind, addresses] of Object.entries(kinds)) {
  test(`${kind} addresses are known as such, however they are written`, () => {
    for (const address of addresses) assert.equal(judgeDestination(address), kind, address);
  });
}

test('an IPv4 address inside of an IPv6 address is judged as itself', () => {
  for (const prefix of ['::ffff:', '64:ff9b::']) {
    for (const [kind, addresses] of Object.entries(kinds)) {
      for (const address of addresses.filter((one) => /^\d+(\.\d+){3}$/.test(one)))
        assert.equal(judgeDestination(`${prefix}${address}`), kind, `${prefix}${address}`);
    }
  }
  assert.equal(judgeDestination('::ffff:7f00:1'), 'loopback');
  assert.equal(judgeDestination('0:0:0:0:0:ffff:a9fe:a9fe'), 'forbidden');
});

test('private addresses and this computer are reached where they are allowed, and what is forbidden never', () => {
  const nothing = { allowsPrivate: false, allowsLoopback: false };
  const everything = { allowsPrivate: true, allowsLoopback: true };
  assert.ok(isAllowedDestination('1.1.1.1', nothing));
  for (const address of [...kinds.private, ...kinds.loopback]) {
    assert.equal(isAllowedDestination(address, nothing), false, address);
    assert.equal(isAllowedDestination(address, everything), true, address);
  }
  assert.equal(isAllowedDestination('10.0.0.1', { ...nothing, allowsLoopback: true }), false);
  assert.equal(isAllowedDestination('127.0.0.1', { ...nothing, allowsPrivate: true }), false);
  for (const address of kinds.forbidden)
    assert.equal(isAllowedDestination(address, everything), false, address);
});
