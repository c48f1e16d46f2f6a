import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TSchema, Type } from 'typebox';
import { Check } from 'typebox/value';
import { commandCatalogue, commandDefinitions } from './command-catalogue.ts';
import {
  assertParameterSchema,
  completeParameters,
  describeParameterFaults,
  findParameterFaults,
} from './command-parameters.ts';

const { setLogLevel, showMessage, shutDownComputer, collectInventory } = commandCatalogue;

test('what is wrong with parameters is said in words', () => {
  const cases = [
    [setLogLevel, { level: 'loud' }, ['level is one of error, warn, info, debug']],
    [setLogLevel, { level: 'info', forMinutes: 0 }, ['forMinutes is a whole number from 1 to 1,440']],
    [setLogLevel, { level: 'info', forMinutes: '5' }, ['forMinutes is a whole number from 1 to 1,440']],
    [showMessage, { text: 'Hello.' }, ['title is missing']],
    [showMessage, { title: '', text: 'Hello.' }, ['title is text of 1 to 100 characters']],
    [
      shutDownComputer,
      { colour: 'red' },
      ['colour is not a parameter of this command; it has: delaySeconds, message'],
    ],
    [collectInventory, { all: true }, ['all is not a parameter of this command; it has none']],
    [showMessage, {}, ['title is missing', 'text is missing']],
    [setLogLevel, { level: 'debug', forMinutes: 30 }, []],
  ] as const;
  for (const [{ parameters }, given, sentences] of cases) {
    assert.deepEqual(describeParameterFaults(parameters, given), sentences);
    // As another program reads the schema from the server.
    assert.deepEqual(describeParameterFaults(JSON.parse(JSON.stringify(parameters)), given), sentences);
  }
});

test('no sentence is in the words of the schema library, whatever is given', () => {
  const odd = [null, 5, 'text', [], { level: null }, { title: 5, text: [] }, { delaySeconds: {} }];
  for (const { type, parameters } of commandDefinitions) {
    for (const given of odd) {
      for (const sentence of describeParameterFaults(parameters, given))
        assert.doesNotMatch(sentence, /\bmust\b|constant|schema|undefined|\[object/u, type);
    }
  }
});

test('what is absent gets its default, and what is given stays', () => {
  const { parameters } = shutDownComputer;
  assert.deepEqual(completeParameters(parameters, {}), { delaySeconds: 60 });
  assert.deepEqual(completeParameters(parameters, { delaySeconds: 0, message: 'Power.' }), {
    delaySeconds: 0,
    message: 'Power.',
  });
  assert.deepEqual(completeParameters(setLogLevel.parameters, {}), { level: 'debug' });
  assert.deepEqual(completeParameters(collectInventory.parameters, { all: true }), { all: true });
});

const shapes = Type.Object(
  {
    word: Type.String({ minLength: 2, maxLength: 4 }),
    free: Type.Optional(Type.String()),
    whole: Type.Optional(Type.Integer({ minimum: -1, maximum: 3 })),
    part: Type.Optional(Type.Number({ minimum: 0.5 })),
    isOn: Type.Optional(Type.Boolean()),
    one: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal(2)])),
    some: Type.Optional(Type.Union([Type.String({ maxLength: 1 }), Type.Integer()])),
    listed: Type.Optional(Type.Enum(['x', 'y'])),
  },
  { additionalProperties: false },
);

/** Values near the bounds of those above, and such as nobody expects. */
const anyValue = fc.oneof(
  fc.constantFrom('a', 'x', 'ab', 'abcd', 'abcde', '🔧🔧🔧🔧', '🔧', '', -2, -1, 0, 0.5, 0.4, 2, 3, 4, 1e300),
  fc.constantFrom(null, true, false, [], {}, Number.NaN, Number.POSITIVE_INFINITY),
  fc.anything(),
);

test('parameters fit exactly where the schema library says so', () => {
  const names = [...Object.keys(shapes.properties), 'more', 'constructor', '__proto__'];
  for (const schema of [shapes, Type.Object({ word: Type.String() })]) {
    assertParameterSchema(schema);
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(fc.constantFrom(...names), anyValue), anyValue), (given) => {
        assert.equal(findParameterFaults(schema, given).length === 0, Check(schema, given));
      }),
      { numRuns: 2_000 },
    );
  }
});

test('a schema that says more than is checked is refused', () => {
  const property = (schema: TSchema) => Type.Object({ a: schema });
  const refused: readonly TSchema[] = [
    Type.String(),
    property(Type.String({ pattern: '^a' })),
    property(Type.String({ format: 'uuid' })),
    property(Type.Integer({ multipleOf: 5 })),
    property(Type.Integer({ exclusiveMinimum: 5 })),
    property(Type.Array(Type.String())),
    property(Type.Object({})),
    property(Type.Union([Type.String(), Type.Array(Type.String())])),
    Type.Object({}, { minProperties: 1 }),
    Type.Object({}, { additionalProperties: Type.String() }),
  ];
  for (const schema of refused)
    assert.throws(() => assertParameterSchema(schema), TypeError, JSON.stringify(schema));
  for (const { parameters } of commandDefinitions) assertParameterSchema(parameters);
});
