import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findContradiction, type SystemRecord } from './twin-contradiction.ts';

const day = (number: number): string => `2026-11-${String(number).padStart(2, '0')}T00:00:00.000Z`;

/** Registered on the first day, seen until the third. */
const before: SystemRecord = { registeredAt: day(1), lastSeenAt: day(3) };
/** Set up anew on the fifth. */
const after: SystemRecord = { registeredAt: day(5), lastSeenAt: day(9) };

function both(one: SystemRecord, other: SystemRecord): string | undefined {
  const found = findContradiction(one, other);
  assert.equal(findContradiction(other, one), found, 'whichever of them is asked');
  return found;
}

test('two installations on one hardware are two systems', () => {
  const [a, b] = [{ installationId: 'a' }, { installationId: 'b' }];
  assert.equal(both({ ...before, ...a }, { ...after, ...b }), 'installation');
  assert.equal(both({ ...before, ...a }, { ...after, ...a }), undefined);
  assert.equal(both({ ...before, ...a }, { ...after, installationId: null }), undefined);
});

test('without a common interface they are two systems, and what reports none says nothing', () => {
  const nics = (...hardwareAddresses: string[]) => ({ hardwareAddresses });
  assert.equal(both({ ...before, ...nics('AA:01') }, { ...after, ...nics('bb:02') }), 'interfaces');
  assert.equal(both({ ...before, ...nics('AA:01', 'cc:03') }, { ...after, ...nics('aa:01') }), undefined);
  assert.equal(both({ ...before, ...nics('aa:01') }, { ...after, ...nics() }), undefined);
});

test('of a computer that was set up anew the old record was not heard again', () => {
  assert.equal(both(before, after), undefined);
  assert.equal(both({ ...before, lastSeenAt: null }, after), undefined);
  assert.equal(both({ ...before, lastSeenAt: day(6) }, after), 'overlap');
  assert.equal(both({ ...before, lastSeenAt: day(12) }, { ...after, lastSeenAt: null }), 'overlap');
});
