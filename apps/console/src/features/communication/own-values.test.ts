import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EffectiveCommunication, OwnCommunication } from '@holdfast/api';
import { areEqual, faultsOf, ownFromEffective, withLock, withOwn, withoutOverridden } from './own-values.ts';

const nothing: OwnCommunication = {
  heartbeatIntervalMs: null,
  offlineTimeoutMs: null,
  schedule: null,
  mode: null,
  transport: null,
  listenerPort: null,
};
const effective: EffectiveCommunication = {
  heartbeatIntervalMs: 20_000,
  offlineTimeoutMs: 60_000,
  schedule: null,
  mode: 'automatic',
  transport: 'automatic',
  listenerPort: 0,
};

test('who stops inheriting begins with what holds', () => {
  assert.deepEqual(ownFromEffective(nothing, effective, 'heartbeatIntervalMs'), {
    ...nothing,
    heartbeatIntervalMs: 20_000,
  });
});

test('a timeout below three intervals is a fault, whichever of both is inherited', () => {
  assert.deepEqual(faultsOf(nothing, effective), []);
  assert.deepEqual(faultsOf({ ...nothing, heartbeatIntervalMs: 20_001 }, effective), ['timeout-too-short']);
  assert.deepEqual(faultsOf({ ...nothing, offlineTimeoutMs: 59_999 }, effective), ['timeout-too-short']);
});

test('an empty field and a port that belongs to the system are faults', () => {
  assert.deepEqual(faultsOf({ ...nothing, heartbeatIntervalMs: 0 }, effective), ['interval-range']);
  assert.deepEqual(faultsOf({ ...nothing, listenerPort: 443 }, effective), ['port-range']);
  assert.deepEqual(faultsOf({ ...nothing, listenerPort: 0 }, effective), []);
});

test('values are equal whatever order they and their locks were written in', () => {
  const { mode, ...rest } = nothing;
  assert.equal(
    areEqual(
      { own: { mode, ...rest }, locked: ['mode', 'schedule'] },
      { own: nothing, locked: ['schedule', 'mode'] },
    ),
    true,
  );
  assert.equal(
    areEqual({ own: nothing, locked: [] }, { own: { ...nothing, mode: 'one-way' }, locked: [] }),
    false,
  );
  assert.equal(areEqual({ own: nothing, locked: ['mode'] }, { own: nothing, locked: [] }), false);
});

test('a lock goes with the value that it was for, and each is set and taken for itself', () => {
  const said = { own: { ...nothing, mode: 'one-way' as const, listenerPort: 0 }, locked: [] };
  const locked = withLock(withLock(said, 'mode', true), 'listenerPort', true);
  assert.deepEqual(locked.locked, ['mode', 'listenerPort']);
  assert.deepEqual(withLock(locked, 'mode', false).locked, ['listenerPort']);
  assert.deepEqual(withOwn(locked, { ...said.own, mode: null }).locked, ['listenerPort']);
  assert.deepEqual(withOwn(locked, { ...said.own, mode: 'automatic' }).locked, ['mode', 'listenerPort']);
});

test('what a group above locks has no effect here', () => {
  const open = {
    heartbeatIntervalMs: null,
    offlineTimeoutMs: null,
    schedule: null,
    mode: null,
    transport: null,
    listenerPort: null,
  };
  const own = { ...nothing, heartbeatIntervalMs: 5_000, mode: 'one-way' as const };
  assert.deepEqual(withoutOverridden(own, open), own);
  assert.deepEqual(withoutOverridden(own, { ...open, heartbeatIntervalMs: { group: null } }), {
    ...own,
    heartbeatIntervalMs: null,
  });
});
