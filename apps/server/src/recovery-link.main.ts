/**
 * `holdfast admin recover`: a one-time link with which an administrator who lost the password chooses another one, for
 * whoever may run this on the server.
 */
import { randomBytes } from 'node:crypto';
import { AppError, createUuidV7, systemClock } from '@holdfast/kernel';
import { loadConfig, type ServerConfig } from './config.ts';
import { issueRecoveryLink, type SetupLink } from './modules/access/index.ts';
import { createAuditRecorder } from './platform/audit/audit-recorder.ts';
import {
  type ConnectionSettings,
  createDatabase,
  findEmbeddedConnection,
  parseDatabaseUrl,
} from './platform/database/index.ts';

const USAGE = 'usage: holdfast admin recover [--json] NAME\n';
const ExitCode = { Done: 0, Refused: 1, Usage: 2, Unreachable: 4 } as const;
const MAX_WAIT_MS = 5_000;

async function findConnection(config: ServerConfig): Promise<ConnectionSettings> {
  if (config.database.kind === 'external') return parseDatabaseUrl(config.database.url.reveal());
  return await findEmbeddedConnection(config.home);
}

async function makeLink(config: ServerConfig, name: string): Promise<SetupLink> {
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
    return await issueRecoveryLink({ database: opened.db, clock, createId, recordAuditEntry }, name, address);
  } finally {
    await opened.close();
  }
}

function show(link: SetupLink, isJson: boolean): void {
  const expiresAt = link.expiresAt.toISOString();
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ link: link.address, expiresAt })}\n`
      : `Choose a new password with this link; it works once, until ${expiresAt}, and ends all sessions:\n  ${link.address}\n`,
  );
}

function tellFailure(error: unknown, isJson: boolean): number {
  const isKnown = error instanceof AppError;
  const code = isKnown ? String(error.code) : 'INTERNAL_ERROR';
  const message = error instanceof Error ? error.message : 'The program failed.';
  const remedy = isKnown ? error.remedy : undefined;
  const text = isJson
    ? `${JSON.stringify({ code, message, ...(remedy === undefined ? {} : { remedy }) })}\n`
    : `holdfast: ${message} (${code})\n${remedy === undefined ? '' : `  ${remedy}\n`}`;
  process.stderr.write(text);
  if (!isKnown && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return code === 'DATABASE_UNAVAILABLE' ? ExitCode.Unreachable : ExitCode.Refused;
}

const args = process.argv.slice(2);
const isJson = args.includes('--json');
const [name, ...others] = args.filter((arg) => arg !== '--json');
if (name === undefined || name.startsWith('-') || others.length > 0) {
  process.stderr.write(USAGE);
  process.exitCode = ExitCode.Usage;
} else {
  try {
    show(await makeLink(loadConfig(process.env), name), isJson);
  } catch (error) {
    process.exitCode = tellFailure(error, isJson);
  }
}
