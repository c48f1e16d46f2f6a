import { type CommandType, listCommandTypes } from '@holdfast/api';
import { describeSchema } from '@holdfast/protocol';
import { CliError } from '../cli.errors.ts';
import type { CommandTools } from '../command-tools.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts, formatTable } from '../output/table.ts';

/** What can be ordered, or what one of them takes. */
export async function listTypes(
  { client, printer }: CommandTools,
  _options: Record<string, unknown>,
  [name]: readonly string[],
): Promise<void> {
  const { types } = await (await client()).call(listCommandTypes, {});
  if (name === undefined) {
    printer.result(types, () =>
      formatTable(
        [
          { title: 'type', value: (row) => row.type },
          { title: 'reach', value: (row) => row.reach },
          { title: 'what it does', value: (row) => row.description },
        ],
        types,
      ),
    );
    return;
  }
  const type = types.find((known) => known.type === name);
  if (type === undefined) {
    throw new CliError('ARGUMENT_INVALID', `The server knows no command "${name}".`, {
      remedy: '`holdfast commands types` lists what it knows.',
    });
  }
  printer.result(type, () => formatType(type));
}

function formatType(type: CommandType): string {
  const facts = formatFacts([
    ['type', type.type],
    ['title', type.title],
    ['does', type.description],
    ['reach', type.reach],
    ['lane', type.lane],
    ['permission', type.permission],
    ['expires', `after ${formatDuration(type.defaultExpiryMs)}, unless --expires says otherwise`],
  ]);
  const parameters = parametersOf(type.parametersSchema);
  if (parameters.length === 0) return `${facts}It takes no parameters.\n`;
  return `${facts}\n${formatTable(
    [
      { title: 'parameter', value: (row) => row.name },
      { title: 'is', value: (row) => row.takes },
      { title: 'default', value: (row) => row.first },
      { title: 'what for', value: (row) => row.help },
    ],
    parameters,
  )}\nGive each with --set: holdfast commands issue ${type.type} DEVICE ${exampleOf(parameters)}\n`;
}

/** What is needed, or the first one where nothing is. */
function exampleOf(parameters: readonly ParameterRow[]): string {
  const needed = parameters.filter(({ first }) => first === 'needed');
  return (needed.length === 0 ? parameters.slice(0, 1) : needed)
    .map(({ name }) => `--set ${name}=…`)
    .join(' ');
}

interface ParameterRow {
  readonly name: string;
  readonly takes: string;
  readonly first: string;
  readonly help: string;
}

function parametersOf(schema: Readonly<Record<string, unknown>>): ParameterRow[] {
  const properties = (schema['properties'] ?? {}) as Readonly<
    Record<string, Readonly<Record<string, unknown>>>
  >;
  const needed = Array.isArray(schema['required']) ? schema['required'] : [];
  return Object.entries(properties).map(([name, property]) => {
    const { title, description, default: first, unit } = property;
    return {
      name,
      takes: `${describeSchema(property)}${typeof unit === 'string' ? ` (${unit})` : ''}`,
      first: first === undefined ? (needed.includes(name) ? 'needed' : 'none') : JSON.stringify(first),
      help: [title, description].filter((text) => typeof text === 'string').join(': '),
    };
  });
}
