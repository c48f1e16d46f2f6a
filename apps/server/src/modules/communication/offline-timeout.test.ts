import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EffectiveCommunication } from '@holdfast/api';
import type { GroupSayings, SayingsByGroup } from '../group-settings/index.ts';
import { fallBackTo } from './communication-settings.ts';
import { findTooShort } from './offline-timeout.ts';

type Sayings = SayingsByGroup<EffectiveCommunication>;
type Own = Partial<EffectiveCommunication>;

const fallback = fallBackTo({ heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000 });

function sayings(
  ...groups: (readonly [path: string, own: Own, locked?: (keyof EffectiveCommunication)[]])[]
): Sayings {
  return new Map(
    groups.map(([path, own, locked = []]): [string, GroupSayings<EffectiveCommunication>] => {
      const ids = path.split('/');
      const groupId = ids.at(-1) ?? '';
      return [groupId, { groupId, groupName: groupId, path: ids, revision: 1, own, locked }];
    }),
  );
}

function findPlace(
  groupId: string,
  before: Sayings,
  after: Sayings,
  otherwise: EffectiveCommunication = fallback,
): string | undefined {
  return findTooShort({ groupId, before, after, fallback: otherwise })?.group.groupId;
}

test('a change that leaves a timeout below three intervals is found where an inherited value makes it so', () => {
  const before = sayings(['top/berlin', { offlineTimeoutMs: 90_000 }]);
  const after = sayings(
    ['top/berlin', { offlineTimeoutMs: 90_000 }],
    ['top/berlin/lab', { heartbeatIntervalMs: 31_000 }],
  );
  assert.equal(findPlace('lab', before, after), 'lab');
  assert.equal(findPlace('berlin', new Map(), after), 'lab');
  assert.equal(
    findPlace('berlin', new Map(), sayings(['top/berlin', { heartbeatIntervalMs: 20_000 }])),
    undefined,
  );
});

test('a lock that makes a timeout below too short is found, and so is its end', () => {
  const own = { heartbeatIntervalMs: 30_000, offlineTimeoutMs: 90_000 };
  const below = ['top/berlin/lab', { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 180_000 }] as const;
  const open = sayings(['top/berlin', own], below);
  const locked = sayings(['top/berlin', own, ['offlineTimeoutMs']], below);
  assert.equal(findPlace('berlin', open, locked), 'lab');
  const both = sayings(['top/berlin', own, ['offlineTimeoutMs', 'heartbeatIntervalMs']], below);
  assert.equal(findPlace('berlin', open, both), undefined);
  // Unlocked one after the other, in the wrong order.
  assert.equal(findPlace('berlin', both, locked), 'lab');
  assert.equal(findPlace('berlin', both, open), undefined);
});

test('places that were too short before hold nobody up, and may be mended one at a time', () => {
  const slow = fallBackTo({ heartbeatIntervalMs: 60_000, offlineTimeoutMs: 300_000 });
  const broken = sayings(
    ['top/kiosks', { offlineTimeoutMs: 60_000 }],
    ['top/tills', { offlineTimeoutMs: 60_000 }],
    ['top/office', {}],
  );
  const change = (groupId: string, own: Own) => {
    const group = broken.get(groupId);
    assert.ok(group);
    return new Map(broken).set(groupId, { ...group, own: { ...group.own, ...own } });
  };
  assert.equal(findPlace('office', broken, change('office', { transport: 'https' }), slow), undefined);
  assert.equal(findPlace('kiosks', broken, change('kiosks', { transport: 'https' }), slow), undefined);
  assert.equal(findPlace('kiosks', broken, change('kiosks', { offlineTimeoutMs: 180_000 }), slow), undefined);
  assert.notEqual(
    findPlace('kiosks', broken, change('kiosks', { offlineTimeoutMs: 50_000 }), slow),
    undefined,
  );
});
