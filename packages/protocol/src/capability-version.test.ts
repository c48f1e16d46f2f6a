import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { omitNewer, since } from './capability-version.ts';

const schema = Type.Object({
  old: Type.Integer(),
  newer: Type.Optional(Type.Integer(since(3))),
  inner: Type.Optional(Type.Object({ deep: Type.Optional(Type.String(since(2, { maxLength: 5 }))) })),
  list: Type.Optional(Type.Array(Type.Object({ late: Type.Optional(Type.Boolean(since(3))) }))),
});
const value = { old: 1, newer: 2, inner: { deep: 'a' }, list: [{ late: true }, {}], unknown: { any: 1 } };

for (const [version, expected] of [
  [1, { old: 1, inner: {}, list: [{}, {}], unknown: { any: 1 } }],
  [2, { old: 1, inner: { deep: 'a' }, list: [{}, {}], unknown: { any: 1 } }],
  [3, value],
  [9, value],
] as const) {
  test(`a peer of version ${version} gets the members that it knows`, () => {
    assert.deepEqual(omitNewer(schema, value, version), expected);
  });
}

test('a value that does not fit its schema is left as it is', () => {
  for (const wrong of [undefined, null, 5, 'text', [1], { inner: 'text', list: {} }])
    assert.deepEqual(omitNewer(schema, wrong, 1), wrong);
});
