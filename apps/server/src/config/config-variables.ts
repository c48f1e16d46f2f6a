import { type TSchema, Type } from 'typebox';

/** How one variable is read. Its text becomes an integer where the schema says so; nothing else is converted. */
export interface ConfigurationVariable {
  readonly schema: TSchema;
  /** What is wrong with a text that the schema refuses, continuing "must be …". */
  readonly expected: string;
  /** True for what must never be shown again, not even in a message about its own fault. */
  readonly isSecret?: true;
}

const Port = Type.Integer({ minimum: 0, maximum: 65_535 });
const AbsolutePath = Type.String({ pattern: '^/[^\\u0000]*$', maxLength: 1024 });
const FilePath = Type.String({ pattern: '^[^\\u0000]+$', maxLength: 1024 });

/** Every variable that the server reads. */
export const configurationVariables = {
  HOLDFAST_HOME: { schema: AbsolutePath, expected: 'an absolute path' },
  HOLDFAST_HOST: {
    schema: Type.String({ pattern: '^[A-Za-z0-9.:%_-]{1,255}$' }),
    expected: 'an IP address or a host name of this computer',
  },
  HOLDFAST_PORT: { schema: Port, expected: 'a port number from 0 to 65535' },
  HOLDFAST_UDP_PORT: {
    schema: Type.Union([Port, Type.Literal('off')]),
    expected: 'a port number from 1 to 65535, or "off"',
  },
  HOLDFAST_UDP_RECEIVERS: {
    schema: Type.Integer({ minimum: 1, maximum: 16 }),
    expected: 'a number of receivers from 1 to 16',
  },
  HOLDFAST_PUBLIC_ADDRESS: {
    schema: Type.String({ maxLength: 2048 }),
    expected: 'up to eight addresses like https://holdfast.example.org:8443, separated by commas',
  },
  HOLDFAST_TRUSTED_PROXIES: {
    schema: Type.String({ pattern: '^[0-9A-Fa-f.:/, ]+$', maxLength: 1024 }),
    expected: 'IP addresses or networks, separated by commas',
  },
  HOLDFAST_DATABASE_URL: {
    schema: Type.String({ pattern: '^postgres(ql)?://', maxLength: 2048 }),
    expected: 'an address that begins with postgresql://',
    isSecret: true,
  },
  HOLDFAST_DATABASE_OS_USER: {
    schema: Type.String({ pattern: '^[a-z_][a-z0-9_-]{0,31}$' }),
    expected: 'the name of a system user',
  },
  HOLDFAST_POSTGRES_BIN: { schema: AbsolutePath, expected: 'the absolute path of a folder' },
  HOLDFAST_TLS_CERTIFICATE: { schema: FilePath, expected: 'the path of a file' },
  HOLDFAST_TLS_KEY: { schema: FilePath, expected: 'the path of a file' },
  HOLDFAST_TLS_AUTHORITY: { schema: FilePath, expected: 'the path of a file' },
  HOLDFAST_CONSOLE_DIR: { schema: FilePath, expected: 'the path of a folder' },
  HOLDFAST_LOG_LEVEL: {
    schema: Type.Enum(['error', 'warn', 'info', 'debug', 'trace']),
    expected: 'one of error, warn, info, debug, trace',
  },
  HOLDFAST_SESSION_IDLE_HOURS: {
    schema: Type.Integer({ minimum: 1, maximum: 720 }),
    expected: 'a number of hours from 1 to 720',
  },
  HOLDFAST_SESSION_HOURS: {
    schema: Type.Integer({ minimum: 1, maximum: 8_760 }),
    expected: 'a number of hours from 1 to 8760',
  },
  HOLDFAST_COMMAND_RETENTION_DAYS: {
    schema: Type.Integer({ minimum: 1, maximum: 3_650 }),
    expected: 'a number of days from 1 to 3650',
  },
  HOLDFAST_HELD_STREAM_LIMIT: {
    schema: Type.Integer({ minimum: 0, maximum: 100_000 }),
    expected: 'a number of streams from 0 to 100000',
  },
  HOLDFAST_WEBHOOK_LOOPBACK: {
    schema: Type.Enum(['on', 'off']),
    expected: 'one of on, off',
  },
} as const satisfies Record<string, ConfigurationVariable>;

export type ConfigurationVariableName = keyof typeof configurationVariables;

/** Variables of other programs of this product, which a server may find in its environment. */
const FOREIGN_NAMES: ReadonlySet<string> = new Set([
  'HOLDFAST_SERVER',
  'HOLDFAST_API_KEY',
  'HOLDFAST_AUTHORITY_FILE',
  'HOLDFAST_USE_THIS_NODE',
  'HOLDFAST_CALLED_AS',
]);
const FOREIGN_PREFIXES: readonly string[] = ['HOLDFAST_AGENT_', 'HOLDFAST_TEST_'];

/** True for a name that is none of ours to judge. */
export function isForeignVariable(name: string): boolean {
  return (
    !name.startsWith('HOLDFAST_') ||
    FOREIGN_NAMES.has(name) ||
    FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix))
  );
}

/** The known name that a mistyped one most likely means, or `undefined` when none is near. */
export function findNearestVariable(name: string): string | undefined {
  let nearest: { readonly name: string; readonly distance: number } | undefined;
  for (const known of Object.keys(configurationVariables)) {
    const distance = editDistance(name, known);
    if (distance <= 4 && (nearest === undefined || distance < nearest.distance))
      nearest = { name: known, distance };
  }
  return nearest?.name;
}

function editDistance(first: string, second: string): number {
  let previous = Array.from({ length: second.length + 1 }, (_, index) => index);
  for (let row = 1; row <= first.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= second.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (first[row - 1] === second[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous.at(-1) ?? 0;
}
