import { type CommandType, type Permission, permissions } from '@holdfast/api';
import {
  assertParameterSchema,
  type CommandDefinition,
  type CommandParameters,
  completeParameters,
  describeParameterFaults,
  limits,
} from '@holdfast/protocol';
import { Type } from 'typebox';
import { CommandError } from './commands.errors.ts';

/** Something that can be ordered from products, with a permission that this server knows. */
export type CommandTypeDefinition = CommandDefinition & { readonly permission: Permission };

/** An order that fits its definition. */
export interface DefinedOrder {
  readonly definition: CommandTypeDefinition;
  /** With the defaults of those that were absent. */
  readonly parameters: CommandParameters;
}

const TYPE = /^[a-z][a-z0-9-]{0,63}$/;
/** Command types of third-party products begin with this: the server passes them on and knows nothing of them. */
const FOREIGN_PREFIX = 'x-';
const DAY_MS = 86_400_000;

/** A command that only its product understands; a product that does not name it in its capabilities never gets it. */
function createForeignType(type: string): CommandTypeDefinition {
  return {
    type,
    title: type,
    description: 'A command of a product of somebody else.',
    parameters: Type.Object({}),
    result: Type.Object({}),
    lane: 'quick',
    // Nobody here knows what it does.
    reach: 'disruptive',
    permission: 'commands:issue',
    defaultExpiryMs: DAY_MS,
  };
}

/** Every command type of this server. Modules register theirs while the server is put together. */
export class CommandTypes {
  readonly #types = new Map<string, CommandTypeDefinition>();

  /** @throws TypeError for a name that is taken or has another form, a permission that does not exist, and parameters that nobody checks */
  register(definition: CommandDefinition): void {
    const { type } = definition;
    if (!TYPE.test(type)) throw new TypeError(`Command type ${type}: expected kebab-case`);
    if (type.startsWith(FOREIGN_PREFIX))
      throw new TypeError(`Command type ${type}: the prefix is kept for products of others`);
    if (this.#types.has(type)) throw new TypeError(`Command type ${type} is registered already`);
    assertParameterSchema(definition.parameters);
    const permission = permissions.find((known) => known === definition.permission);
    if (permission === undefined)
      throw new TypeError(`Command type ${type}: there is no permission ${definition.permission}`);
    this.#types.set(type, { ...definition, permission });
  }

  list(): CommandType[] {
    return [...this.#types.values()].map(({ parameters, result, ...rest }) => ({
      ...rest,
      parametersSchema: toJsonSchema(parameters),
      resultSchema: toJsonSchema(result),
    }));
  }

  /** What is known of a type, even one that this server no longer issues. */
  find(type: string): CommandTypeDefinition | undefined {
    const isForeign = type.startsWith(FOREIGN_PREFIX) && TYPE.test(type);
    return isForeign ? createForeignType(type) : this.#types.get(type);
  }

  /** @throws CommandError COMMAND_TYPE_UNKNOWN */
  get(type: string): CommandTypeDefinition {
    const definition = this.find(type);
    if (definition !== undefined) return definition;
    throw new CommandError('COMMAND_TYPE_UNKNOWN', 'This server does not know such a command.', {
      facts: { known: [...this.#types.keys()] },
      remedy: 'Choose one of the known types: `holdfast commands types` lists them.',
    });
  }
}

/** @throws CommandError COMMAND_PARAMETERS_INVALID */
export function defineOrder(definition: CommandTypeDefinition, given: CommandParameters): DefinedOrder {
  const parameters = completeParameters(definition.parameters, given);
  const faults = describeParameterFaults(definition.parameters, parameters);
  if (faults.length > 0) {
    throw new CommandError(
      'COMMAND_PARAMETERS_INVALID',
      `The parameters do not fit the command: ${faults.join('; ')}.`,
      { remedy: `\`holdfast commands types ${definition.type}\` lists what it takes.` },
    );
  }
  if (Buffer.byteLength(JSON.stringify(parameters)) > limits.maxCommandParametersBytes) {
    throw new CommandError('COMMAND_PARAMETERS_INVALID', 'The parameters of the command are too large.');
  }
  return { definition, parameters };
}

/** A plain JSON Schema, without what the schema library keeps beside it. */
function toJsonSchema(schema: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
}
