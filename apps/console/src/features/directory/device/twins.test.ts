import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DeviceSummary,
  type DeviceTwin,
  type PresenceStatus,
  presenceStatuses,
  twinContradictions,
} from '@holdfast/api';
import { adviseOnTwins, type OlderRecord } from './twins.ts';

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

function olderOf(device: DeviceTwin, other: DeviceTwin): OlderRecord | undefined {
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

test('of two records that are offline, the one that was silent for longer is the older one', () => {
  assert.equal(olderOf(twin('offline', 20, 1), twin('offline', 3, 4)), 'twin');
  assert.equal(olderOf(twin('offline', 3, 4), twin('offline', 20, 1)), 'this');
});

const reporting = presenceStatuses.filter((status) => status !== 'offline' && status !== 'disabled');

for (const status of reporting) {
  test(`a record that is ${status} is never left over, however long ago it was seen`, () => {
    for (const other of reporting) {
      assert.equal(olderOf(twin(status, 3, 1), twin(other, 20, 4)), 'none', other);
      assert.equal(olderOf(twin(other, 20, 4), twin(status, 3, 1)), 'none', other);
    }
    assert.equal(olderOf(twin(status, 3, 1), twin('offline', 20, 4)), 'twin');
    assert.equal(olderOf(twin('offline', 20, 4), twin(status, 3, 1)), 'this');
  });
}

test('nothing is said of a record whose agent is disabled, and of its twin', () => {
  for (const other of presenceStatuses) {
    assert.equal(olderOf(twin('disabled', 3, 1), twin(other, 20, 4)), 'unknown', other);
    assert.equal(olderOf(twin(other, 3, 1), twin('disabled', 20, 4)), 'unknown', other);
  }
});

test('what contradicts that two records are one computer is said, and no removal is offered', () => {
  for (const contradiction of twinContradictions) {
    const [old, current] = [twin('offline', 3, 1), twin('online', 20, 4)];
    assert.equal(olderOf(current, { ...old, contradiction }), contradiction);
    assert.equal(olderOf(old, { ...current, contradiction }), contradiction);
  }
});
