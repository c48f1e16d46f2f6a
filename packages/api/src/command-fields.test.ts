import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canBeCalledOff, describeGiven, parameterFieldsOf } from './command-fields.ts';

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
      kind: 'duration',
      name: 'forMinutes',
      title: 'For',
      help: 'Then as before.',
      isNeeded: false,
      min: 1,
      max: 1_440,
      unitMs: 60_000,
      isDelay: false,
      first: undefined,
    },
    {
      kind: 'text',
      name: 'text',
      title: 'Text',
      help: undefined,
      isNeeded: true,
      isLong: true,
      first: undefined,
    },
    { kind: 'switch', name: 'isLoud', title: 'Is loud', help: undefined, isNeeded: false, first: undefined },
  ]);
  assert.deepEqual(parameterFieldsOf({}), []);
});

test('with what a command was given is said in the words and the order of its form, and what is not known as it is', () => {
  // The server keeps members in an order of its own.
  const given = { someThing: { a: 1 }, text: 'abc', level: 'debug', forMinutes: 1_440 };
  assert.deepEqual(
    describeGiven(fields, given, (durationMs) => `${durationMs} ms`).map(
      ({ title, text }) => `${title}: ${text}`,
    ),
    ['Level: Everything', 'For: 86400000 ms', 'Text: abc', 'Some thing: {"a":1}'],
  );
});

test('a command can be called off while its delay lasts, and not without one', () => {
  const delay = { type: 'integer', unit: 's', isDelay: true };
  const withDelay = (property: object) => parameterFieldsOf({ properties: { wait: property } });
  assert.equal(canBeCalledOff(withDelay(delay), { wait: 86_400 }), true);
  assert.equal(canBeCalledOff(withDelay(delay), { wait: 0 }), false);
  assert.equal(canBeCalledOff(withDelay(delay), {}), false);
  assert.equal(canBeCalledOff(withDelay({ ...delay, default: 60 }), {}), true);
  assert.equal(canBeCalledOff(withDelay({ ...delay, default: 60 }), { wait: 0 }), false);
  assert.equal(canBeCalledOff(fields, { level: 'debug', forMinutes: 30 }), false);
});
