import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParameters } from './command-parameters.ts';

const schema = {
  properties: {
    level: { anyOf: [{ const: 'debug' }] },
    forMinutes: { type: 'integer' },
    deep: { type: 'boolean' },
  },
};

test('parameters are read as the schema of the command means them', () => {
  assert.deepEqual(readParameters(['level=debug', 'forMinutes=30', 'deep=true'], schema), {
    level: 'debug',
    forMinutes: 30,
    deep: true,
  });
  assert.deepEqual(readParameters([], schema), {});
  assert.deepEqual(readParameters(['a=b=c'], undefined), { a: 'b=c' });
});

test('a parameter that the command does not have, or that means nothing, is refused', () => {
  for (const pair of ['level', '=x', 'size=3', 'forMinutes=soon', 'forMinutes=', 'deep=yes']) {
    assert.throws(() => readParameters([pair], schema), { code: 'ARGUMENT_INVALID' });
  }
});
