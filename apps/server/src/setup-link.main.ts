/** `holdfast admin setup-link`: a new one-time link for the first administrator, for whoever may run this on the server. */
import { randomBytes } from 'node:crypto';
import { createUuidV7, systemClock } from '@holdfast/kernel';
import { loadConfig, type ServerConfig } from './config.ts';
import { ExitCode, findConnection, tellFailure } from './link-command.ts';
import { AccountError, issueSetupLink, type SetupLink } from './modules/access/index.ts';
import { createAuditRecorder } from './platform/audit/audit-recorder.ts';
import { createDatabase } from './platform/database/index.ts';

const USAGE = 'usage: holdfast admin setup-link [--json]\n';
const MAX_WAIT_MS = 5_000;

async function makeLink(config: ServerConfig): Promise<SetupLink> {
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
    const link = await issueSetupLink({ database: opened.db, clock, createId, recordAuditEntry }, address);
    if (link !== undefined) return link;
  } finally {
    await opened.close();
  }
  throw new AccountError('SETUP_ALREADY_DONE', 'The first administrator exists already.', {
    remedy: 'Sign in, or ask an administrator for an invitation.',
  });
}

function show(link: SetupLink, isJson: boolean): void {
  const expiresAt = link.expiresAt.toISOString();
  process.stdout.write(
    isJson
      ? `${JSON.stringify({ link: link.address, expiresAt })}\n`
      : `Create the first administrator with this link; it works once, until ${expiresAt}:\n  ${link.address}\n`,
  );
}

const args = process.argv.slice(2);
const isJson = args.includes('--json');
if (args.some((arg) => arg !== '--json')) {
  process.stderr.write(USAGE);
  process.exitCode = ExitCode.Usage;
} else {
  try {
    show(await makeLink(loadConfig(process.env)), isJson);
  } catch (error) {
    process.exitCode = tellFailure(error, isJson);
  }
}
