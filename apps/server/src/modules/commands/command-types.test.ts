import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CommandDefinition, commandDefinitions } from '@holdfast/protocol';
import { Type } from 'typebox';
import { CommandTypes, defineOrder } from './command-types.ts';

const restart: CommandDefinition = {
  type: 'restart-service',
  title: 'Restart a service',
  description: 'Stops and starts a service.',
  lane: 'system',
  reach: 'disruptive',
  permission: 'commands:issue',
  defaultExpiryMs: 3_600_000,
  parameters: Type.Object(
    {
      service: Type.String({ title: 'Service', minLength: 1, maxLength: 100 }),
      waitSeconds: Type.Optional(Type.Integer({ title: 'Wait', minimum: 0, default: 5 })),
    },
    { additionalProperties: false },
  ),
  result: Type.Object({ took: Type.Integer() }),
};

function createTypes(): CommandTypes {
  const types = new CommandTypes();
  for (const definition of [...commandDefinitions, restart]) types.register(definition);
  return types;
}

function order(type: string, parameters: Record<string, unknown>) {
  return defineOrder(createTypes().get(type), parameters);
}

test('what can be ordered is listed with schemas that any program reads', () => {
  const listed = createTypes().list();
  assert.deepEqual(
    listed.map((one) => one.type),
    [...commandDefinitions.map((one) => one.type), 'restart-service'],
  );
  const { parametersSchema, resultSchema, lane, reach, permission } = listed.at(-1) ?? assert.fail();
  assert.deepEqual([lane, reach, permission], ['system', 'disruptive', 'commands:issue']);
  assert.deepEqual(parametersSchema, {
    type: 'object',
    properties: {
      service: { type: 'string', title: 'Service', minLength: 1, maxLength: 100 },
      waitSeconds: { type: 'integer', title: 'Wait', minimum: 0, default: 5 },
    },
    required: ['service'],
    additionalProperties: false,
  });
  assert.deepEqual(resultSchema, {
    type: 'object',
    properties: { took: { type: 'integer' } },
    required: ['took'],
  });
});

test('an unknown type and parameters that do not fit are refused, in words', () => {
  assert.throws(() => createTypes().get('format-disk'), { code: 'COMMAND_TYPE_UNKNOWN' });
  const refused = [
    ['restart-service', {}, 'service is missing.'],
    ['restart-service', { service: '' }, 'service is text of 1 to 100 characters.'],
    ['restart-service', { service: 7 }, 'service is text of 1 to 100 characters.'],
    ['restart-service', { service: 'x', more: 1 }, 'it has: service, waitSeconds.'],
    ['collect-inventory', { all: true }, 'all is not a parameter of this command; it has none.'],
    ['set-log-level', { level: 'trace' }, 'level is one of error, warn, info, debug.'],
    ['set-log-level', { level: 'info', forMinutes: 1_441 }, 'forMinutes is a whole number from 1 to 1,440.'],
    ['set-log-level', { level: 'info', forMinutes: 1.5 }, 'forMinutes is a whole number from 1 to 1,440.'],
  ] as const;
  for (const [type, parameters, words] of refused) {
    assert.throws(
      () => order(type, parameters),
      (error: Error & { code?: string }) =>
        error.code === 'COMMAND_PARAMETERS_INVALID' && error.message.endsWith(words),
      words,
    );
  }
});

test('what is absent gets its default', () => {
  assert.deepEqual(order('restart-service', { service: 'cron' }).parameters, {
    service: 'cron',
    waitSeconds: 5,
  });
  assert.deepEqual(order('restart-service', { service: 'cron', waitSeconds: 0 }).parameters, {
    service: 'cron',
    waitSeconds: 0,
  });
  assert.deepEqual(order('set-log-level', {}).parameters, { level: 'debug' });
});

test('parameters larger than a product takes are refused', () => {
  const types = new CommandTypes();
  types.register({ ...restart, parameters: Type.Object({ service: Type.String() }) });
  assert.throws(() => defineOrder(types.get('restart-service'), { service: 'x'.repeat(20_000) }), {
    code: 'COMMAND_PARAMETERS_INVALID',
  });
});

test('a type is registered once, in kebab-case, and with a permission that exists', () => {
  const types = createTypes();
  assert.throws(() => types.register(restart), TypeError);
  assert.throws(() => types.register({ ...restart, type: 'Restart Service' }), TypeError);
  const unknown = { ...restart, type: 'restart-another', permission: 'commands:everything' };
  assert.throws(() => types.register(unknown), /no permission commands:everything/u);
  const parameters = Type.Object({ service: Type.String({ pattern: '^[a-z]+$' }) });
  assert.throws(() => types.register({ ...restart, type: 'restart-third', parameters }), /checks "pattern"/u);
});

test('a command of a product of somebody else is passed on as it is, and nobody registers one', () => {
  const foreign = order('x-blink', { times: 3 });
  assert.deepEqual([foreign.definition.title, foreign.parameters], ['x-blink', { times: 3 }]);
  assert.throws(() => createTypes().get('x-Blink'), { code: 'COMMAND_TYPE_UNKNOWN' });
  assert.throws(() => order('x-blink', { text: 'x'.repeat(20_000) }), { code: 'COMMAND_PARAMETERS_INVALID' });
  assert.throws(() => createTypes().register({ ...restart, type: 'x-restart' }), TypeError);
});
