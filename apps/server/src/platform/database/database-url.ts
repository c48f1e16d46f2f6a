import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import type { ConnectionSettings } from './connection-settings.ts';
import { DatabaseError } from './database.errors.ts';

const DEFAULT_PORT = 5432;
// A name that can never exist (RFC 6761).
const NO_HOST = 'no-host.invalid';

/** What `sslmode` may say. The forms that fall back to an open connection are left out on purpose. */
const TlsMode = {
  Disable: 'disable',
  Require: 'require',
  VerifyCa: 'verify-ca',
  VerifyFull: 'verify-full',
  NoVerify: 'no-verify',
} as const;
type TlsMode = (typeof TlsMode)[keyof typeof TlsMode];

const KNOWN_PARAMETERS: ReadonlySet<string> = new Set([
  'host',
  'port',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
]);

/**
 * Reads HOLDFAST_DATABASE_URL, for example `postgresql://user:password@db.example.org/holdfast?sslmode=verify-full`.
 *
 * Without `sslmode`, a connection to another computer is encrypted and the server's certificate is verified;
 * one to this computer is not encrypted. `require` and `verify-full` verify certificate and name, `verify-ca`
 * the certificate only, `no-verify` nothing.
 *
 * @throws DatabaseError DATABASE_URL_INVALID, whose message never contains the address
 */
export function parseDatabaseUrl(text: string): ConnectionSettings {
  let url: URL;
  try {
    // The usual way to write a socket leaves the host empty, which the parser of web addresses refuses.
    url = new URL(text.replace(/^(postgres(?:ql)?:\/\/[^/?#]*@)\//, `$1${NO_HOST}/`));
  } catch {
    // Not passed on as cause: the error of the parser quotes its input.
    throw invalid('it is not an address');
  }
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:')
    throw invalid('it must begin with postgresql://');
  for (const name of url.searchParams.keys()) {
    if (!KNOWN_PARAMETERS.has(name)) throw invalid(`the parameter "${name.slice(0, 40)}" is not known`);
  }
  const hostname = url.hostname === NO_HOST ? '' : url.hostname;
  const host = decode(url.searchParams.get('host') ?? hostname.replace(/^\[(.*)\]$/, '$1'));
  const portText = url.searchParams.get('port') ?? url.port;
  const port = portText === '' ? DEFAULT_PORT : Number(portText);
  const database = decode(url.pathname.replace(/^\//, ''));
  const user = decode(url.username);
  const password = decode(url.password);
  if (host === '') throw invalid('the host is missing');
  if (user === '') throw invalid('the user is missing');
  if (database === '' || database.includes('/')) throw invalid('the name of the database is missing');
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw invalid('the port is not a number from 1 to 65535');
  const tls = readTls(url, host);
  return {
    host,
    port,
    user,
    database,
    ...(password === '' ? {} : { readPassword: () => password }),
    ...(tls === undefined ? {} : { tls }),
  };
}

/** Where the database is, for the log: without password and without parameters. */
export function describeConnection(connection: ConnectionSettings): string {
  const host = connection.host.startsWith('/') ? encodeURIComponent(connection.host) : connection.host;
  const bracketed = isIP(host) === 6 ? `[${host}]` : host;
  return `postgresql://${encodeURIComponent(connection.user)}@${bracketed}:${connection.port}/${encodeURIComponent(connection.database)}`;
}

function readTls(url: URL, host: string): ConnectionOptions | undefined {
  const mode = readTlsMode(url, host);
  if (mode === TlsMode.Disable) return undefined;
  const ca = readCertificateFile(url, 'sslrootcert');
  const cert = readCertificateFile(url, 'sslcert');
  const key = readCertificateFile(url, 'sslkey');
  return {
    rejectUnauthorized: mode !== TlsMode.NoVerify,
    ...(mode === TlsMode.VerifyCa ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
  };
}

function readTlsMode(url: URL, host: string): TlsMode {
  const stated = url.searchParams.get('sslmode');
  if (stated === null) return isThisComputer(host) ? TlsMode.Disable : TlsMode.VerifyFull;
  const mode = Object.values(TlsMode).find((one) => one === stated);
  if (mode === undefined) throw invalid(`sslmode must be one of ${Object.values(TlsMode).join(', ')}`);
  return mode;
}

function isThisComputer(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function readCertificateFile(url: URL, parameter: string): Buffer | undefined {
  const file = url.searchParams.get(parameter);
  if (file === null) return undefined;
  try {
    return readFileSync(file);
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw invalid(`the file of ${parameter} cannot be read (${reason})`);
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid('a percent sign in it does not begin an escape such as %20');
  }
}

function invalid(what: string): DatabaseError {
  return new DatabaseError('DATABASE_URL_INVALID', `HOLDFAST_DATABASE_URL cannot be used: ${what}.`, {
    remedy:
      'Write it as postgresql://user:password@host:5432/database, with special characters of the password percent-encoded.',
  });
}
