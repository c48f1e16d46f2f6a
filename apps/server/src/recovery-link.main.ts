/**
 * `holdfast admin recover`: a one-time link with which an administrator who lost the password chooses another one, for
 * whoever may run this on the server.
 */
import { randomBytes } from 'node:crypto';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import { loadConfig, type ServerConfig } from './config.ts';
import { ExitCode, findConnection, tellFailure } from './link-command.ts';
import { issueRecoveryLink, type SetupLink } from './modules/access/index.ts';
import { createAuditRecorder } from './platform/audit/audit-recorder.ts';
import { createDatabase } from './platform/database/index.ts';

const USAGE = 'usage: holdfast admin recover [--json] NAME\n';
const MAX_WAIT_MS = 5_000;

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
