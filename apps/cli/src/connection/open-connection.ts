import { readFile } from 'node:fs/promises';
import { type ApiClient, createApiClient } from '@holdfast/api';
import { CliError } from '../cli.errors.ts';
import type { CliContext } from '../context.ts';
import { type Connection, connectionPath, findConnection } from './connection-file.ts';
import { createHttpsTransport } from './https-transport.ts';

export interface OpenConnection {
  readonly connection: Connection;
  readonly client: ApiClient;
  close(): void;
}

/**
 * The server to talk to: HOLDFAST_SERVER, HOLDFAST_API_KEY and HOLDFAST_AUTHORITY_FILE where they are set (for
 * automation), else what `holdfast connect` stored.
 *
 * @throws CliError `NOT_CONNECTED`, `API_KEY_MISSING`
 */
export async function openConnection(context: CliContext): Promise<OpenConnection> {
  const connection = await resolveConnection(context.environment);
  const openTransport = context.openTransport ?? createHttpsTransport;
  const transport = openTransport(connection.server, connection.authorityCertificate, connection.apiKey);
  return { connection, client: createApiClient(transport), close: () => transport.close() };
}

async function resolveConnection(environment: CliContext['environment']): Promise<Connection> {
  const stored = await findConnection(connectionPath(environment));
  const server = environment['HOLDFAST_SERVER'] ?? stored?.server;
  const authorityFile = environment['HOLDFAST_AUTHORITY_FILE'];
  const authorityCertificate =
    authorityFile === undefined ? stored?.authorityCertificate : await readFile(authorityFile, 'utf8');
  if (server === undefined || authorityCertificate === undefined) {
    throw new CliError('NOT_CONNECTED', 'No server is known to this command line.', {
      remedy: 'Create an API key in the console, then run `holdfast connect https://your-server:8443`.',
    });
  }
  const apiKey = environment['HOLDFAST_API_KEY'] ?? stored?.apiKey;
  if (apiKey === undefined) {
    throw new CliError('API_KEY_MISSING', 'No API key is known for this server.', {
      remedy: 'Set HOLDFAST_API_KEY or run `holdfast connect`.',
    });
  }
  return { server, authorityCertificate, apiKey };
}
