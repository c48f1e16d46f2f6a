import type { CommandType } from '@holdfast/api';
import { limits } from '@holdfast/protocol';
import { type TObject, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { CommandError } from './commands.errors.ts';

/** Something that can be ordered from products. */
export interface CommandTypeDefinition {
  /** Kebab-case; what products name in their capabilities. Never changes once released. */
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly parametersSchema: TObject;
  /** Asked twice before: it interrupts, removes or cannot be undone. */
  readonly isDangerous: boolean;
  readonly defaultExpiryMs: number;
}

interface KnownType {
  readonly definition: CommandTypeDefinition;
  readonly isValid: (parameters: unknown) => boolean;
  readonly describeFault: (parameters: unknown) => string;
}

const TYPE = /^[a-z][a-z0-9-]{0,63}$/;
/** Commands of products of somebody else begin so: this server passes them on and knows nothing of them. */
const FOREIGN_PREFIX = 'x-';
const DAY_MS = 86_400_000;

/** A command that only its product understands; whoever does not name it in its capabilities is not given it. */
function createForeignType(type: string): KnownType {
  return {
    definition: {
      type,
      title: type,
      description: 'A command of a product of somebody else.',
      parametersSchema: Type.Object({}),
      isDangerous: false,
      defaultExpiryMs: DAY_MS,
    },
    isValid: () => true,
    describeFault: () => '',
  };
}

/** Every command type of this server. Modules register theirs while the server is put together. */
export class CommandTypes {
  readonly #types = new Map<string, KnownType>();

  /** @throws TypeError for a name that is taken or has another form */
  register(definition: CommandTypeDefinition): void {
    if (!TYPE.test(definition.type))
      throw new TypeError(`Command type ${definition.type}: expected kebab-case`);
    if (definition.type.startsWith(FOREIGN_PREFIX))
      throw new TypeError(`Command type ${definition.type}: the prefix is kept for products of others`);
    if (this.#types.has(definition.type))
      throw new TypeError(`Command type ${definition.type} is registered already`);
    const compiled = Compile(definition.parametersSchema);
    this.#types.set(definition.type, {
      definition,
      isValid: (parameters) => compiled.Check(parameters),
      describeFault: (parameters) => {
        const [error] = compiled.Errors(parameters);
        return error === undefined
          ? ''
          : `${error.instancePath.slice(1).replaceAll('/', '.')} ${error.message}`.trim();
      },
    });
  }

  list(): CommandType[] {
    return [...this.#types.values()].map(({ definition: { parametersSchema, ...rest } }) => ({
      ...rest,
      // A JSON Schema and nothing else: what the schema library keeps beside it does not travel.
      parametersSchema: JSON.parse(JSON.stringify(parametersSchema)) as Record<string, unknown>,
    }));
  }

  /** @throws CommandError COMMAND_TYPE_UNKNOWN, COMMAND_PARAMETERS_INVALID */
  getFor(type: string, parameters: Readonly<Record<string, unknown>>): CommandTypeDefinition {
    const isForeign = type.startsWith(FOREIGN_PREFIX) && TYPE.test(type);
    const known = isForeign ? createForeignType(type) : this.#types.get(type);
    if (known === undefined) {
      throw new CommandError('COMMAND_TYPE_UNKNOWN', 'This server does not know such a command.', {
        facts: { known: [...this.#types.keys()] },
        remedy: 'Choose one of the known types: `holdfast commands types` lists them.',
      });
    }
    if (!known.isValid(parameters)) {
      const fault = known.describeFault(parameters);
      throw new CommandError(
        'COMMAND_PARAMETERS_INVALID',
        `The parameters do not fit the command: ${fault}`,
        {
          remedy: 'See parametersSchema of the command type.',
        },
      );
    }
    if (Buffer.byteLength(JSON.stringify(parameters)) > limits.maxCommandParametersBytes) {
      throw new CommandError('COMMAND_PARAMETERS_INVALID', 'The parameters of the command are too large.');
    }
    return known.definition;
  }
}
