import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentErrorCode } from '../component.errors.ts';
import type { SigningKey } from '../repository/index.ts';
import {
  createMemoryStore,
  createTestMetadata,
  inDays,
  type TestMetadata,
} from '../testing/test-metadata.ts';
import { newKey, testTimeMs } from '../testing/test-repository.ts';
import { createUpdateClient } from './update-client.ts';

// The cases of the public suite https://github.com/theupdateframework/tuf-conformance, by its files. Its names stand in front of
// those of the tests.

const signal = AbortSignal.timeout(120_000);
const all = ['root', 'targets', 'snapshot', 'timestamp'] as const;
type Json = Record<string, unknown>;

function start(made: TestMetadata = createTestMetadata(), first = made.files.get('metadata/1.root.json')) {
  const store = createMemoryStore();
  const clock = { nowMs: testTimeMs, now: (): number => clock.nowMs };
  if (first !== undefined) store.files.set('root.json', first);
  const { source } = made;
  const client = () => createUpdateClient({ store, source, clock });
  return {
    made,
    store,
    clock,
    /** As a client that has been started again. */
    refresh: async () => await client().refresh(signal),
    refuse: async (code: ComponentErrorCode) => await assert.rejects(client().refresh(signal), { code }),
    find: async (...paths: readonly string[]) => {
      const one = client();
      await one.refresh(signal);
      const found: (string | undefined)[] = [];
      for (const path of paths) found.push((await one.findTarget(path, signal))?.file.path);
      return found;
    },
  };
}

test('basic: a refresh asks for each role once, in order, and trusts the bytes that came', async () => {
  const { made, store, refresh } = start();
  const unusual = Buffer.concat([
    made.files.get('metadata/timestamp.json') ?? Buffer.alloc(0),
    Buffer.from(' \n'),
  ]);
  made.files.set('metadata/timestamp.json', unusual);
  await refresh();
  assert.deepEqual(made.requests, ['2.root.json', 'timestamp.json', '1.snapshot.json', '1.targets.json']);
  assert.deepEqual(store.files.get('timestamp.json'), unusual);
  made.requests.length = 0;
  await refresh();
  assert.deepEqual(made.requests, ['2.root.json', 'timestamp.json']);
});

test('basic: a root that is none, or that nobody signed, is refused before anything is asked for', async () => {
  const made = createTestMetadata();
  const { signed } = made.role('root');
  const version = signed.version;
  delete (signed as Partial<typeof signed>).version;
  const none = made.serve('root');
  signed.version = version;
  made.role('root').signers = [newKey()];
  const unsigned = made.serve('root');
  for (const [first, code] of [
    [none, 'METADATA_UNREADABLE'],
    [unsigned, 'METADATA_UNSIGNED'],
  ] as const) {
    await start(made, first).refuse(code);
    assert.deepEqual(made.requests, []);
  }
  const empty = start(made);
  empty.store.files.clear();
  await empty.refuse('METADATA_STORE_EMPTY');
});

for (const [role, trusted] of [
  ['root', { root: 1 }],
  ['timestamp', { root: 2 }],
  ['snapshot', { root: 2, timestamp: 2 }],
  ['targets', { root: 2, snapshot: 2, timestamp: 2 }],
] as const) {
  test(`basic: unsigned ${role} metadata are refused, and what came before them is trusted`, async () => {
    const { made, store, refuse } = start();
    made.role(role).signers.pop();
    made.publish(...all);
    await refuse('METADATA_UNSIGNED');
    assert.deepEqual(store.versions(), trusted);
  });
}

for (const role of ['root', 'snapshot', 'targets'] as const) {
  test(`basic: ${role} metadata of another version than their name says are refused`, async () => {
    const { made, store, refuse } = start();
    made.publish(...all);
    made.role(role).signed.version += 1;
    made.serve(role);
    made.files.set(`metadata/2.${role}.json`, metadataOf(made, role, 3));
    made.role(role).signed.version -= 1;
    await refuse(role === 'root' ? 'METADATA_ROLLED_BACK' : 'METADATA_MISMATCHED');
    assert.equal(store.version(role), role === 'root' ? 1 : undefined);
  });
}

