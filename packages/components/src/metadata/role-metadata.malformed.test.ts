import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ComponentError } from '../component.errors.ts';
import { createTestMetadata } from '../testing/test-metadata.ts';
import { testTimeMs } from '../testing/test-repository.ts';
import type { JsonObject } from './json.ts';
import { readRoot, readSnapshot, readTargets, readTimestamp } from './role-metadata.ts';
import { parseSignedMetadata } from './signed-metadata.ts';
import { trustRoot, updateSnapshot, updateTargets, updateTimestamp } from './trusted-metadata.ts';

const isUnreadable = { code: 'METADATA_UNREADABLE' };
const common = { spec_version: '1.0.31', version: 1, expires: '2027-01-01T00:00:00Z' };
const keys = { a: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: 'ab' } } };
const role = { keyids: ['a'], threshold: 1 };
const root = {
  ...common,
  _type: 'root',
  consistent_snapshot: true,
  keys,
  roles: { root: role, timestamp: role, snapshot: role, targets: role },
};
const timestamp = { ...common, _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } };
const snapshot = { ...common, _type: 'snapshot', meta: { 'targets.json': { version: 1 } } };
const file = { length: 1, hashes: { sha256: 'ab'.repeat(32) } };
const delegation = { name: 'a', ...role, terminating: true, paths: ['*'] };
const targets = {
  ...common,
  _type: 'targets',
  targets: { x: file },
  delegations: { keys, roles: [delegation] },
};

const many = (count: number, one: (index: number) => unknown) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, one(index)]));

const refusals: readonly [read: (signed: JsonObject) => unknown, good: object, bad: readonly object[]][] = [
  [
    readRoot,
    root,
    [
      { _type: 'Root' },
      { spec_version: '2.0.0' },
      { spec_version: 1 },
      { version: 0 },
      { version: '1' },
      { expires: undefined },
      { expires: 'not-a-date' },
      { expires: '2027-02-30T00:00:00Z' },
      { expires: '2027-01-01T00:00:00' },
      { expires: '2027-01-01T00:00:00+01:00' },
      { expires: '2027-01-01T24:00:00Z' },
      { expires: 1_800_000_000 },
      { consistent_snapshot: 'true' },
      { keys: [] },
      { keys: many(129, () => keys.a) },
      { keys: { ['x'.repeat(513)]: keys.a } },
      { keys: { '': keys.a } },
      { keys: { a: 'ab' } },
      { roles: {} },
      { roles: { ...root.roles, timestamp: undefined } },
      { roles: { ...root.roles, root: { keyids: ['a'], threshold: 0 } } },
      { roles: { ...root.roles, root: { keyids: ['a'], threshold: '1' } } },
      { roles: { ...root.roles, root: { keyids: ['a', 'a'], threshold: 1 } } },
      { roles: { ...root.roles, root: { keyids: [1], threshold: 1 } } },
      {
        roles: {
          ...root.roles,
          root: { keyids: Array.from({ length: 65 }, (_, index) => `${index}`), threshold: 1 },
        },
      },
    ],
  ],
  [
    readTimestamp,
    timestamp,
    [
      { meta: {} },
      { meta: { 'targets.json': { version: 1 } } },
      { meta: { 'snapshot.json': { version: 1 }, 'other.json': { version: 1 } } },
      { meta: { 'snapshot.json': { version: 0 } } },
      { meta: { 'snapshot.json': { version: 1, length: 0 } } },
      { meta: { 'snapshot.json': { version: 1, hashes: {} } } },
      { meta: { 'snapshot.json': { version: 1, hashes: { md5: 'ab' } } } },
      { meta: { 'snapshot.json': { version: 1, hashes: { sha256: 'AB'.repeat(32) } } } },
      { meta: { 'snapshot.json': { version: 1, hashes: { sha256: 'ab'.repeat(31) } } } },
    ],
  ],
  [
    readSnapshot,
    snapshot,
    [
      { meta: { 'other.json': { version: 1 } } },
      { meta: { targets: { version: 1 } } },
      { meta: { ...snapshot.meta, ...many(4096, () => ({ version: 1 })) } },
    ],
  ],
  [
    readTargets,
    targets,
    [
      { targets: undefined },
      { targets: { x: { ...file, length: -1 } } },
      { targets: { x: { length: 1 } } },
      { targets: { x: { ...file, hashes: { sha256: 7 } } } },
      { delegations: [] },
      { delegations: { roles: [delegation] } },
      { delegations: { keys, roles: [{ ...delegation, name: 'targets' }] } },
      { delegations: { keys, roles: [delegation, delegation] } },
      { delegations: { keys, roles: [{ ...delegation, terminating: 1 }] } },
      { delegations: { keys, roles: [{ ...delegation, paths: undefined }] } },
      { delegations: { keys, roles: [{ ...delegation, path_hash_prefixes: ['ab'] }] } },
      {
        delegations: {
          keys,
          roles: [{ ...delegation, paths: Array.from({ length: 257 }, (_, index) => `${index}`) }],
        },
      },
      {
        delegations: {
          keys,
          roles: Array.from({ length: 129 }, (_, index) => ({ ...delegation, name: `${index}` })),
        },
      },
      { delegations: { keys, roles: ['a'] } },
    ],
  ],
];

