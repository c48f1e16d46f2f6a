import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeSeenTargets, describeTargets, type TargetChoice } from './target-text.ts';

const cases: readonly [string, TargetChoice][] = [
  ['web-01', { kind: 'devices', names: ['web-01'] }],
  ['3 devices', { kind: 'devices', names: ['a', 'b', 'c'] }],
  ['group Berlin', { kind: 'filter', filter: { groupId: 'g' }, groupNames: ['Sites', 'Berlin'], count: 40 }],
  [
    '12 devices of group Berlin, offline',
    { kind: 'filter', filter: { groupId: 'g', status: 'offline' }, groupNames: ['Berlin'], count: 12 },
  ],
  [
    '1 device, matching "web"',
    { kind: 'filter', filter: { search: 'web' }, groupNames: undefined, count: 1 },
  ],
  [
    '3 devices of group Berlin, matching "slow", tagged kiosk, not tagged leased, windows',
    {
      kind: 'filter',
      filter: { groupId: 'g', search: 'slow', platform: 'windows', tag: ['kiosk'], withoutTag: ['leased'] },
      groupNames: ['Berlin'],
      count: 3,
    },
  ],
  ['all devices (7)', { kind: 'filter', filter: {}, groupNames: undefined, count: 7 }],
  // The top group has no names below it.
  ['all devices (7)', { kind: 'filter', filter: { groupId: 'top' }, groupNames: [], count: 7 }],
];

for (const [text, choice] of cases) {
  test(`an order names its targets: ${text}`, () => {
    assert.equal(describeTargets(choice), text);
  });
}

test('a very long name is cut and says so', () => {
  const text = describeTargets({ kind: 'devices', names: ['x'.repeat(1_000)] });
  assert.equal(text.length, 400);
  assert.ok(text.endsWith('…'));
});

test('who sees a part of the devices reads how many these are', () => {
  assert.equal(describeSeenTargets(3, 'web-01'), '3 devices');
  assert.equal(describeSeenTargets(1, 'web-01'), 'web-01');
});