function metadataOf(made: TestMetadata, role: string, version = 2): Uint8Array {
  const bytes = made.files.get(`metadata/${version}.${role}.json`);
  assert.ok(bytes);
  return bytes;
}

test('basic: a timestamp that says something else under the same version changes nothing', async () => {
  const { made, store, refresh } = start();
  await refresh();
  const before = store.files.get('timestamp.json');
  made.role('timestamp').signed['meta'] = { 'snapshot.json': { version: 100 } };
  made.serve('timestamp');
  await refresh();
  assert.equal(made.requests.at(-1), 'timestamp.json');
  assert.deepEqual(store.files.get('timestamp.json'), before);
});

test('basic: hashes of metadata are checked, of targets and of snapshot', async () => {
  const { made, store, refresh, refuse } = start();
  made.hasHashes = true;
  made.publish('targets', 'snapshot', 'timestamp');
  await refresh();
  made.publish('targets');
  const wrong = (owner: string, name: string): void => {
    const meta = made.role(owner).signed['meta'] as Record<string, { hashes: { sha256: string } }>;
    const file = meta[name];
    assert.ok(file);
    file.hashes.sha256 = '0'.repeat(64);
  };
  wrong('snapshot', 'targets.json');
  made.publish('snapshot', 'timestamp');
  await refuse('METADATA_MISMATCHED');
  assert.deepEqual([store.version('snapshot'), store.version('targets')], [3, 2]);
  made.publish('targets', 'snapshot');
  wrong('timestamp', 'snapshot.json');
  made.publish('timestamp');
  await refuse('METADATA_MISMATCHED');
  assert.deepEqual([store.version('timestamp'), store.version('snapshot')], [4, 3]);
});

test('basic: members that nobody knows are signed for and left alone, keyid_hash_algorithms too', async () => {
  const { made, store, refresh } = start();
  await refresh();
  const root = made.role('root').signed as Json as Json & { keys: Record<string, Json> };
  root['custom-field'] = 'value';
  for (const key of Object.values(root.keys)) key['keyid_hash_algorithms'] = 'md5';
  made.publish('root');
  await refresh();
  assert.equal(store.version('root'), 2);
});

test('basic: what is named and not there is refused, and what came before is trusted', async () => {
  const { made, store, refresh, refuse } = start();
  await refresh();
  made.role('timestamp').signed['meta'] = { 'snapshot.json': { version: 2 } };
  made.publish('timestamp');
  await refuse('METADATA_MISSING');
  assert.deepEqual(store.versions(), { root: 1, snapshot: 1, targets: 1, timestamp: 2 });
  made.role('snapshot').signed['meta'] = { 'targets.json': { version: 2 } };
  made.publish('snapshot', 'timestamp');
  await refuse('METADATA_MISSING');
  assert.deepEqual(store.versions(), { root: 1, snapshot: 2, targets: 1, timestamp: 3 });
  made.files.delete('metadata/timestamp.json');
  await refuse('METADATA_MISSING');
  assert.equal(made.requests.at(-1), 'timestamp.json');
});

test('basic: a snapshot is no timestamp, whoever has signed it', async () => {
  const { made, store, refuse } = start();
  const keys = [...made.role('snapshot').signers, ...made.role('timestamp').signers];
  made.setKeys('snapshot', keys, 1);
  made.role('snapshot').signers = keys;
  made.role('snapshot').signed['meta'] = { 'snapshot.json': { version: 1 } };
  made.publish('root', 'snapshot');
  made.files.set('metadata/timestamp.json', metadataOf(made, 'snapshot'));
  await refuse('METADATA_UNREADABLE');
  assert.deepEqual(store.versions(), { root: 2 });
});

test('expiration: an expired root is trusted for the next one, and stops everything else', async () => {
  const { made, store, clock, refresh, refuse } = start();
  made.role('root').signed.expires = inDays(-1);
  made.publish(...all);
  await refuse('METADATA_EXPIRED');
  assert.deepEqual(store.versions(), { root: 2 });
  made.role('root').signed.expires = inDays(21);
  made.publish('root');
  await refresh();
  clock.nowMs = testTimeMs + 22 * 24 * 60 * 60_000;
  await refuse('METADATA_EXPIRED');
});

