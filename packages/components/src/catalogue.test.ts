import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countBehind, createCatalogue } from './catalogue.ts';
import { type Delegation, type JsonObject, readTargets, type TargetsMetadata } from './metadata/index.ts';
import { describeComponent } from './testing/test-repository.ts';

const sha256 = 'ab'.repeat(32);

function toTargets(targets: Record<string, unknown>): TargetsMetadata {
  return readTargets({
    _type: 'targets',
    spec_version: '1.0.0',
    version: 1,
    expires: '2027-01-01T00:00:00Z',
    targets,
  } as unknown as JsonObject);
}

function full(id: string, release: number, more: Record<string, unknown> = {}): [string, unknown] {
  const custom = { component: describeComponent(id), release, version: `${release}`, ...more };
  return [`components/${id}/${release}/full`, { length: 100, hashes: { sha256 }, custom }];
}

function increment(
  id: string,
  release: number,
  from: number,
  more: Record<string, unknown> = {},
): [string, unknown] {
  const custom = { component: id, release, from, encoding: 'zstd', ...more };
  return [`components/${id}/${release}/from-${from}`, { length: 5, hashes: { sha256 }, custom }];
}

function asFeed([path, entry]: [string, unknown]): [string, unknown] {
  return [path.replace('components/', 'feeds/'), entry];
}

const delegation: Delegation = {
  name: 'feeds',
  keyIds: [],
  threshold: 1,
  isTerminating: true,
  patterns: ['feeds/*/*/*'],
  hashPrefixes: [],
};

function withFeeds(own: [string, unknown][], feeds: [string, unknown][]) {
  return createCatalogue(toTargets(Object.fromEntries(own)), {
    delegation,
    targets: toTargets(Object.fromEntries(feeds)),
  });
}

test('a component has its releases, the newest first, and the increments to each', () => {
  const entries = [
    full('a', 2),
    increment('a', 10, 2),
    full('a', 10, { urgent: true }),
    full('a', 9),
    increment('a', 10, 9),
  ];
  const { components, refused } = createCatalogue(toTargets(Object.fromEntries(entries)), undefined);
  const entry = components.get('a');
  assert.ok(entry);
  assert.deepEqual(
    entry.releases.map(({ release }) => release),
    [10, 9, 2],
  );
  assert.deepEqual(
    entry.newest.increments.map(({ from, path }) => [from, path]),
    [
      [9, 'components/a/10/from-9'],
      [2, 'components/a/10/from-2'],
    ],
  );
  assert.equal(entry.newest.isUrgent, true);
  assert.deepEqual(entry.newest.full, { path: 'components/a/10/full', length: 100, sha256 });
  assert.deepEqual(refused, []);
  assert.deepEqual(
    [10, 9, 5, 2, 1, undefined, 11].map((release) => countBehind(entry, release)),
    [0, 1, 2, 2, 3, 3, 0],
  );
});

test('what makes no sense is refused by itself, and hinders no other component', () => {
  const entries: [string, unknown][] = [
    full('good', 1),
    full('other', 3, { release: 4 }),
    full('another', 3, { component: describeComponent('good') }),
    full('half', 1),
    increment('half', 1, 1),
    full('half', 2, { version: '' }),
    increment('good', 2, 1, { from: 7 }),
    increment('good', 2, 1, { component: 'half' }),
    ['components/bare/1/full', { length: 1, hashes: { sha256 } }],
    [
      'components/weak/1/full',
      {
        length: 1,
        hashes: { sha512: 'cd'.repeat(64) },
        custom: (full('weak', 1)[1] as { custom: object }).custom,
      },
    ],
    ['somewhere/else', { length: 1, hashes: { sha256 } }],
  ];
  const { components, refused } = createCatalogue(toTargets(Object.fromEntries(entries)), undefined);
  assert.deepEqual([...components.keys()].sort(), ['good', 'half']);
  assert.equal(components.get('half')?.newest.release, 1);
  assert.deepEqual(refused.map(({ path }) => path).sort(), [
    'components/another/3/full',
    'components/bare/1/full',
    'components/good/2/from-1',
    'components/half/2/full',
    'components/other/3/full',
    'components/weak/1/full',
  ]);
});

test('a feed adds components, and never takes the id of one that targets has, not even of a broken one', () => {
  const broken = full('b', 1, { version: '' });
  const { components, refused } = withFeeds(
    [full('a', 1), broken],
    [asFeed(full('a', 9)), asFeed(full('b', 9)), asFeed(full('c', 1))],
  );
  assert.equal(components.get('a')?.newest.release, 1);
  assert.equal(components.has('b'), false);
  assert.equal(components.get('c')?.newest.full.path, 'feeds/c/1/full');
  assert.deepEqual(
    refused.map(({ path }) => path),
    ['components/b/1/full', 'feeds/a/9/full', 'feeds/b/9/full'],
  );
});

test('a feed is never a program, also when only one of its releases says so', () => {
  const program = full('x', 1, { component: describeComponent('x', 'program') });
  const { components, refused } = withFeeds([], [asFeed(program), asFeed(full('x', 2))]);
  assert.equal(components.size, 0);
  assert.equal(refused.length, 2);
});

test('each role is believed about its own paths only', () => {
  const { components, refused } = withFeeds(
    [asFeed(full('a', 1))],
    [full('b', 1), ['feeds/c/1/2/full', { length: 1, hashes: { sha256 } }]],
  );
  assert.equal(components.size, 0);
  assert.deepEqual(
    refused.map(({ path }) => path),
    ['components/b/1/full', 'feeds/c/1/2/full'],
  );
});

test('nothing that is run comes by a feed, whatever kind it says it is; and no program hides behind another kind', () => {
  const program = { ...describeComponent('a'), kind: 'rules', handler: 'agent-program' };
  const { components, refused } = withFeeds(
    [full('b', 1, { component: { ...program, id: 'b' } })],
    [asFeed(full('a', 1, { component: program }))],
  );
  assert.deepEqual([...components.keys()], []);
  assert.deepEqual(refused.map(({ path }) => path).toSorted(), ['components/b/1/full', 'feeds/a/1/full']);
});
