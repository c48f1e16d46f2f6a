import { createApiClient, getCurrentSession, getSystemState, type SystemState } from '@holdfast/api';
import type { Command } from 'commander';
import { CliError } from '../cli.errors.ts';
import type { AddAction, CommandTools } from '../command-tools.ts';
import { fetchUnverifiedAuthority } from '../connection/authority.ts';
import { connectionPath, removeConnection, saveConnection } from '../connection/connection-file.ts';
import { createHttpsTransport } from '../connection/https-transport.ts';
import { formatDuration } from '../output/duration.ts';
import { formatFacts } from '../output/table.ts';
import { isYes } from './confirm.ts';
import { askLine, readSecret } from '../output/prompt.ts';

export function addConnectCommands(program: Command, addAction: AddAction): void {
  addAction(
    program
      .command('connect')
      .description('remember a server and an API key for the commands below')
      .argument('<server>', 'address, e.g. https://holdfast.example.org:8443')
      .option(
        '--fingerprint <value>',
        'fingerprint that the server must have (console: Administration, Server)',
      )
      .addHelpText(
        'after',
        '\nThe API key is read from HOLDFAST_API_KEY, or asked for, or taken from standard input.\n\nExample:\n  holdfast connect https://localhost:8443\n',
      ),
    connect,
  );
  addAction(
    program.command('disconnect').description('forget the stored server and API key'),
    async (tools) => {
      await removeConnection(connectionPath(tools.context.environment));
      tools.printer.result({ isConnected: false }, () => 'Forgotten.\n');
    },
  );
  addAction(program.command('status').description('the connected server and what it knows'), showStatus);
}

async function connect(
  tools: CommandTools,
  options: Record<string, unknown>,
  [server = '']: readonly string[],
): Promise<void> {
  const origin = parseOrigin(server);
  const { certificate, fingerprint } = await fetchUnverifiedAuthority(origin);
  const expected = options['fingerprint'];
  if (expected === undefined) {
    if (tools.context.stdin.isTTY !== true) {
      throw new CliError(
        'CONFIRMATION_MISSING',
        'Nobody is there to confirm the fingerprint of the server.',
        {
          facts: { fingerprint },
          remedy: `Compare it with the console (Administration, Server), then pass --fingerprint ${fingerprint}`,
        },
      );
    }
    tools.printer.note(
      `Fingerprint of ${origin}:\n  ${fingerprint}\nThe console shows it under Administration, Server.`,
    );
    const answer = await askLine(tools.context, 'Is it the same? [yes/no] ');
    if (!isYes(answer)) throw new CliError('CONFIRMATION_MISSING', 'Nothing was stored.');
  } else if (expected !== fingerprint) {
    throw new CliError(
      'SERVER_FINGERPRINT_MISMATCH',
      'The server has another fingerprint than the one given.',
      {
        facts: { fingerprint },
        remedy: 'Check the address. If it is right, somebody may stand between you and the server.',
      },
    );
  }
  const apiKey =
    tools.context.environment['HOLDFAST_API_KEY'] ?? (await readSecret(tools.context, 'API key: '));
  const transport = createHttpsTransport(origin, certificate, apiKey);
  try {
    const me = await createApiClient(transport).call(getCurrentSession, {});
    const path = connectionPath(tools.context.environment);
    await saveConnection(path, { server: origin, authorityCertificate: certificate, apiKey });
    tools.printer.result(
      { server: origin, fingerprint, name: me.name, permissions: me.permissions },
      () => `Connected to ${origin} as ${me.name}. Stored in ${path}.\n`,
    );
  } finally {
    transport.close();
  }
}

async function showStatus(tools: CommandTools): Promise<void> {
  const { connection, client } = await tools.connection();
  const state = await client.call(getSystemState, {});
  tools.printer.result({ server: connection.server, ...state }, () =>
    formatFacts([
      ['Server', connection.server],
      ['Version', state.version],
      ['Running for', formatDuration(tools.context.now() - Date.parse(state.startedAt))],
      [
        'Database',
        `${state.database.kind} PostgreSQL ${state.database.version}, ${describeDatabase(state.database)}`,
      ],
      ['Products', String(state.productCount)],
      ['Authority until', describeAuthority(state.authority)],
      ['Certificate until', state.certificateExpiresAt],
      ['Fingerprint', state.authorityFingerprint],
    ]),
  );
}

function describeDatabase({ isReachable, isWritable }: SystemState['database']): string {
  if (!isReachable) return 'not reachable';
  return isWritable ? 'reachable' : 'reachable, takes no changes';
}

function describeAuthority({ expiresAt, phase, next }: SystemState['authority']): string {
  const state = phase === 'good' ? '' : `, ${phase.replaceAll('-', ' ')}`;
  const following =
    next === null ? '' : `; the next one is known by ${next.knownBy}, not by ${next.unknownTo} products`;
  return `${expiresAt}${state}${following}`;
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url?.protocol !== 'https:' ||
    url.username !== '' ||
    url.password !== '' ||
    (url.pathname !== '/' && url.pathname !== '')
  ) {
    throw new CliError('ARGUMENT_INVALID', 'The address of a server looks like https://name:8443.');
  }
  return url.origin;
}