for (const [role, trusted] of [
  ['timestamp', { root: 1, snapshot: 1, targets: 1, timestamp: 1 }],
  ['snapshot', { root: 1, snapshot: 1, targets: 1, timestamp: 2 }],
  ['targets', { root: 1, snapshot: 2, targets: 1, timestamp: 2 }],
] as const) {
  test(`expiration: expired ${role} metadata are not trusted, a second before the end they are`, async () => {
    const { made, store, clock, refresh, refuse } = start();
    await refresh();
    made.role(role).signed.expires = inDays(1);
    made.publish('targets', 'snapshot', 'timestamp');
    if (role === 'timestamp') made.files.set('metadata/timestamp.json', made.serve('timestamp'));
    clock.nowMs = testTimeMs + 24 * 60 * 60_000;
    await refuse('METADATA_EXPIRED');
    const { root, snapshot, targets, timestamp } = store.versions();
    assert.deepEqual({ root, snapshot, targets, timestamp }, trusted);
    clock.nowMs -= 1;
    await refresh();
    assert.equal(store.version(role), 2);
  });
}

test('expiration: metadata that have expired here are a basis for newer ones', async () => {
  const { made, store, clock, refresh } = start();
  made.role('timestamp').signed.expires = inDays(7);
  made.role('root').signed.expires = inDays(7);
  made.publish('root', 'timestamp');
  await refresh();
  made.role('timestamp').signed.expires = inDays(21);
  made.role('root').signed.expires = inDays(21);
  made.publish(...all);
  clock.nowMs = testTimeMs + 18 * 24 * 60 * 60_000;
  await refresh();
  assert.deepEqual(store.versions(), { root: 3, snapshot: 2, targets: 2, timestamp: 3 });
});

test('keys: a threshold is reached by that many keys, and by no repetition of one', async () => {
  const { made, store, refresh, refuse } = start();
  const [one, two, three] = [newKey(), newKey(), newKey()];
  made.setKeys('snapshot', [one, two, three], 3);
  made.role('snapshot').signers = [one, two, three];
  made.publish(...all);
  await refresh();
  made.role('snapshot').signers = [one, two];
  made.publish('targets', 'snapshot', 'timestamp');
  await refuse('METADATA_UNSIGNED');
  assert.equal(store.version('snapshot'), 2);

  // The same signature eight times more.
  const bytes = metadataOf(made, 'snapshot', 3);
  const envelope = JSON.parse(Buffer.from(bytes).toString()) as { signatures: unknown[] };
  envelope.signatures.push(...Array.from({ length: 8 }, () => envelope.signatures[0]));
  made.files.set('metadata/3.snapshot.json', Buffer.from(JSON.stringify(envelope)));
  await refuse('METADATA_UNREADABLE');

  // The same key under another id, with its signature once more.
  made.role('snapshot').signers = [one];
  (made.keys as Json)['ab'.repeat(32)] = one.publicKey;
  const roles = made.role('root').signed['roles'] as Record<string, unknown>;
  roles['snapshot'] = { keyids: [one.id, 'ab'.repeat(32)], threshold: 2 };
  made.publish('root', 'targets', 'snapshot', 'timestamp');
  const alias = JSON.parse(Buffer.from(metadataOf(made, 'snapshot', 4)).toString()) as {
    signatures: { keyid: string }[];
  };
  alias.signatures.push({ ...(alias.signatures[0] as { keyid: string }), keyid: 'ab'.repeat(32) });
  made.files.set('metadata/4.snapshot.json', Buffer.from(JSON.stringify(alias)));
  await refuse('METADATA_UNSIGNED');
});

test('keys: a role with fewer keys than it needs, or with one twice, is never signed', async () => {
  const few = start();
  const keys = Array.from({ length: 5 }, newKey);
  few.made.setKeys('snapshot', keys, 6);
  few.made.role('snapshot').signers = keys;
  few.made.publish('root', 'snapshot', 'timestamp');
  await few.refuse('METADATA_UNSIGNED');
  assert.deepEqual(few.store.versions(), { root: 2, timestamp: 2 });
  const twice = start();
  const [key] = keys;
  assert.ok(key);
  twice.made.setKeys(
    'snapshot',
    Array.from({ length: 9 }, () => key),
    6,
  );
  twice.made.role('snapshot').signers = [key];
  twice.made.publish('root', 'snapshot', 'timestamp');
  await twice.refuse('METADATA_UNREADABLE');
});

