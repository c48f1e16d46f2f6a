/** What the programs share that print a one-time link for whoever owns the server: arguments, database, output, exit codes. */
import { randomBytes } from 'node:crypto';
import {
  createUuidV7,
  describeFailure,
  formatFailure,
  formatFailureJson,
  systemClock,
} from '@holdfast/kernel';
import { loadConfig, type ServerConfig } from '../config/config.ts';
import type { SetupLink, SetupLinkParts } from '../modules/access/index.ts';
import { createAuditRecorder } from '../platform/audit/audit-recorder.ts';
import {
  type ConnectionSettings,
  createDatabase,
  findEmbeddedConnection,
  parseDatabaseUrl,
} from '../platform/database/index.ts';

const ExitCode = { Done: 0, Refused: 1, Usage: 2, Unreachable: 4 } as const;
type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];

const MAX_WAIT_MS = 5_000;

export interface LinkCommand {
  readonly usage: string;
  /** So many arguments beside the options. */
  readonly argumentCount: number;
  /** What the link is for, as a sentence that an address follows. */
  readonly explain: (expiresAt: string) => string;
  readonly make: (parts: SetupLinkParts, address: string, args: readonly string[]) => Promise<SetupLink>;
}

/** Does what the arguments ask, prints it, and answers the exit code. */
export async function runLinkCommand(
  command: LinkCommand,
  argv: readonly string[],
  environment: Parameters<typeof loadConfig>[0],
): Promise<ExitCode> {
  const isJson = argv.includes('--json');
  const args = argv.filter((arg) => arg !== '--json');
  if (args.length !== command.argumentCount || args.some((arg) => arg.startsWith('-'))) {
    process.stderr.write(command.usage);
    return ExitCode.Usage;
  }
  try {
    const link = await makeLink(command, loadConfig(environment), args);
    const expiresAt = link.expiresAt.toISOString();
    process.stdout.write(
      isJson
        ? `${JSON.stringify({ link: link.address, expiresAt })}\n`
        : `${command.explain(expiresAt)}\n  ${link.address}\n`,
    );
    return ExitCode.Done;
  } catch (error) {
    const failure = describeFailure(error);
    process.stderr.write(isJson ? formatFailureJson(failure) : formatFailure(failure));
    return failure.code === 'DATABASE_UNAVAILABLE' ? ExitCode.Unreachable : ExitCode.Refused;
  }
}

async function makeLink(
  { make }: LinkCommand,
  config: ServerConfig,
  args: readonly string[],
): Promise<SetupLink> {
  const clock = systemClock;
  const createId = (): string => createUuidV7(clock.now(), randomBytes(10));
  const opened = createDatabase({
    connection: await findConnection(config),
    maxConnections: 1,
    maxWaitMs: MAX_WAIT_MS,
  });
  try {
    const recordAuditEntry = createAuditRecorder({ clock, createId });
    const address = config.publicAddresses[0] ?? `https://localhost:${config.port}`;
    return await make({ database: opened.db, clock, createId, recordAuditEntry }, address, args);
  } finally {
    await opened.close();
  }
}

async function findConnection(config: ServerConfig): Promise<ConnectionSettings> {
  if (config.database.kind === 'external') return parseDatabaseUrl(config.database.url.reveal());
  return await findEmbeddedConnection(config.home);
}
