import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Type } from 'typebox';
import { agentCommandTypes } from './agent-command-types.ts';
import { type CommandTypeDefinition, CommandTypes } from './command-types.ts';

const restart: CommandTypeDefinition = {
  type: 'restart-service',
  title: 'Restart a service',
  description: 'Stops and starts a service.',
  isDangerous: true,
  defaultExpiryMs: 3_600_000,
  parametersSchema: Type.Object(
    { service: Type.String({ minLength: 1, maxLength: 100 }) },
    { additionalProperties: false },
  ),
};

function createTypes(): CommandTypes {
  const types = new CommandTypes();
  for (const definition of agentCommandTypes) types.register(definition);
  types.register(restart);
  return types;
}

test('what can be ordered is listed with a schema of its parameters that any program reads', () => {
  const listed = createTypes().list();
  assert.deepEqual(
    listed.map((one) => one.type),
    [...agentCommandTypes.map((one) => one.type), 'restart-service'],
  );
  assert.deepEqual(listed.at(-1)?.parametersSchema, {
    type: 'object',
    properties: { service: { type: 'string', minLength: 1, maxLength: 100 } },
    required: ['service'],
    additionalProperties: false,
  });
});

test('an unknown type and parameters that do not fit are refused', () => {
  const types = createTypes();
  assert.throws(() => types.getFor('format-disk', {}), { code: 'COMMAND_TYPE_UNKNOWN' });
  for (const parameters of [{}, { service: '' }, { service: 7 }, { service: 'x', more: 1 }]) {
    assert.throws(() => types.getFor('restart-service', parameters), { code: 'COMMAND_PARAMETERS_INVALID' });
  }
  assert.throws(() => types.getFor('collect-inventory', { all: true }), {
    code: 'COMMAND_PARAMETERS_INVALID',
  });
  assert.equal(types.getFor('restart-service', { service: 'cron' }), restart);
});

test('parameters larger than a product takes are refused', () => {
  const types = new CommandTypes();
  types.register({ ...restart, parametersSchema: Type.Object({ service: Type.String() }) });
  assert.throws(() => types.getFor('restart-service', { service: 'x'.repeat(20_000) }), {
    code: 'COMMAND_PARAMETERS_INVALID',
  });
});

test('a type is registered once and in kebab-case', () => {
  const types = createTypes();
  assert.throws(() => types.register(restart), TypeError);
  assert.throws(() => types.register({ ...restart, type: 'Restart Service' }), TypeError);
});

test('a log level is one of the known ones, for a day at most', () => {
  const types = createTypes();
  for (const parameters of [{ level: 'debug' }, { level: 'error', forMinutes: 1_440 }]) {
    assert.equal(types.getFor('set-log-level', parameters).type, 'set-log-level');
  }
  const refused = [
    {},
    { level: 'trace' },
    { level: 'info', forMinutes: 0 },
    { level: 'info', forMinutes: 1_441 },
    { level: 'info', forMinutes: 1.5 },
  ];
  for (const parameters of refused) {
    assert.throws(() => types.getFor('set-log-level', parameters), { code: 'COMMAND_PARAMETERS_INVALID' });
  }
});

test('a command of a product of somebody else is passed on as it is, and nobody registers one', () => {
  const types = createTypes();
  assert.equal(types.getFor('x-blink', { times: 3 }).title, 'x-blink');
  assert.throws(() => types.getFor('x-Blink', {}), { code: 'COMMAND_TYPE_UNKNOWN' });
  assert.throws(() => types.getFor('x-blink', { text: 'x'.repeat(20_000) }), {
    code: 'COMMAND_PARAMETERS_INVALID',
  });
  assert.throws(() => types.register({ ...restart, type: 'x-restart' }), TypeError);
});