test('what is not as it must be is refused, and what it was made from is read', () => {
  for (const [read, good, bad] of refusals) {
    assert.ok(read(good as JsonObject));
    for (const change of bad)
      assert.throws(
        () => read({ ...good, ...change } as JsonObject),
        isUnreadable,
        JSON.stringify(change).slice(0, 200),
      );
  }
});

test('a file whose hash nobody knows does not hinder the others', () => {
  const read = readTargets({
    ...targets,
    targets: { x: file, y: { length: 1, hashes: { blake3: 'ab' } } },
  } as unknown as JsonObject);
  assert.deepEqual(
    [...read.targets.values()].map(({ path, hashes }) => [path, Object.keys(hashes)]),
    [
      ['x', ['sha256']],
      ['y', []],
    ],
  );
});

test('an envelope is refused that is none, or that one key has signed twice', () => {
  const signature = { keyid: 'a', sig: 'ab' };
  const good = { signed: timestamp, signatures: [signature] };
  const parse = (value: unknown) => parseSignedMetadata(Buffer.from(JSON.stringify(value)), 1_000_000);
  assert.equal(parse(good).signatures.size, 1);
  // A place that is kept free for a signature, and one that is no hexadecimal, are none.
  for (const sig of ['', 'xy', 'abc'])
    assert.equal(parse({ ...good, signatures: [{ keyid: 'a', sig }] }).signatures.get('a')?.length, 0);
  const bad = [
    [],
    { ...good, signed: [] },
    { ...good, signatures: {} },
    { ...good, signatures: [signature, signature] },
    { ...good, signatures: ['ab'] },
    { ...good, signatures: [{ keyid: 1, sig: '' }] },
    { ...good, signatures: [{ keyid: 'a', sig: 'a'.repeat(4097) }] },
    { ...good, signatures: Array.from({ length: 129 }, (_, index) => ({ keyid: `${index}`, sig: '' })) },
  ];
  for (const value of bad) assert.throws(() => parse(value), isUnreadable);
  assert.throws(() => parseSignedMetadata(new Uint8Array(11), 10), { code: 'METADATA_TOO_LARGE' });
});

test('no byte of signed metadata can be changed, and none left out, without a refusal by code', () => {
  const made = createTestMetadata();
  made.hasHashes = false;
  const bytesOf = (path: string) => made.files.get(`metadata/${path}`) ?? new Uint8Array();
  const first = trustRoot(bytesOf('1.root.json'));
  const second = updateTimestamp(first, bytesOf('timestamp.json'), testTimeMs);
  const third = updateSnapshot(second, bytesOf('1.snapshot.json'), testTimeMs);
  const steps: readonly [Uint8Array, (bytes: Uint8Array) => unknown][] = [
    [bytesOf('1.root.json'), (bytes) => trustRoot(bytes)],
    [bytesOf('timestamp.json'), (bytes) => updateTimestamp(first, bytes, testTimeMs)],
    [bytesOf('1.snapshot.json'), (bytes) => updateSnapshot(second, bytes, testTimeMs)],
    [bytesOf('1.targets.json'), (bytes) => updateTargets(third, bytes, testTimeMs)],
  ];
  for (const [bytes, take] of steps) {
    const original = JSON.stringify(JSON.parse(Buffer.from(bytes).toString()));
    const check = (changed: Uint8Array): void => {
      try {
        take(changed);
      } catch (error) {
        assert.ok(error instanceof ComponentError, String(error));
        return;
      }
      // What passes says the same: capitals in the hexadecimal of a signature, or in its place another blank.
      const { signed } = JSON.parse(Buffer.from(changed).toString()) as { signed: unknown };
      assert.deepEqual(signed, (JSON.parse(original) as { signed: unknown }).signed);
    };
    for (let length = 0; length < bytes.length; length += 1) check(bytes.subarray(0, length));
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const changed = Uint8Array.from(bytes);
        changed[place] = (changed[place] ?? 0) ^ change;
        check(changed);
      }),
      { numRuns: 500 },
    );
  }
});
