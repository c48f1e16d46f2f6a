import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EffectiveCommunication } from '@holdfast/api';
import { ChangedWays } from './changed-ways.ts';

const plain: EffectiveCommunication = {
  heartbeatIntervalMs: 60_000,
  offlineTimeoutMs: 180_000,
  schedule: null,
  mode: 'automatic',
  transport: 'automatic',
  listenerPort: 0,
};

function setUp() {
  const wanted = new Set<number>();
  const passed: string[] = [];
  const ways = new ChangedWays({
    target: {
      replaceProfiles: () => passed.push('replace'),
      addProfiles: () => passed.push('add'),
      assignProfile: () => passed.push('assign'),
    },
    isKnown: (number) => number !== 99,
    wantHandshakes: (numbers) => {
      for (const number of numbers) wanted.add(number);
    },
    dropHandshakeWish: (number) => wanted.delete(number),
  });
  return { ways, wanted, passed, list: () => [...wanted].toSorted((left, right) => left - right) };
}

test('a change of mode, transport or listener asks the products it concerns for a handshake, and a change of times nobody', () => {
  const { ways, list, passed } = setUp();
  const assignments = [{ profile: 1, productNumbers: [2, 3, 99] }];
  ways.replaceProfiles([plain, plain], 0, assignments);
  assert.deepEqual(list(), [], 'what holds when the server starts is what held at the handshakes');
  ways.replaceProfiles([plain, { ...plain, heartbeatIntervalMs: 5_000 }], 0, assignments);
  assert.deepEqual(list(), []);
  ways.replaceProfiles([plain, { ...plain, listenerPort: 40_000 }], 0, assignments);
  assert.deepEqual(list(), [2, 3]);
  ways.replaceProfiles([plain, plain], 0, assignments);
  assert.deepEqual(list(), [], 'it was taken back');
  assert.deepEqual(passed, ['replace', 'replace', 'replace', 'replace']);
});

test('a product that moves between groups with different ways is asked, and a handshake settles it', () => {
  const { ways, list } = setUp();
  const pinned = { ...plain, mode: 'one-way' as const };
  ways.replaceProfiles([plain, pinned], 0, [{ profile: 1, productNumbers: [5_000] }]);
  ways.replaceProfiles([plain, pinned], 0, []);
  assert.deepEqual(list(), [5_000]);
  ways.assignProfile(5_000, 0);
  ways.replaceProfiles([plain, pinned], 0, []);
  assert.deepEqual(list(), []);
});

test('a product that joins has the way of its place from the start', () => {
  const { ways, list } = setUp();
  ways.replaceProfiles([plain], 0, []);
  ways.addProfiles([plain, { ...plain, transport: 'https' }]);
  ways.assignProfile(7, 1);
  ways.replaceProfiles([plain, { ...plain, transport: 'https' }], 0, [{ profile: 1, productNumbers: [7] }]);
  assert.deepEqual(list(), []);
});
