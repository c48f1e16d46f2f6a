import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EffectiveCommunication, OwnCommunication } from '@holdfast/api';
import { areEqual, faultsOf, ownFromEffective } from './own-values.ts';

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

test('values are equal whatever order they were written in', () => {
  const { mode, ...rest } = nothing;
  assert.equal(areEqual({ mode, ...rest }, { ...rest, mode }), true);
  assert.equal(areEqual(nothing, { ...nothing, mode: 'one-way' }), false);
});
