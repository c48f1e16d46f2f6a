import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TokenArrival } from '@holdfast/api';
import { RecentArrivals } from './recent-arrivals.ts';

function arrivalOf(keyThumbprint: string, state: TokenArrival['state'] = 'joined'): TokenArrival {
  return {
    state,
    keyThumbprint,
    deviceName: `name of ${keyThumbprint}`,
    deviceId: null,
    at: '2026-11-22T08:00:00.000Z',
  };
}

test('a device that waited and was admitted is one arrival, the newest', () => {
  const arrivals = new RecentArrivals();
  arrivals.note('token', arrivalOf('a', 'waiting'));
  arrivals.note('token', arrivalOf('b'));
  arrivals.note('token', arrivalOf('a', 'joined'));
  assert.deepEqual(
    arrivals.of('token').map(({ keyThumbprint, state }) => [keyThumbprint, state]),
    [
      ['a', 'joined'],
      ['b', 'joined'],
    ],
  );
  assert.deepEqual(arrivals.of('another'), []);
});

test('what came long ago is forgotten, of each token and of all', () => {
  const arrivals = new RecentArrivals();
  for (let count = 0; count < 60; count += 1) arrivals.note('busy', arrivalOf(`key ${count}`));
  assert.equal(arrivals.of('busy').length, 50);
  assert.equal(arrivals.of('busy')[0]?.keyThumbprint, 'key 59');
  for (let count = 0; count < 500; count += 1) arrivals.note(`token ${count}`, arrivalOf('a'));
  assert.deepEqual(arrivals.of('busy'), []);
  assert.equal(arrivals.of('token 499').length, 1);
});
