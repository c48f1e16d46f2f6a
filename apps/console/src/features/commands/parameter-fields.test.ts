import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstValuesOf, parameterFieldsOf, parameterLinesOf, readParameters } from './parameter-fields.ts';

const schema = {
  type: 'object',
  required: ['level', 'text'],
  properties: {
    level: {
      title: 'Level',
      default: 'debug',
      anyOf: [{ const: 'warn' }, { const: 'debug', title: 'Everything' }],
    },
    forMinutes: {
      type: 'integer',
      title: 'For',
      description: 'Then as before.',
      unit: 'min',
      minimum: 1,
      maximum: 1_440,
    },
    text: { type: 'string', title: 'Text', minLength: 2, maxLength: 5, isLong: true },
    isLoud: { type: 'boolean' },
    odd: { type: 'array' },
  },
};
const fields = parameterFieldsOf(schema);

test('a form asks for what the schema of a command says, in its words', () => {
  assert.deepEqual(fields, [
    {
      kind: 'choice',
      name: 'level',
      title: 'Level',
      help: undefined,
      isNeeded: true,
      choices: [
        { value: 'warn', label: 'warn' },
        { value: 'debug', label: 'Everything' },
      ],
      first: 'debug',
    },
    {
      kind: 'integer',
      name: 'forMinutes',
      title: 'For',
      help: 'Then as before.',
      isNeeded: false,
      min: 1,
      max: 1_440,
      unit: 'min',
      first: undefined,
    },
    {
      kind: 'text',
      name: 'text',
      title: 'Text',
      help: undefined,
      isNeeded: true,
      minLength: 2,
      maxLength: 5,
      isLong: true,
      first: undefined,
    },
    { kind: 'switch', name: 'isLoud', title: 'Is loud', help: undefined, isNeeded: false, first: undefined },
  ]);
  assert.deepEqual(parameterFieldsOf({}), []);
  assert.equal(firstValuesOf(fields)['level'], 'debug');
});

test('nothing is sent while a needed parameter is missing or one is out of bounds', () => {
  const good = { level: 'debug', text: 'abc' };
  for (const wrong of [
    { level: undefined },
    { level: 'trace' },
    { text: '' },
    { text: 'a' },
    { text: 'abcdef' },
    { forMinutes: 0 },
    { forMinutes: 1.5 },
  ])
    assert.equal(readParameters(fields, { ...good, ...wrong }), undefined, JSON.stringify(wrong));
});

test('an empty parameter that is not needed is left out', () => {
  const good = { level: 'debug', text: 'abc' };
  assert.deepEqual(readParameters(fields, { ...good, forMinutes: '' }), good);
  assert.deepEqual(readParameters(fields, { ...good, forMinutes: 30, isLoud: true }), {
    ...good,
    forMinutes: 30,
    isLoud: true,
  });
});

test('with what a command was given is said in the words of its form, and what is not known as it is', () => {
  const given = { level: 'debug', forMinutes: 30, text: 'abc', someThing: { a: 1 } };
  assert.deepEqual(parameterLinesOf(fields, given), [
    'Level: Everything',
    'For: 30 min',
    'Text: abc',
    'Some thing: {"a":1}',
  ]);
});
