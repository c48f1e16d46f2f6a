import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printableTextPattern } from '@holdfast/kernel';
import { type TSchema, Type } from 'typebox';
import { Errors } from 'typebox/value';
import { describeSchema, findSchemaFaults } from './schema-words.ts';

const words: readonly (readonly [TSchema, string])[] = [
  [Type.Union([Type.Literal('error'), Type.Literal('warn')]), 'one of error, warn'],
  [Type.Enum(['a', 'b', 'c']), 'one of a, b, c'],
  [Type.Literal('only'), 'only'],
  [Type.Integer({ minimum: 1, maximum: 1_440 }), 'a whole number from 1 to 1,440'],
  [Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), 'a whole number of at least 0'],
  [Type.Integer({ maximum: 5 }), 'a whole number of at most 5'],
  [Type.Integer(), 'a whole number'],
  [Type.Number({ minimum: 0.5 }), 'a number of at least 0.5'],
  [Type.Boolean(), 'true or false'],
  [Type.String(), 'text'],
  [Type.String({ minLength: 1, maxLength: 2_000 }), 'text of 1 to 2,000 characters'],
  [Type.String({ maxLength: 500 }), 'text of at most 500 characters'],
  [Type.String({ minLength: 12 }), 'text of at least 12 characters'],
  [Type.String({ pattern: '^a' }), 'text of the expected form'],
  [
    Type.String({ pattern: '^a', description: 'UUID in lower case' }),
    'text of the expected form (UUID in lower case)',
  ],
  [Type.Union([Type.String({ maxLength: 5 }), Type.Null()]), 'text of at most 5 characters or null'],
  [
    Type.Array(Type.String(), { minItems: 1, maxItems: 50, uniqueItems: true }),
    'a list of 1 to 50 items, none of them twice',
  ],
  [Type.Object({}), 'an object'],
  [Type.Record(Type.String(), Type.Unknown(), { maxProperties: 32 }), 'an object of at most 32 members'],
  [Type.Unknown(), 'of the expected form'],
];

for (const [schema, expected] of words) {
  test(`a schema in words: ${expected}`, () => {
    assert.equal(describeSchema(schema), expected);
    // As another program reads it from the server.
    assert.equal(describeSchema(JSON.parse(JSON.stringify(schema))), expected);
  });
}

test('a name in words says what it has to show', () => {
  const name = Type.String({ minLength: 1, maxLength: 128, pattern: printableTextPattern });
  assert.match(describeSchema(name), /^text of 1 to 128 characters with at least one visible character/u);
});

const order = Type.Object(
  {
    level: Type.Union([Type.Literal('warn'), Type.Literal('debug')]),
    targets: Type.Union([
      Type.Object({ ids: Type.Array(Type.Integer()) }, { additionalProperties: false }),
      Type.Object({ filter: Type.Object({ group: Type.String() }) }, { additionalProperties: false }),
    ]),
    labels: Type.Optional(Type.Record(Type.String(), Type.Integer())),
  },
  { additionalProperties: false },
);

function faultsOf(value: unknown): string[] {
  return findSchemaFaults(order, Errors(order, value)).map((fault) =>
    [fault.path.join('.'), fault.kind === 'unfit' ? fault.expected : fault.kind].join(': '),
  );
}

test('each place that does not fit is named once, with what it has to be', () => {
  const targets = { ids: [1] };
  assert.deepEqual(faultsOf({ level: 'debug', targets }), []);
  assert.deepEqual(faultsOf({ level: 'loud', targets }), ['level: one of warn, debug']);
  assert.deepEqual(faultsOf({ targets }), ['level: missing']);
  assert.deepEqual(faultsOf({ level: 'warn', targets, colour: 'red' }), ['colour: unknown']);
  assert.deepEqual(faultsOf({ level: 'warn', targets, labels: { size: 'x' } }), [
    'labels.size: a whole number',
  ]);
});

test('of a choice between objects, what is wrong inside is named and not the choice', () => {
  assert.deepEqual(faultsOf({ level: 'warn', targets: {} }), [
    'targets.ids: missing',
    'targets.filter: missing',
  ]);
  assert.ok(faultsOf({ level: 'warn', targets: { ids: ['x'] } }).includes('targets.ids.0: a whole number'));
  assert.deepEqual(faultsOf({ level: 'warn', targets: 5 }), ['targets: an object']);
});
