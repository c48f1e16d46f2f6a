import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parameterFieldsOf, readParameters } from './parameter-fields.ts';

const schema = {
  type: 'object',
  required: ['level'],
  properties: {
    level: { anyOf: [{ const: 'warn' }, { const: 'debug' }] },
    forMinutes: { type: 'integer', minimum: 1, maximum: 1_440 },
    odd: { type: 'array' },
  },
};
const fields = parameterFieldsOf(schema);

test('a form asks for what the schema of a command says', () => {
  assert.deepEqual(fields, [
    { kind: 'choice', name: 'level', isNeeded: true, choices: ['warn', 'debug'] },
    { kind: 'integer', name: 'forMinutes', isNeeded: false, min: 1, max: 1_440 },
  ]);
  assert.deepEqual(parameterFieldsOf({}), []);
});

test('nothing is sent while a needed parameter is missing or one is out of bounds', () => {
  assert.equal(readParameters(fields, {}), undefined);
  assert.equal(readParameters(fields, { level: 'trace' }), undefined);
  assert.equal(readParameters(fields, { level: 'debug', forMinutes: 0 }), undefined);
  assert.equal(readParameters(fields, { level: 'debug', forMinutes: 1.5 }), undefined);
});

test('an empty parameter that is not needed is left out', () => {
  assert.deepEqual(readParameters(fields, { level: 'debug', forMinutes: '' }), { level: 'debug' });
  assert.deepEqual(readParameters(fields, { level: 'warn', forMinutes: 30 }), {
    level: 'warn',
    forMinutes: 30,
  });
});
