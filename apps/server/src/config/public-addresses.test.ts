import assert from 'node:assert/strict';
import type { NetworkInterfaceInfo } from 'node:os';
import { test } from 'node:test';
import { type AddressFacts, listPublicAddresses } from './public-addresses.ts';

function address(family: 'IPv4' | 'IPv6', text: string, internal = false): NetworkInterfaceInfo {
  return {
    address: text,
    family,
    internal,
    netmask: '',
    mac: '',
    cidr: null,
    scopeid: 0,
  } as NetworkInterfaceInfo;
}

const facts: AddressFacts = {
  configured: [],
  host: undefined,
  port: 8443,
  certificateNames: undefined,
  hostName: 'Server1',
  interfaces: {
    lo: [address('IPv4', '127.0.0.1', true), address('IPv6', '::1', true)],
    eth0: [address('IPv4', '192.0.2.5'), address('IPv6', '2001:db8::5'), address('IPv6', 'fe80::1')],
    docker0: [address('IPv4', '172.17.0.1')],
  },
};

test('unless told, a server is reached by its name, by its addresses for networks without names, and as localhost', () => {
  assert.deepEqual(listPublicAddresses(facts), [
    'https://server1:8443',
    'https://192.0.2.5:8443',
    'https://[2001:db8::5]:8443',
    'https://localhost:8443',
  ]);
});

test('what is configured counts alone', () => {
  assert.deepEqual(listPublicAddresses({ ...facts, configured: ['https://h.example'] }), [
    'https://h.example',
  ]);
});

test('a server that listens on one address is reached there and nowhere else', () => {
  assert.deepEqual(listPublicAddresses({ ...facts, host: '127.0.0.1' }), [
    'https://localhost:8443',
    'https://127.0.0.1:8443',
  ]);
  assert.deepEqual(listPublicAddresses({ ...facts, host: '192.0.2.5' }), [
    'https://server1:8443',
    'https://192.0.2.5:8443',
  ]);
  assert.ok(!listPublicAddresses({ ...facts, host: '0.0.0.0' }).some((one) => one.includes('[')));
});

test('with a certificate of the organisation only its names are offered', () => {
  assert.deepEqual(
    listPublicAddresses({ ...facts, certificateNames: ['h.example', '*.example', '192.0.2.5'], port: 443 }),
    ['https://h.example', 'https://192.0.2.5'],
  );
});

test('never more than an enrolment token carries', () => {
  const many = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `eth${index}`,
      [address('IPv4', `192.0.2.${index}`), address('IPv6', `2001:db8::${index}`)],
    ]),
  );
  assert.ok(listPublicAddresses({ ...facts, interfaces: many }).length <= 8);
});
