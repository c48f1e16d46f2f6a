import { parseArgs } from 'node:util';
import { UsageError } from './command-line.errors.ts';

/** What the person or script asked for. */
export type AgentCommand =
  | { readonly name: 'run' }
  | {
      readonly name: 'enroll';
      /** The token itself, `-` for standard input, or `undefined` for the file of the settings. */
      readonly token: string | undefined;
      readonly isForced: boolean;
      readonly waitsForApproval: boolean;
      /** What has to be waited for is left to `run`, which needs the token for it. */
      readonly keepsToken: boolean;
      readonly isJson: boolean;
    }
  | {
      readonly name: 'addresses';
      /** Where the server is to be looked for first. */
      readonly servers: readonly string[];
      /** Without asking the server there. */
      readonly isForced: boolean;
      readonly isJson: boolean;
    }
  | { readonly name: 'status' | 'check' | 'inventory' | 'goodbye' | 'version'; readonly isJson: boolean }
  | {
      readonly name: 'install' | 'uninstall';
      readonly isDryRun: boolean;
      readonly isJson: boolean;
      /** Where the agent is put; `undefined`: the usual place. */
      readonly prefix: string | undefined;
      /** False: the files alone. */
      readonly withService: boolean;
    }
  | { readonly name: 'help' };

const names = [
  'run',
  'enroll',
  'addresses',
  'status',
  'check',
  'inventory',
  'goodbye',
  'install',
  'uninstall',
  'version',
  'help',
] as const;
type Name = (typeof names)[number];

const options = {
  help: { type: 'boolean', short: 'h' },
  json: { type: 'boolean' },
  force: { type: 'boolean' },
  'no-wait': { type: 'boolean' },
  'keep-token': { type: 'boolean' },
  'no-service': { type: 'boolean' },
  prefix: { type: 'string' },
  'dry-run': { type: 'boolean' },
  server: { type: 'string', multiple: true },
} as const;
type OptionName = keyof typeof options;

const allowed: Readonly<Record<Name, readonly OptionName[]>> = {
  run: [],
  enroll: ['json', 'force', 'no-wait', 'keep-token'],
  addresses: ['json', 'server', 'force'],
  status: ['json'],
  check: ['json'],
  inventory: ['json'],
  goodbye: ['json'],
  install: ['json', 'dry-run', 'prefix', 'no-service'],
  uninstall: ['json', 'dry-run', 'prefix'],
  version: ['json'],
  help: [],
};

/**
 * Reads the arguments behind the program's name.
 *
 * @throws UsageError USAGE
 */
export function parseArguments(args: readonly string[]): AgentCommand {
  const { values, positionals } = read(args);
  const [given = 'help', ...operands] = positionals;
  const name = names.find((known) => known === given);
  // The token may stand in any place, so an unknown word is not shown.
  if (name === undefined) throw new UsageError('There is no such command.');
  if (values.help === true) return { name: 'help' };
  for (const option of Object.keys(values)) {
    if (!allowed[name].some((known) => known === option)) {
      throw new UsageError(`The command ${name} has no option --${option}.`);
    }
  }
  if (operands.length > (name === 'enroll' ? 1 : 0))
    throw new UsageError(`The command ${name} has too many arguments.`);
  const isJson = values.json === true;
  const isDryRun = values['dry-run'] === true;
  switch (name) {
    case 'enroll':
      return {
        name,
        token: operands[0],
        isForced: values.force === true,
        waitsForApproval: values['no-wait'] !== true && values['keep-token'] !== true,
        keepsToken: values['keep-token'] === true,
        isJson,
      };
    case 'addresses':
      return { name, servers: values.server ?? [], isForced: values.force === true, isJson };
    case 'install':
    case 'uninstall':
      return { name, isDryRun, isJson, prefix: values.prefix, withService: values['no-service'] !== true };
    case 'status':
    case 'check':
    case 'inventory':
    case 'goodbye':
    case 'version':
      return { name, isJson };
    case 'run':
    case 'help':
      return { name };
  }
}

function read(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof options; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch {
    // The runtime's own text quotes the argument, which may be a token.
    throw new UsageError('An option is unknown or has a value that it does not take.');
  }
}
