import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DeviceSummary, type Presence, unknownFields } from '@holdfast/api';
import {
  changedStates,
  type DevicePages,
  devicesOf,
  dropDevices,
  pagesInView,
  patchPresence,
  replaceDevices,
} from './device-pages.ts';

function presence(status: Presence['status'], seenSecond: number, changedSecond = 0): Presence {
  const at = (second: number): string => new Date(Date.UTC(2026, 10, 22, 8, 0, second)).toISOString();
  return { status, reason: 'heartbeat-udp', lastSeenAt: at(seenSecond), changedAt: at(changedSecond) };
}

function device(id: string): DeviceSummary {
  return {
    id,
    ...unknownFields,
    name: id,
    groupId: 'g',
    groupPath: [],
    platform: 'linux',
    system: '',
    address: '',
    agentVersion: '0.1.0',
    productNumber: 1,
    transport: 'udp',
    isEncrypted: true,
    registeredAt: '2026-11-01T00:00:00.000Z',
    presence: presence('online', 10),
    twins: [],
    tags: [],
    keyCopies: [],
  };
}

const pages: DevicePages = {
  pages: [
    { devices: [device('a'), device('b')], nextCursor: 'x', count: { value: 3, isExact: true } },
    { devices: [device('c')], nextCursor: null, count: { value: 3, isExact: true } },
  ],
  pageParams: [null, 'x'],
};

test('a new presence changes its row and leaves other pages as they are', () => {
  const next = patchPresence(pages, new Map([['c', presence('offline', 10, 20)]]));
  assert.equal(devicesOf(next)[2]?.presence.status, 'offline');
  assert.equal(next.pages[0], pages.pages[0]);
  assert.deepEqual(changedStates(pages, next), ['c']);
});

test('a sign of life alone is no change of state', () => {
  const next = patchPresence(pages, new Map([['a', presence('online', 30)]]));
  assert.notEqual(next, pages);
  assert.deepEqual(changedStates(pages, next), []);
});

test('an older presence does not replace a newer one', () => {
  assert.equal(patchPresence(pages, new Map([['a', presence('online', 5)]])), pages);
  const newer = patchPresence(pages, new Map([['a', presence('offline', 10, 40)]]));
  assert.equal(patchPresence(newer, new Map([['a', presence('online', 59, 20)]])), newer);
});

test('what changes nothing returns the very same pages', () => {
  assert.equal(patchPresence(pages, new Map([['z', presence('offline', 50, 50)]])), pages);
  assert.equal(replaceDevices(pages, [device('a')]), pages);
  assert.equal(dropDevices(pages, new Set(['z'])), pages);
});

test('a removed device leaves the list and the count', () => {
  const next = dropDevices(pages, new Set(['a']));
  assert.deepEqual(
    devicesOf(next).map((one) => one.id),
    ['b', 'c'],
  );
  assert.deepEqual(
    next.pages.map((page) => page.count.value),
    [2, 2],
  );
});

test('a changed device is replaced in place', () => {
  const next = replaceDevices(pages, [{ ...device('b'), name: 'renamed' }]);
  assert.equal(devicesOf(next)[1]?.name, 'renamed');
});

test('the pages in view are those that hold the visible rows', () => {
  assert.deepEqual(pagesInView(pages, 0, 1), [0]);
  assert.deepEqual(pagesInView(pages, 1, 2), [0, 1]);
  assert.deepEqual(pagesInView(pages, 2, 9), [1]);
});