test('quoting: the name of a role leads nowhere else, neither at the source nor on the disk', async () => {
  for (const [name, quoted] of [
    ['?', '%3F'],
    ['#', '%23'],
    ['/delegated', '%2Fdelegated'],
    ['../delegated', '..%2Fdelegated'],
    ["a'(!*)", 'a%27%28%21%2A%29'],
  ] as const) {
    const { made, store, find } = start();
    made.delegate('targets', name);
    made.publish(name, 'targets', 'snapshot', 'timestamp');
    assert.deepEqual(await find('nonexistent target'), [undefined]);
    assert.ok(made.requests.includes(`1.${quoted}.json`), made.requests.join());
    assert.equal(store.version(quoted), 1);
  }
  for (const name of ['root', 'Snapshot', '']) {
    const { made, refuse } = start();
    made.delegate('targets', name);
    made.publish('targets', 'snapshot', 'timestamp');
    await refuse('METADATA_UNREADABLE');
  }
});

for (const hasHashes of [false, true]) {
  test(`rollback: an older timestamp, snapshot or targets ${hasHashes ? 'with' : 'without'} hashes is refused`, async () => {
    const { made, store, refresh, refuse } = start();
    made.hasHashes = hasHashes;
    made.publish('targets', 'snapshot', 'timestamp');
    await refresh();
    const before = store.versions();
    const goBack = async (role: string, ...others: readonly string[]): Promise<void> => {
      made.role(role).signed.version = 0;
      made.publish(role, ...others);
      await refuse('METADATA_ROLLED_BACK');
    };
    await goBack('timestamp');
    assert.deepEqual(store.versions(), before);
    made.role('timestamp').signed.version = 2;
    await goBack('snapshot', 'timestamp');
    assert.deepEqual(store.versions(), before);
    made.role('snapshot').signed.version = 2;
    await goBack('targets', 'snapshot', 'timestamp');
    assert.deepEqual([store.version('snapshot'), store.version('targets')], [2, 2]);
  });
}

test('rollback: a role does not disappear from the snapshot', async () => {
  const { made, store, refresh, refuse } = start();
  made.delegate('targets', 'delegated');
  made.publish('delegated', 'targets', 'snapshot', 'timestamp');
  await refresh();
  delete (made.role('snapshot').signed['meta'] as Json)['delegated.json'];
  made.publish('snapshot', 'timestamp');
  await refuse('METADATA_ROLLED_BACK');
  assert.equal(store.version('snapshot'), 2);
});

test('rollback: after a fast-forward attack, new keys lead back: of snapshot for targets, of both for the rest', async () => {
  const { made, store, refresh } = start();
  for (const role of ['targets', 'snapshot', 'timestamp']) made.role(role).signed.version = 2 ** 52;
  made.delegate('targets', 'delegated');
  made.publish('delegated', 'targets', 'snapshot', 'timestamp');
  await refresh();
  assert.equal(store.version('targets'), 2 ** 52 + 1);
  const rotate = (role: string): void => {
    const key = newKey();
    made.setKeys(role, [key], 1);
    made.role(role).signers = [key];
    made.role(role).signed.version = 0;
  };
  // Of targets: only the snapshot key is new.
  rotate('snapshot');
  made.role('snapshot').signed.version = 2 ** 52 + 1;
  made.role('targets').signed.version = 0;
  made.publish('root', 'targets');
  delete (made.role('snapshot').signed['meta'] as Json)['delegated.json'];
  made.publish('snapshot', 'timestamp');
  await refresh();
  assert.equal(store.version('targets'), 1);
  rotate('snapshot');
  rotate('timestamp');
  made.publish('root', 'targets', 'snapshot', 'timestamp');
  await refresh();
  assert.deepEqual(store.versions(), { root: 3, snapshot: 1, targets: 2, timestamp: 1 });
});

