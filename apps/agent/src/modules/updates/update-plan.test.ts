import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CatalogueEntry, ComponentRelease } from '@holdfast/components';
import type { ComponentRecord } from './component-record.ts';
import { describeComponent } from '../../testing/test-component.ts';
import { planUpdates, type UpdatePlanInput } from './update-plan.ts';

const releaseOf = (
  id: string,
  release: number,
  platforms: readonly string[] = ['any'],
): ComponentRelease => ({
  component: describeComponent(id, 'plain-file', { platforms }),
  release,
  version: `v${release}`,
  isUrgent: false,
  full: { path: '', length: 1, sha256: '' },
  increments: [],
});

function entryOf(
  id: string,
  releases: readonly number[],
  platforms?: readonly string[],
): [string, CatalogueEntry] {
  const published = releases.map((release) => releaseOf(id, release, platforms));
  const [newest] = published;
  assert.ok(newest !== undefined);
  return [id, { newest, releases: published }];
}

const recordOf = (id: string, release: number): ComponentRecord => ({
  description: describeComponent(id, 'plain-file'),
  current: { release, version: `v${release}` },
  previous: undefined,
  next: undefined,
  target: undefined,
  step: 'rest',
  failure: undefined,
  changedAt: 0,
});

function plan(change: Partial<UpdatePlanInput>) {
  return planUpdates({
    catalogue: { components: new Map([entryOf('a', [9, 8, 7])]) },
    records: [],
    platform: { system: 'linux', architecture: 'x64' },
    ceilings: new Map(),
    isWanted: () => true,
    ...change,
  }).map(({ id, target, next, isHeldBack }) => [id, target?.release, next?.release, isHeldBack]);
}

test('the newest release is what a computer is to have, whatever it has', () => {
  assert.deepEqual(plan({}), [['a', 9, 9, false]]);
  assert.deepEqual(plan({ records: [recordOf('a', 7)] }), [['a', 9, 9, false]]);
  assert.deepEqual(plan({ records: [recordOf('a', 9)] }), [['a', 9, undefined, false]]);
});

test('nothing older than what is in use is ever planned, neither by metadata nor by a ceiling', () => {
  assert.deepEqual(plan({ records: [recordOf('a', 12)] }), [['a', 9, undefined, false]]);
  assert.deepEqual(plan({ records: [recordOf('a', 9)], ceilings: new Map([['a', 8]]) }), [
    ['a', 8, undefined, true],
  ]);
});

test('a ceiling holds back what is above it, and the newest below it is taken', () => {
  assert.deepEqual(plan({ ceilings: new Map([['a', 8]]) }), [['a', 8, 8, true]]);
  assert.deepEqual(plan({ ceilings: new Map([['a', 6]]) }), [['a', undefined, undefined, true]]);
  assert.deepEqual(plan({ ceilings: new Map([['a', 0]]) }), [['a', undefined, undefined, true]]);
  assert.deepEqual(plan({ ceilings: new Map([['b', 0]]) }), [['a', 9, 9, false]]);
});

test('components of other platforms, and those that are not wanted, are left out', () => {
  const components = new Map([
    entryOf('of-all', [1], ['any']),
    entryOf('of-system', [1], ['windows', 'linux']),
    entryOf('of-processor', [1], ['linux-x64']),
    entryOf('of-other', [1], ['linux-arm64', 'windows', 'linux-x64-musl']),
    entryOf('unwanted', [1]),
  ]);
  const ids = plan({ catalogue: { components }, isWanted: ({ component: { id } }) => id !== 'unwanted' });
  assert.deepEqual(
    ids.map(([id]) => id),
    ['of-all', 'of-processor', 'of-system'],
  );
});
