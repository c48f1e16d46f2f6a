import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitSearch, toAddressKey, toPlainAddress, toSearchText, toSortKey } from './sort-key.ts';

test('names that differ only in case, width or composition have one key', () => {
  for (const [left, right] of [
    ['Berlin', 'BERLIN'],
    ['Zoë', 'Zoe\u0308'],
    ['ＡＢＣ', 'abc'],
    [' Room ', 'room'],
  ]) {
    assert.equal(toSortKey(left ?? ''), toSortKey(right ?? ''));
  }
});

test('addresses sort by number, IPv4 before IPv6 before anything else', () => {
  const sorted = [
    '',
    '9.9.9.9',
    '10.0.0.2',
    '10.0.0.10',
    '192.168.1.1',
    '::1',
    'fe80::2',
    'fe80::10',
    '2001:db8::ff',
    'here',
  ].sort((left, right) => (toAddressKey(left) < toAddressKey(right) ? -1 : 1));
  assert.deepEqual(sorted, [
    '',
    '9.9.9.9',
    '10.0.0.2',
    '10.0.0.10',
    '192.168.1.1',
    '::1',
    '2001:db8::ff',
    'fe80::2',
    'fe80::10',
    'here',
  ]);
});

test('every spelling of an address has one key, and each address its own', () => {
  assert.equal(toAddressKey('2001:DB8:0:0::1'), toAddressKey('2001:db8::1'));
  assert.equal(toAddressKey('fe80::1%eth0'), toAddressKey('fe80::1'));
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      assert.match(toAddressKey(address), /^6[0-9a-f]{32}$/);
    }),
  );
  fc.assert(
    fc.property(fc.ipV4(), fc.ipV4(), (left, right) => {
      assert.equal(toAddressKey(left) === toAddressKey(right), left === right);
    }),
  );
});

test('an IPv4 address that came through an IPv6 socket is an IPv4 address', () => {
  assert.equal(toPlainAddress('::ffff:10.1.2.3'), '10.1.2.3');
  assert.equal(toPlainAddress('::ffff:999.1.2.3'), '::ffff:999.1.2.3');
  assert.equal(toPlainAddress('2001:db8::1'), '2001:db8::1');
});

test('a search is words, each taken literally', () => {
  assert.deepEqual(splitSearch('  100%_\\ Berlin\t').patterns, ['%100\\%\\_\\\\%', '%berlin%']);
  assert.deepEqual(splitSearch(' \0 '), { patterns: [], tags: [] });
  assert.equal(splitSearch('a b c d e f g h i j').patterns.length, 8);
});

test('a word that begins with tag: asks for a tag, whatever else is in it', () => {
  assert.deepEqual(splitSearch('web Tag:Env:PROD tag:'), { patterns: ['%web%'], tags: ['env:prod'] });
  assert.deepEqual(splitSearch('tag:%_'), { patterns: [], tags: ['%_'] });
  assert.deepEqual(splitSearch('xtag:a'), { patterns: ['%xtag:a%'], tags: [] });
});

test('the searched text holds name, reported name, address and system', () => {
  const text = toSearchText({
    displayName: 'Reception',
    reportedName: 'PC-17',
    address: '10.0.0.1',
    system: 'Debian  12',
  });
  assert.equal(text, 'reception\npc-17\n10.0.0.1\ndebian 12');
});