test('rollback: new keys of snapshot alone lead its version back too, although the timestamp key has named a greater one', async () => {
  const { made, store, refresh, refuse } = start();
  made.role('snapshot').signed.version = 2 ** 52;
  made.publish('snapshot', 'timestamp');
  await refresh();
  const key = newKey();
  made.role('snapshot').signed.version = 0;
  made.publish('snapshot', 'timestamp');
  await refuse('METADATA_ROLLED_BACK');
  made.setKeys('snapshot', [key], 1);
  made.role('snapshot').signers = [key];
  made.publish('root', 'snapshot', 'timestamp');
  await refresh();
  assert.deepEqual([store.version('root'), store.version('snapshot')], [2, 2]);
});

interface RootVersion {
  readonly keys: readonly number[];
  readonly threshold: number;
  readonly signers: readonly number[];
}

const v = (keys: readonly number[], threshold: number, signers: readonly number[]): RootVersion => ({
  keys,
  threshold,
  signers,
});

const rotations: readonly [name: string, versions: readonly RootVersion[], isGood: boolean][] = [
  ['1 of 1 is followed by another', [v([1], 1, [1]), v([2], 1, [2, 1]), v([2], 1, [2])], true],
  [
    'signatures of strangers do no harm',
    [v([1], 1, [3, 1, 4]), v([2], 1, [3, 2, 1, 4]), v([2], 1, [3, 2, 4])],
    true,
  ],
  [
    '3 of 5 sign in any combination',
    [v([0, 1, 2, 3, 4], 3, [0, 2, 4]), v([0, 1, 2, 3, 4], 3, [0, 4, 1]), v([0, 1, 2, 3, 4], 3, [0, 1, 3])],
    true,
  ],
  ['3 of 5, one is replaced', [v([0, 1, 2, 3, 4], 3, [0, 2, 4]), v([0, 1, 3, 4, 5], 3, [0, 4, 1])], true],
  [
    '3 of 5, all are replaced',
    [
      v([0, 1, 2, 3, 4], 3, [0, 2, 4]),
      v([5, 6, 7, 8, 9], 3, [0, 2, 4, 5, 6, 7]),
      v([5, 6, 7, 8, 9], 3, [5, 6, 7]),
    ],
    true,
  ],
  ['1 of 3 becomes 2 of 3', [v([1, 2, 3], 1, [1]), v([1, 2, 3], 2, [1, 2])], true],
  ['2 of 3 becomes 1 of 3', [v([1, 2, 3], 2, [1, 2]), v([1, 2, 3], 1, [1, 2]), v([1, 2, 3], 1, [1])], true],
  ['not signed with the old key', [v([1], 1, [1]), v([2], 1, [2, 3, 4])], false],
  ['not signed with the new key', [v([1], 1, [1]), v([2], 1, [1, 3, 4])], false],
  [
    '3 of 5, not signed with 3 new keys',
    [v([0, 1, 2, 3, 4], 3, [0, 2, 4]), v([0, 1, 3, 4, 5], 3, [0, 2, 4])],
    false,
  ],
  [
    '3 of 5, not signed with 3 old keys',
    [v([0, 1, 2, 3, 4], 3, [0, 2, 4]), v([0, 1, 3, 4, 5], 3, [0, 4, 5])],
    false,
  ],
  [
    '1 of 3 becomes 2 of 3, the new threshold is not reached',
    [v([1, 2, 3], 1, [1]), v([1, 2, 3], 2, [2])],
    false,
  ],
  [
    '2 of 3 becomes 1 of 3, the old threshold is not reached',
    [v([1, 2, 3], 2, [1, 2]), v([1, 2, 3], 1, [1])],
    false,
  ],
];

const numbered: readonly SigningKey[] = Array.from({ length: 10 }, newKey);
const pick = (numbers: readonly number[]): SigningKey[] =>
  numbers.flatMap((number) => numbered[number] ?? []);

