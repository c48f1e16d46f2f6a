import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParameters } from './command-parameters.ts';

const schema = {
  type: 'object',
  required: ['level'],
  additionalProperties: false,
  properties: {
    level: { anyOf: [{ const: 'info' }, { const: 'debug' }], default: 'debug' },
    forMinutes: { type: 'integer', minimum: 1, maximum: 1_440 },
    deep: { type: 'boolean' },
  },
};

test('parameters are read as the schema of the command means them', () => {
  assert.deepEqual(readParameters(['level=debug', 'forMinutes=30', 'deep=true'], schema), {
    level: 'debug',
    forMinutes: 30,
    deep: true,
  });
  assert.deepEqual(readParameters([], schema), {}, 'the server adds the defaults');
  assert.deepEqual(readParameters(['a=b=c'], undefined), { a: 'b=c' });
});

test('a parameter that the command does not have, or that means nothing, is refused in the words of the server', () => {
  const refused = [
    ['level', '--set takes name=value'],
    ['=x', '--set takes name=value'],
    ['level=loud', 'level is one of info, debug.'],
    ['size=3', 'size is not a parameter of this command; it has: level, forMinutes, deep.'],
    ['forMinutes=soon', 'forMinutes is a whole number from 1 to 1,440.'],
    ['forMinutes=', 'forMinutes is a whole number from 1 to 1,440.'],
    ['forMinutes=0', 'forMinutes is a whole number from 1 to 1,440.'],
    ['deep=yes', 'deep is true or false.'],
  ] as const;
  for (const [pair, words] of refused) {
    assert.throws(
      () => readParameters([pair], schema),
      (error: Error & { code?: string }) =>
        error.code === 'ARGUMENT_INVALID' && error.message.includes(words),
      words,
    );
  }
});
