import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isClearlyBetter } from './election/election-order.ts';
import { assessFitness, type FitnessFacts } from './fitness.ts';

const facts: FitnessFacts = {
  isOnMains: true,
  isWired: true,
  isMetered: false,
  isOnVpn: false,
  freeDiskBytes: 64 * 2 ** 30,
  uptimeS: 7 * 86_400,
  loadPerCore: 0,
  isServerReached: true,
};
const usual = { isOptedOut: false, isPinned: false };
const fitnessOf = (change: Partial<FitnessFacts>, policy = usual): number =>
  assessFitness({ ...facts, ...change }, policy).fitness;

test('battery, a metered way, a tunnel, a full disk and the policy keep a computer out, and it says which', () => {
  const obstacles = [
    [{ isOnMains: false }, 'battery'],
    [{ isMetered: true }, 'metered'],
    [{ isOnVpn: true }, 'vpn'],
    [{ freeDiskBytes: 2 ** 30 }, 'disk'],
    [{ freeDiskBytes: Number.NaN }, 'disk'],
  ] as const;
  for (const [change, obstacle] of obstacles) {
    for (const policy of [usual, { isOptedOut: false, isPinned: true }]) {
      assert.deepEqual(assessFitness({ ...facts, ...change }, policy), { fitness: 0, obstacle });
    }
  }
  assert.deepEqual(assessFitness(facts, { isOptedOut: true, isPinned: true }), {
    fitness: 0,
    obstacle: 'opted-out',
  });
});

test('a cable or a server that answers is clearly better than all disk, uptime and idleness together', () => {
  const poor = { freeDiskBytes: 2 * 2 ** 30, uptimeS: 0, loadPerCore: 9 };
  const candidate = (fitness: number) => ({ productNumber: 1, fitness });
  for (const lack of [{ isWired: false }, { isServerReached: false }]) {
    assert.ok(isClearlyBetter(candidate(fitnessOf(poor)), candidate(fitnessOf(lack))));
  }
  assert.ok(!isClearlyBetter(candidate(fitnessOf({})), candidate(fitnessOf(poor))));
});

test('a pinned computer is clearly better than every other one', () => {
  const pinned = fitnessOf(
    { isWired: false, isServerReached: false, freeDiskBytes: 2 * 2 ** 30, uptimeS: 0, loadPerCore: 9 },
    { isOptedOut: false, isPinned: true },
  );
  assert.ok(
    isClearlyBetter({ productNumber: 1, fitness: pinned }, { productNumber: 2, fitness: fitnessOf({}) }),
  );
});

test('fitness is a number that fits a datagram, whatever the system says', () => {
  for (const strange of [Number.NaN, Infinity, -1, 1e300]) {
    const fitness = fitnessOf(
      { uptimeS: strange, loadPerCore: strange },
      { isOptedOut: false, isPinned: true },
    );
    assert.ok(Number.isSafeInteger(fitness) && fitness >= 1 && fitness <= 65_535, `${strange}: ${fitness}`);
  }
});
