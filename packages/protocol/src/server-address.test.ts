import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseServerAddress, splitServerAddress } from './server-address.ts';

const readable = [
  ['https://Host.Example:8443', 'https://host.example:8443'],
  ['https://host.example:443/', 'https://host.example'],
  ['https://192.0.2.1:8443', 'https://192.0.2.1:8443'],
  ['https://[2001:DB8::1]:8443', 'https://[2001:db8::1]:8443'],
] as const;

for (const [text, origin] of readable) {
  test(`"${text}" is the address ${origin}`, () => assert.equal(parseServerAddress(text), origin));
}

const refused = [
  '',
  'host:8443',
  'http://host:8443',
  'ftp://host',
  'https://',
  'https://host/path',
  'https://host/?a',
  'https://host/#a',
  'https://user@host',
  'https://user:secret@host',
  'https://host:99999',
  `https://${'a'.repeat(300)}`,
];

for (const text of refused) {
  test(`"${text.slice(0, 40)}" is no server address`, () =>
    assert.equal(parseServerAddress(text), undefined));
}

test('host and port are taken apart, without brackets and with the default port', () => {
  assert.deepEqual(splitServerAddress('https://[2001:db8::1]:8443'), { host: '2001:db8::1', port: 8443 });
  assert.deepEqual(splitServerAddress('https://host.example'), { host: 'host.example', port: 443 });
});
