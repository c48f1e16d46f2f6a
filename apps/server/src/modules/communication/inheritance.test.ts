import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findTooShort, type GroupSayings, inherit, nothingOwn } from './inheritance.ts';

const server = { heartbeatIntervalMs: 20_000, offlineTimeoutMs: 60_000 };

function sayings(...groups: (readonly [path: string, own: Partial<GroupSayings['own']>])[]) {
  return new Map(
    groups.map(([path, own]): [string, GroupSayings] => {
      const ids = path.split('/');
      const groupId = ids.at(-1) ?? '';
      return [
        groupId,
        { groupId, groupName: groupId, path: ids, revision: 1, own: { ...nothingOwn, ...own } },
      ];
    }),
  );
}

test('where nobody says anything the settings of the server hold, and everything is automatic', () => {
  assert.deepEqual(inherit(['top', 'berlin'], new Map(), server).effective, {
    ...server,
    schedule: null,
    mode: 'automatic',
    transport: 'automatic',
    listenerPort: 0,
  });
});

test('of each value the nearest group counts, whatever else it leaves open', () => {
  const said = sayings(
    ['top', { heartbeatIntervalMs: 30_000, offlineTimeoutMs: 120_000, mode: 'one-way' }],
    ['top/berlin', { heartbeatIntervalMs: 10_000 }],
    ['top/berlin/lab', { mode: 'two-way-held' }],
    ['top/paris', { heartbeatIntervalMs: 5_000 }],
  );
  const { effective, origins } = inherit(['top', 'berlin', 'lab', 'desk'], said, server);
  assert.deepEqual(
    [effective.heartbeatIntervalMs, effective.offlineTimeoutMs, effective.mode],
    [10_000, 120_000, 'two-way-held'],
  );
  assert.deepEqual(
    [origins.heartbeatIntervalMs?.groupId, origins.offlineTimeoutMs?.groupId, origins.schedule],
    ['berlin', 'top', undefined],
  );
});

test('a change that leaves a timeout below three intervals is found where an inherited value makes it so', () => {
  const before = sayings(['top/berlin', { offlineTimeoutMs: 90_000 }]);
  const after = sayings(
    ['top/berlin', { offlineTimeoutMs: 90_000 }],
    ['top/berlin/lab', { heartbeatIntervalMs: 31_000 }],
  );
  assert.deepEqual(findTooShort('lab', before, after, server)?.group.groupId, 'lab');
  assert.deepEqual(findTooShort('berlin', new Map(), after, server)?.group.groupId, 'lab');
  assert.equal(
    findTooShort('berlin', new Map(), sayings(['top/berlin', { heartbeatIntervalMs: 20_000 }]), server),
    undefined,
  );
});

test('places that were too short before hold nobody up, and may be mended one at a time', () => {
  const slower = { heartbeatIntervalMs: 60_000, offlineTimeoutMs: 300_000 };
  const broken = sayings(
    ['top/kiosks', { offlineTimeoutMs: 60_000 }],
    ['top/tills', { offlineTimeoutMs: 60_000 }],
    ['top/office', {}],
  );
  const change = (groupId: string, own: Partial<GroupSayings['own']>) => {
    const group = broken.get(groupId) as GroupSayings;
    return new Map(broken).set(groupId, { ...group, own: { ...group.own, ...own } });
  };
  assert.equal(findTooShort('office', broken, change('office', { transport: 'https' }), slower), undefined);
  assert.equal(findTooShort('kiosks', broken, change('kiosks', { transport: 'https' }), slower), undefined);
  assert.equal(
    findTooShort('kiosks', broken, change('kiosks', { offlineTimeoutMs: 180_000 }), slower),
    undefined,
  );
  assert.notEqual(
    findTooShort('kiosks', broken, change('kiosks', { offlineTimeoutMs: 50_000 }), slower),
    undefined,
  );
});
