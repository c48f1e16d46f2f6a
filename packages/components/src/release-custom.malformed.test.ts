import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ComponentError } from './component.errors.ts';
import {
  formatIncrementCustom,
  formatReleaseCustom,
  parseIncrementCustom,
  parseReleaseCustom,
} from './release-custom.ts';

const component = {
  id: 'virus-patterns',
  kind: 'pattern',
  title: 'Virus patterns',
  platforms: ['any'],
  handler: 'clamav',
  dependencies: [{ component: 'engine', release: 3 }, { component: 'rules' }],
} as const;
const good = { component, release: 7, version: '2026.12.1' };

const refusals: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['a list', []],
  ['no component', { ...good, component: undefined }],
  ['an id with capitals', { ...good, component: { ...component, id: 'Virus' } }],
  ['an id that begins with a hyphen', { ...good, component: { ...component, id: '-a' } }],
  ['an id of 65 characters', { ...good, component: { ...component, id: 'a'.repeat(65) } }],
  ['an id that leads elsewhere', { ...good, component: { ...component, id: '../a' } }],
  ['an unknown kind', { ...good, component: { ...component, kind: 'toString' } }],
  ['a title with a line break', { ...good, component: { ...component, title: 'a\nb' } }],
  ['a title that shows nothing', { ...good, component: { ...component, title: ' ' } }],
  ['a title of 101 characters', { ...good, component: { ...component, title: 'a'.repeat(101) } }],
  ['no platform', { ...good, component: { ...component, platforms: [] } }],
  ['a platform twice', { ...good, component: { ...component, platforms: ['any', 'any'] } }],
  ['a platform that is a path', { ...good, component: { ...component, platforms: ['linux/x64'] } }],
  [
    '33 platforms',
    { ...good, component: { ...component, platforms: Array.from({ length: 33 }, (_, i) => `p${i}`) } },
  ],
  ['a handler that is none', { ...good, component: { ...component, handler: '' } }],
  ['no dependencies', { ...good, component: { ...component, dependencies: undefined } }],
  [
    'a dependency twice',
    { ...good, component: { ...component, dependencies: [{ component: 'a' }, { component: 'a' }] } },
  ],
  [
    'a dependency on release 0',
    { ...good, component: { ...component, dependencies: [{ component: 'a', release: 0 }] } },
  ],
  [
    '33 dependencies',
    {
      ...good,
      component: {
        ...component,
        dependencies: Array.from({ length: 33 }, (_, i) => ({ component: `c${i}` })),
      },
    },
  ],
  ['release 0', { ...good, release: 0 }],
  ['release 1.5', { ...good, release: 1.5 }],
  ['release 2^53', { ...good, release: 2 ** 53 }],
  ['a release that is a text', { ...good, release: '7' }],
  ['NaN as release', { ...good, release: Number.NaN }],
  ['no version', { ...good, version: '' }],
  ['a version of 65 characters', { ...good, version: '1'.repeat(65) }],
  ['a version that turns the direction of writing', { ...good, version: '1‮2' }],
  ['"urgent" that is false', { ...good, urgent: false }],
];

for (const [name, custom] of refusals) {
  test(`a release is refused: ${name}`, () => {
    for (const unknownMembers of ['refuse', 'ignore'] as const) {
      assert.throws(
        () => parseReleaseCustom(custom, { unknownMembers }),
        (error) => error instanceof ComponentError && error.code === 'COMPONENT_INVALID',
      );
    }
  });
}

test('what is written is what is read', () => {
  const release = parseReleaseCustom({ ...good, urgent: true }, { unknownMembers: 'refuse' });
  assert.deepEqual(release, { ...good, isUrgent: true });
  assert.deepEqual(formatReleaseCustom(release), { ...good, urgent: true });
  const increment = { component: 'a', release: 3, from: 1, encoding: 'zstd' };
  assert.deepEqual(
    formatIncrementCustom(parseIncrementCustom(increment, { unknownMembers: 'refuse' })),
    increment,
  );
});

test('a publisher refuses a member that nobody knows, a reader leaves it alone, at every level', () => {
  const later = [
    { ...good, signature: 1 },
    { ...good, component: { ...component, colour: 'red' } },
    { ...good, component: { ...component, dependencies: [{ component: 'a', optional: true }] } },
  ];
  for (const custom of later) {
    assert.throws(() => parseReleaseCustom(custom, { unknownMembers: 'refuse' }), {
      code: 'COMPONENT_INVALID',
    });
    assert.equal(parseReleaseCustom(custom, { unknownMembers: 'ignore' }).release, 7);
  }
});

test('an increment leads from an earlier release to a later one', () => {
  const increment = { component: 'a', release: 3, from: 2, encoding: 'zstd' };
  const bad = [
    { from: 3 },
    { from: 4 },
    { from: 0 },
    { release: 2 ** 53 },
    { encoding: 'Z' },
    { component: 'A' },
  ];
  for (const change of bad) {
    assert.throws(() => parseIncrementCustom({ ...increment, ...change }, { unknownMembers: 'ignore' }), {
      code: 'COMPONENT_INVALID',
    });
  }
});