for (const [name, versions, isGood] of rotations) {
  test(`key rotations: ${isGood ? 'a root is followed' : 'a root is refused'}: ${name}`, async () => {
    const made = createTestMetadata();
    made.role('root').signed.version = 0;
    made.files.clear();
    for (const { keys, threshold, signers } of versions) {
      made.setKeys('root', pick(keys), threshold);
      made.role('root').signers = pick(signers);
      made.publish('root');
    }
    made.publish('targets', 'snapshot', 'timestamp');
    const { store, refresh, refuse } = start(made);
    if (isGood) await refresh();
    else await refuse('METADATA_UNSIGNED');
    assert.equal(store.version('root'), isGood ? versions.length : versions.length - 1);
  });
}

const otherRotations: readonly [RootVersion, isGood: boolean][] = [
  [v([2], 1, [2]), true],
  [v([1], 1, [3, 1, 4]), true],
  [v([2], 1, [1, 3, 4]), false],
  [v([0, 1, 3, 4, 5], 3, [0, 2, 4]), false],
  [v([0, 1, 3, 4, 5], 3, [0, 4]), false],
  [v([0, 1, 2, 3, 4], 3, [0, 2, 4]), true],
  [v([0, 1, 2, 3, 4], 3, [1, 2, 3]), true],
];

for (const [{ keys, threshold, signers }, isGood] of otherRotations) {
  test(`key rotations: ${threshold} of ${keys.join()} signed by ${signers.join()} ${isGood ? 'is' : 'is not'} enough for timestamp, snapshot and targets`, async () => {
    for (const role of ['timestamp', 'snapshot', 'targets']) {
      const { made, store, refresh, refuse } = start();
      made.setKeys(role, pick(keys), threshold);
      made.role(role).signers = pick(signers);
      made.publish(...all);
      if (isGood) await refresh();
      else await refuse('METADATA_UNSIGNED');
      assert.equal(store.version(role), isGood ? 2 : undefined);
    }
  });
}

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly paths?: readonly string[];
  readonly terminating?: boolean;
}

const e = (from: string, to: string, more: Omit<Edge, 'from' | 'to'> = {}): Edge => ({ from, to, ...more });

const graphs: readonly [name: string, edges: readonly Edge[], visited: readonly string[]][] = [
  ['one', [e('targets', 'A')], ['A']],
  ['two side by side', [e('targets', 'A'), e('targets', 'B')], ['A', 'B']],
  ['two levels', [e('targets', 'A'), e('targets', 'B'), e('B', 'C')], ['A', 'B', 'C']],
  ['depth first', [e('targets', 'A'), e('targets', 'B'), e('A', 'C'), e('A', 'D')], ['A', 'C', 'D', 'B']],
  [
    'depth first, three levels',
    [e('targets', 'A'), e('targets', 'B'), e('A', 'C'), e('C', 'D')],
    ['A', 'C', 'D', 'B'],
  ],
  [
    'a terminating one ends it',
    [e('targets', 'A'), e('targets', 'B'), e('A', 'C', { terminating: true }), e('A', 'D')],
    ['A', 'C'],
  ],
  [
    'a terminating one and its own',
    [e('targets', 'A'), e('targets', 'B'), e('A', 'C', { terminating: true }), e('C', 'D')],
    ['A', 'C', 'D'],
  ],
  [
    'paths that do not match',
    [e('targets', 'A', { paths: ['*.py'] }), e('targets', 'B'), e('A', 'C')],
    ['B'],
  ],
  [
    'paths that do not match below',
    [e('targets', 'A'), e('targets', 'B'), e('A', 'C', { paths: ['*.py'] }), e('C', 'D')],
    ['A', 'B'],
  ],
  [
    'a circle',
    [e('targets', 'A'), e('targets', 'B'), e('B', 'C'), e('C', 'D'), e('D', 'B')],
    ['A', 'B', 'C', 'D'],
  ],
  ['two ways to one', [e('targets', 'A'), e('targets', 'B'), e('B', 'C'), e('A', 'C')], ['A', 'C', 'B']],
  [
    'two ways to one, of which one matches',
    [e('targets', 'A'), e('targets', 'B'), e('B', 'C'), e('A', 'C', { paths: ['*.py'] })],
    ['A', 'B', 'C'],
  ],
];

