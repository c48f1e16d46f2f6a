import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterFieldsOf } from '@holdfast/api';
import { firstValuesOf, type ParameterValues, readForm } from './parameter-values.ts';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['level', 'text', 'isLoud'],
  properties: {
    level: { default: 'debug', anyOf: [{ const: 'warn' }, { const: 'debug', title: 'Everything' }] },
    forMinutes: { type: 'integer', unit: 'min', minimum: 1, maximum: 1_440 },
    text: { type: 'string', minLength: 2, maxLength: 5 },
    isLoud: { type: 'boolean' },
    isSlow: { type: 'boolean' },
  },
};
const fields = parameterFieldsOf(schema);
const good: ParameterValues = { level: 'debug', text: 'abc' };

function read(values: ParameterValues) {
  return readForm(schema, fields, values);
}

test('a form begins with what a former command was given, as far as that still fits', () => {
  assert.deepEqual(
    firstValuesOf(schema, fields, { level: 'warn', forMinutes: 30, text: 'abc', isLoud: true, gone: 1 }),
    { level: 'warn', forMinutes: 30, text: 'abc', isLoud: true, isSlow: undefined },
  );
  assert.deepEqual(firstValuesOf(schema, fields, { level: 'trace', forMinutes: 0, text: ['abc'] }), {
    level: 'debug',
    forMinutes: undefined,
    text: undefined,
    isLoud: undefined,
    isSlow: undefined,
  });
  assert.equal(firstValuesOf(schema, fields)['level'], 'debug');
});

test('nothing is sent while a needed parameter is missing or one does not fit, and that says what it has to be', () => {
  const cases = [
    [{ level: undefined }, []],
    [{ text: '' }, []],
    [{ level: 'trace' }, [['level', 'one of warn, debug']]],
    [{ text: 'a' }, [['text', 'text of 2 to 5 characters']]],
    [{ text: 'abcdef' }, [['text', 'text of 2 to 5 characters']]],
    [{ forMinutes: 0 }, [['forMinutes', 'a whole number from 1 to 1,440']]],
    [{ forMinutes: 1.5 }, [['forMinutes', 'a whole number from 1 to 1,440']]],
  ] as const;
  for (const [wrong, expected] of cases) {
    const form = read({ ...good, ...wrong });
    assert.equal(form.isReady, false, JSON.stringify(wrong));
    assert.deepEqual([...form.expected], expected);
  }
});

test('characters are counted as the server counts them', () => {
  assert.equal(read({ ...good, text: '🔧🔧🔧🔧🔧' }).isReady, true);
  assert.equal(read({ ...good, text: '🔧🔧🔧🔧🔧🔧' }).isReady, false);
});

test('an empty parameter that is not needed is left out, and a switch that nobody touched is off where it is needed', () => {
  const { isReady, parameters } = read({ ...good, forMinutes: '' });
  assert.deepEqual([isReady, parameters], [true, { ...good, isLoud: false }]);
  const full = { ...good, forMinutes: 30, isLoud: true, isSlow: false };
  assert.deepEqual(read(full).parameters, full);
});
