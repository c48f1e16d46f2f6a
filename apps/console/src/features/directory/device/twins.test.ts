import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceSummary, DeviceTwin, PresenceStatus } from '@holdfast/api';
import { adviseOnTwins } from './twins.ts';

const day = (number: number): string => `2026-11-${String(number).padStart(2, '0')}T00:00:00.000Z`;

function twin(status: PresenceStatus, seenDay: number | null, registeredDay: number): DeviceTwin {
  return {
    deviceId: 'twin',
    name: 'twin',
    groupPath: [],
    registeredAt: day(registeredDay),
    presence: {
      status,
      reason: 'silent',
      lastSeenAt: seenDay === null ? null : day(seenDay),
      changedAt: null,
    },
  };
}

function olderOf(device: DeviceTwin, other: DeviceTwin): 'this' | 'twin' | undefined {
  const { registeredAt, presence } = device;
  return adviseOnTwins({ registeredAt, presence, twins: [other] } as unknown as DeviceSummary)[0]?.older;
}

test('the record that was silent for longer is the older one, whichever page is open', () => {
  const old = twin('offline', 3, 1);
  const current = twin('online', 20, 4);
  assert.equal(olderOf(current, old), 'twin');
  assert.equal(olderOf(old, current), 'this');
});

test('a record that was never seen is older than one that was, and the first of two that never were', () => {
  assert.equal(olderOf(twin('online', 20, 1), twin('offline', null, 4)), 'twin');
  assert.equal(olderOf(twin('offline', null, 1), twin('offline', null, 4)), 'this');
});

test('while both are online neither is left over', () => {
  assert.equal(olderOf(twin('online', 20, 1), twin('online', 19, 4)), undefined);
});
