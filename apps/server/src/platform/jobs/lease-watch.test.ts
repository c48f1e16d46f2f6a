import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LeaseWatch } from './lease-watch.ts';

const lease = (renewals: number) => [{ token: 'a', renewals, leaseMs: 5_000 }];

/** Looks every second for so long; says after how many seconds the lease was found standing still. */
function watchFor(seconds: number, renewalsAt: (second: number) => number): number | undefined {
  const watch = new LeaseWatch();
  for (let second = 0; second <= seconds; second += 1) {
    if (watch.look(lease(renewalsAt(second)), second * 1_000).length > 0) return second;
  }
  return undefined;
}

test('a lease that is not renewed is found when it has stood still for as long as it may', () => {
  assert.equal(
    watchFor(60, () => 7),
    5,
  );
});

test('a lease that is renewed now and then holds for ever', () => {
  assert.equal(
    watchFor(600, (second) => Math.floor(second / 4)),
    undefined,
  );
});

test('a renewal begins the time anew', () => {
  assert.equal(
    watchFor(60, (second) => (second < 4 ? 1 : 2)),
    9,
  );
});

test('time in which nobody could look does not count: a database that was away takes no job from anybody', () => {
  const watch = new LeaseWatch();
  assert.deepEqual(watch.look(lease(1), 0), []);
  assert.deepEqual(watch.look(lease(1), 3_600_000), []);
  assert.deepEqual(watch.look(lease(1), 3_601_000), []);
  assert.equal(watch.look(lease(1), 3_603_000).length, 1);
});

test('a lease that was gone in between begins anew', () => {
  const watch = new LeaseWatch();
  for (const [leases, ms] of [
    [lease(1), 0],
    [lease(1), 2_000],
    [[], 4_000],
    [lease(1), 6_000],
  ] as const) {
    assert.deepEqual(watch.look(leases, ms), []);
  }
  assert.deepEqual(watch.look(lease(1), 8_000), []);
});