for (const [name, edges, visited] of graphs) {
  test(`delegation graphs: ${name}`, async () => {
    const { made, find } = start();
    for (const { from, to, ...options } of edges) made.delegate(from, to, options);
    made.publish(...new Set(edges.map(({ to }) => to)), 'targets', 'snapshot', 'timestamp');
    assert.deepEqual(await find('missingpath'), [undefined]);
    assert.deepEqual(
      made.requests.slice(4),
      visited.map((role) => `1.${role}.json`),
    );
  });
}

test('delegation graphs: a file is found where every role on the way is for its path', async () => {
  const cases: readonly [path: string, isFound: boolean, visited: readonly string[]][] = [
    ['targetfile', true, []],
    ['README.md', true, ['A']],
    ['releases/x/x_v1', true, ['B', 'C']],
    ['releases/y/y_v1.zip', true, ['B', 'D']],
    ['releases/z/z_v1.zip', false, ['B']],
    ['releases/README.md', false, []],
    ['foo-1.tgz', true, ['A']],
    ['foo-alpha.tgz', false, []],
    ['README.MD', false, []],
  ];
  for (const [path, isFound, visited] of cases) {
    const { made, find } = start();
    made.delegate('targets', 'A', { paths: ['*.doc', '*.md', 'foo-?.tgz'] });
    made.delegate('targets', 'B', { paths: ['releases/*/*'] });
    made.delegate('B', 'C', { paths: ['releases/x/*'] });
    made.delegate('B', 'D', { paths: ['releases/y/*.zip'] });
    made.addTarget('targets', 'targetfile', 'x');
    for (const name of ['README.md', 'releases/README.md', 'foo-1.tgz', 'foo-alpha.tgz'])
      made.addTarget('A', name, name);
    made.addTarget('C', 'releases/x/x_v1', 'x');
    made.addTarget('D', 'releases/y/y_v1.zip', 'y');
    made.addTarget('D', 'releases/z/z_v1.zip', 'z');
    made.publish('A', 'B', 'C', 'D', 'targets', 'snapshot', 'timestamp');
    assert.deepEqual(await find(path), [isFound ? path : undefined], path);
    assert.deepEqual(
      made.requests.slice(4),
      visited.map((role) => `1.${role}.json`),
      path,
    );
  }
});

test('delegation graphs: a role that was verified for one path is verified again for another', async () => {
  const { made, find } = start();
  made.delegate('targets', 'parent-a', { paths: ['team-a/*'] });
  made.delegate('targets', 'parent-b', { paths: ['team-b/*'] });
  const release = made.delegate('parent-a', 'release', { paths: ['team-a/*'] });
  made.delegate('parent-b', 'release', { paths: ['team-b/*'] });
  // By the key that parent-a names, and not by that of parent-b.
  release.signers.pop();
  made.addTarget('release', 'team-a/file', 'trusted');
  made.addTarget('release', 'team-b/file', 'malicious');
  made.publish('release', 'parent-a', 'parent-b', 'targets', 'snapshot', 'timestamp');
  assert.deepEqual(await find('team-a/file'), ['team-a/file']);
  await assert.rejects(find('team-a/file', 'team-b/file'), { code: 'METADATA_UNSIGNED' });
});

test('delegation graphs: a role that the snapshot does not list is not asked for', async () => {
  const { made, store, refresh, find } = start();
  made.delegate('targets', 'delegated');
  made.publish('delegated', 'targets');
  delete (made.role('snapshot').signed['meta'] as Json)['delegated.json'];
  made.publish('snapshot', 'timestamp');
  await refresh();
  made.requests.length = 0;
  await assert.rejects(find('path'), { code: 'METADATA_MISSING' });
  assert.deepEqual(made.requests, ['2.root.json', 'timestamp.json']);
  assert.equal(store.version('delegated'), undefined);
});

test('delegation graphs: a search ends after 32 roles', async () => {
  const { made, find } = start();
  const names = Array.from({ length: 40 }, (_, index) => `role-${index}`);
  for (const [index, name] of names.entries()) made.delegate(names[index - 1] ?? 'targets', name);
  made.addTarget('role-39', 'deep', 'x');
  made.publish(...names, 'targets', 'snapshot', 'timestamp');
  assert.deepEqual(await find('deep'), [undefined]);
  assert.equal(made.requests.length, 4 + 32);
});
