import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { CliError } from '../cli.errors.ts';

/** Which server this command line administers, and with what. Kept with mode 0600. */
export interface Connection {
  /** Origin, e.g. `https://holdfast.example.org:8443`. */
  readonly server: string;
  /** Certificate authority that is trusted for this server alone, PEM. */
  readonly authorityCertificate: string;
  readonly apiKey: string;
}

export function connectionPath(environment: Readonly<Record<string, string | undefined>>): string {
  const base = environment['XDG_CONFIG_HOME'] ?? join(environment['HOME'] ?? homedir(), '.config');
  return join(base, 'holdfast', 'connection.json');
}

/** The stored connection, or `undefined` when there is none. @throws CliError `CONNECTION_FILE_UNREADABLE` */
export async function findConnection(path: string): Promise<Connection | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(path, cause);
  }
  try {
    return parseConnection(JSON.parse(text));
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

export async function saveConnection(path: string, connection: Connection): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  const file = await open(partial, 'wx', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(connection, undefined, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
}

export async function removeConnection(path: string): Promise<void> {
  await rm(path, { force: true });
}

function parseConnection(value: unknown): Connection {
  if (typeof value === 'object' && value !== null) {
    const { server, authorityCertificate, apiKey } = value as Record<string, unknown>;
    if (
      typeof server === 'string' &&
      typeof authorityCertificate === 'string' &&
      typeof apiKey === 'string'
    ) {
      return { server, authorityCertificate, apiKey };
    }
  }
  throw new TypeError('"connection" expected server, authorityCertificate and apiKey');
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError('CONNECTION_FILE_UNREADABLE', `The connection file ${path} cannot be read.`, {
    cause,
    remedy: 'Run `holdfast connect` again, or remove the file.',
  });
}
