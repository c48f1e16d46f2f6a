import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import { valueParsers } from './value-parsers.ts';

/** Where a database is and how to sign in. The password stays behind a function, so that no log line prints it. */
export interface ConnectionSettings {
  /** A host name, an address, or the folder of a Unix socket (starts with a slash). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly readPassword?: () => string;
  /** Absent: no TLS. */
  readonly tls?: ConnectionOptions;
}

export interface SessionSettings {
  /** Shown by the database beside each connection. */
  readonly applicationName: string;
  /** The server ends a statement that takes longer. Zero: no limit. */
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** The same settings in the driver's words. */
export function toClientConfig(connection: ConnectionSettings, session: SessionSettings): ClientConfig {
  const { readPassword } = connection;
  return {
    host: connection.host,
    port: connection.port,
    user: connection.user,
    database: connection.database,
    // Without an own function the driver would read PGPASSWORD and ~/.pgpass; an empty password stops that.
    password: readPassword ?? ((): string => ''),
    ssl: connection.tls ?? false,
    application_name: session.applicationName,
    statement_timeout: session.statementTimeoutMs,
    idle_in_transaction_session_timeout: Math.max(session.statementTimeoutMs, 60_000),
    connectionTimeoutMillis: session.connectTimeoutMs,
    keepAlive: true,
    types: valueParsers,
  };
}
