import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CallTable } from './call-table.ts';

/** The address of a product as the table gives it back. */
function keep(address: string): string | undefined {
  const table = new CallTable();
  table.setMode(1, 'two-way-udp', undefined);
  table.noteAddress(1, address, 50_000);
  return table.addressOf(1)?.address;
}

test('an IPv4 address survives the column, whether or not an IPv6 socket has wrapped it, and so does every other', () => {
  fc.assert(
    fc.property(fc.ipV4(), (address) => {
      assert.equal(keep(address), address);
      assert.equal(keep(`::ffff:${address}`), address);
    }),
  );
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const kept = keep(address);
      if (kept !== address) assert.match(address.toLowerCase(), /^::ffff:/);
    }),
  );
  for (const text of ['', '1.2.3', '1.2.3.256', '1.2.3.4.5', '01234.1.1.1', 'localhost']) {
    assert.equal(keep(text), text);
  }
});

test('the address of the last heartbeat is kept for products that are called by UDP, and for no others', () => {
  const table = new CallTable();
  table.setMode(1, 'two-way-udp', undefined);
  table.setMode(2, 'two-way-held', undefined);
  for (const number of [1, 2, 70_000]) table.noteAddress(number, '::ffff:198.51.100.7', 50_000);
  assert.deepEqual(table.addressOf(1), { address: '198.51.100.7', port: 50_000 });
  assert.equal(table.addressOf(2), undefined);
  assert.equal(table.addressOf(70_000), undefined);
  table.noteAddress(1, '2001:db8::7', 50_001);
  assert.deepEqual(table.addressOf(1), { address: '2001:db8::7', port: 50_001 });
  table.setMode(1, 'one-way', undefined);
  assert.equal(table.addressOf(1), undefined);
});

test('a table that grows forgets nothing, and a product that is removed leaves nothing', () => {
  const table = new CallTable();
  table.setMode(3, 'two-way-direct', { address: '192.0.2.3', port: 40_000 });
  table.recordEnd(3, { atMs: 5, way: 'direct', outcome: 'unproven' });
  table.setMode(500_000, 'two-way-udp', undefined);
  assert.deepEqual(table.listenerOf(3), { address: '192.0.2.3', port: 40_000 });
  assert.deepEqual(table.lastOf(3), { atMs: 5, way: 'direct', outcome: 'unproven' });
  table.clear(3);
  assert.equal(table.listenerOf(3), undefined);
  assert.equal(table.lastOf(3), undefined);
  assert.equal(table.mode(3), 'one-way');
});

test('products whose calls failed too often are counted until a handshake, a success or their end', () => {
  const table = new CallTable();
  for (const number of [1, 2, 3]) {
    table.setMode(number, 'two-way-udp', undefined);
    for (let failures = 0; failures < 5; failures += 1) table.countFailure(number, true);
  }
  assert.equal(table.givenUpCount, 3);
  table.setMode(1, 'two-way-udp', undefined);
  assert.equal(table.givenUpCount, 2);
  table.countFailure(2, false);
  assert.equal(table.givenUpCount, 1);
  table.clear(3);
  assert.equal(table.givenUpCount, 0);
});
