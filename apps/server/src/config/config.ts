import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Secret } from '@holdfast/trust';
import { Check } from 'typebox/value';
import { ConfigurationError, type ConfigurationFault } from './config.errors.ts';
import {
  type ConfigurationVariable,
  type ConfigurationVariableName,
  configurationVariables,
  findNearestVariable,
  isForeignVariable,
} from './config-variables.ts';

export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Everything that the server is told from outside, checked and frozen. */
export interface ServerConfig {
  /** Folder of everything that must be kept. */
  readonly home: string;
  /** Where to listen; undefined: on all interfaces, because a management server must be reachable by its fleet. */
  readonly host: string | undefined;
  /** TCP port of console, API and protocol; 0 lets the system choose. */
  readonly port: number;
  /** UDP port of heartbeats; null turns them off, and products use HTTPS. */
  readonly udpPort: number | null;
  /** How many threads receive heartbeats on the UDP port; 1 is the server's own; undefined: as the fleet needs. */
  readonly udpReceivers: number | undefined;
  /** Origins at which agents and browsers reach this server; empty: host name and localhost. */
  readonly publicAddresses: readonly string[];
  readonly trustedProxies: readonly string[];
  readonly database:
    | { readonly kind: 'embedded'; readonly binariesFolder?: string; readonly systemUserName?: string }
    | { readonly kind: 'external'; readonly url: Secret };
  /** A certificate of the organisation; undefined: one of our own authority. */
  readonly tls:
    | { readonly certificateFile: string; readonly keyFile: string; readonly authorityFile: string }
    | undefined;
  readonly consoleFolder: string;
  readonly logLevel: LogLevel;
  readonly session: { readonly idleMs: number; readonly absoluteMs: number };
  /** How long a command that is over stays in Command Tracking. */
  readonly commandRetentionMs: number;
  /** How many streams of notifications products may hold at the same time; 0: none. */
  readonly heldStreamLimit: number;
  /** Whether webhooks may call this very computer, also without TLS: for development. */
  readonly canWebhooksReachLoopback: boolean;
}

const DEFAULT_PORT = 8443;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DEFAULT_COMMAND_RETENTION_DAYS = 90;
const DEFAULT_HELD_STREAM_LIMIT = 5_000;
const MAX_PUBLIC_ADDRESSES = 8;
const INTEGER = /^(?:0|[1-9]\d{0,8})$/;

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the configuration from environment variables. An empty variable counts as absent.
 *
 * @throws ConfigurationError CONFIGURATION_INVALID, with every fault
 */
export function loadConfig(environment: Environment): ServerConfig {
  const faults: ConfigurationFault[] = [...findUnknownVariables(environment)];
  const values = readVariables(environment, faults);
  const text = (name: ConfigurationVariableName): string | undefined =>
    values.get(name) as string | undefined;
  const integer = (name: ConfigurationVariableName): number | undefined =>
    values.get(name) as number | undefined;
  const fault = (variable: string, message: string): void => void faults.push({ variable, message });

  const port = integer('HOLDFAST_PORT') ?? DEFAULT_PORT;
  const publicAddresses = parsePublicAddresses(text('HOLDFAST_PUBLIC_ADDRESS'), fault);
  const tls = readTlsFiles(text, fault);
  const database = readDatabase(text, fault);
  const idleHours = integer('HOLDFAST_SESSION_IDLE_HOURS') ?? 8;
  const absoluteHours = integer('HOLDFAST_SESSION_HOURS') ?? 168;
  if (idleHours > absoluteHours) {
    fault('HOLDFAST_SESSION_IDLE_HOURS', 'must not be longer than HOLDFAST_SESSION_HOURS');
  }
  if (faults.length > 0) throw new ConfigurationError(faults);

  return deepFreeze({
    home: path.resolve(text('HOLDFAST_HOME') ?? defaultHome(environment)),
    host: text('HOLDFAST_HOST'),
    port,
    udpPort: readUdpPort(values.get('HOLDFAST_UDP_PORT'), port),
    udpReceivers: integer('HOLDFAST_UDP_RECEIVERS'),
    publicAddresses,
    trustedProxies: splitList(text('HOLDFAST_TRUSTED_PROXIES')),
    database,
    tls,
    consoleFolder: path.resolve(
      text('HOLDFAST_CONSOLE_DIR') ?? fileURLToPath(new URL('../../../console/dist/', import.meta.url)),
    ),
    logLevel: (text('HOLDFAST_LOG_LEVEL') ?? 'info') as LogLevel,
    session: { idleMs: idleHours * HOUR_MS, absoluteMs: absoluteHours * HOUR_MS },
    commandRetentionMs:
      (integer('HOLDFAST_COMMAND_RETENTION_DAYS') ?? DEFAULT_COMMAND_RETENTION_DAYS) * DAY_MS,
    heldStreamLimit: integer('HOLDFAST_HELD_STREAM_LIMIT') ?? DEFAULT_HELD_STREAM_LIMIT,
    canWebhooksReachLoopback: text('HOLDFAST_WEBHOOK_LOOPBACK') === 'on',
  });
}

/** Where state lives when HOLDFAST_HOME does not say. */
export function defaultHome(environment: Environment): string {
  if (process.getuid?.() === 0) return '/var/lib/holdfast';
  const stateFolder = environment['XDG_STATE_HOME'];
  if (stateFolder !== undefined && path.isAbsolute(stateFolder)) return path.join(stateFolder, 'holdfast');
  return path.join(environment['HOME'] ?? os.homedir(), '.local', 'state', 'holdfast');
}

function findUnknownVariables(environment: Environment): ConfigurationFault[] {
  const unknown = Object.keys(environment).filter(
    (name) => !isForeignVariable(name) && !(name in configurationVariables),
  );
  return unknown.sort().map((variable) => {
    const nearest = findNearestVariable(variable);
    return { variable, message: `is not known${nearest === undefined ? '' : `; is ${nearest} meant?`}` };
  });
}

function readVariables(
  environment: Environment,
  faults: ConfigurationFault[],
): Map<ConfigurationVariableName, string | number> {
  const values = new Map<ConfigurationVariableName, string | number>();
  for (const [key, variable] of Object.entries(configurationVariables)) {
    const name = key as ConfigurationVariableName;
    const received = environment[name]?.trim();
    if (received === undefined || received === '') continue;
    const { schema, expected, isSecret }: ConfigurationVariable = variable;
    const number = INTEGER.test(received) ? Number(received) : undefined;
    const isAccepted = (value: unknown): boolean => Check(schema, value);
    if (number !== undefined && isAccepted(number)) values.set(name, number);
    else if (isAccepted(received)) values.set(name, received);
    else {
      const shown = isSecret === true ? '' : `, and is "${received.slice(0, 100)}"`;
      faults.push({ variable: name, message: `must be ${expected}${shown}` });
    }
  }
  return values;
}

type ReadText = (name: ConfigurationVariableName) => string | undefined;
type ReportFault = (variable: string, message: string) => void;

function readUdpPort(value: string | number | undefined, tcpPort: number): number | null {
  if (value === undefined) return tcpPort;
  return value === 'off' || value === 0 ? null : Number(value);
}

function readTlsFiles(text: ReadText, fault: ReportFault): ServerConfig['tls'] {
  const names = ['HOLDFAST_TLS_CERTIFICATE', 'HOLDFAST_TLS_KEY', 'HOLDFAST_TLS_AUTHORITY'] as const;
  const [certificateFile, keyFile, authorityFile] = names.map(text);
  if (certificateFile !== undefined && keyFile !== undefined && authorityFile !== undefined) {
    return { certificateFile, keyFile, authorityFile };
  }
  const given = names.filter((name) => text(name) !== undefined);
  if (given.length > 0) {
    for (const name of names) {
      if (text(name) === undefined) fault(name, `is needed together with ${given.join(' and ')}`);
    }
  }
  return undefined;
}

function readDatabase(text: ReadText, fault: ReportFault): ServerConfig['database'] {
  const url = text('HOLDFAST_DATABASE_URL');
  const binariesFolder = text('HOLDFAST_POSTGRES_BIN');
  const systemUserName = text('HOLDFAST_DATABASE_OS_USER');
  if (url === undefined) {
    return {
      kind: 'embedded',
      ...(binariesFolder === undefined ? {} : { binariesFolder }),
      ...(systemUserName === undefined ? {} : { systemUserName }),
    };
  }
  for (const name of ['HOLDFAST_POSTGRES_BIN', 'HOLDFAST_DATABASE_OS_USER'] as const) {
    if (text(name) !== undefined) fault(name, 'has no use together with HOLDFAST_DATABASE_URL');
  }
  return { kind: 'external', url: new Secret(url) };
}

function parsePublicAddresses(list: string | undefined, fault: ReportFault): readonly string[] {
  const addresses = splitList(list);
  if (addresses.length > MAX_PUBLIC_ADDRESSES) {
    fault('HOLDFAST_PUBLIC_ADDRESS', `must hold at most ${MAX_PUBLIC_ADDRESSES} addresses`);
  }
  return addresses.flatMap((address) => {
    const url = URL.canParse(address) ? new URL(address) : undefined;
    const isOrigin =
      url?.protocol === 'https:' &&
      url.username === '' &&
      url.pathname === '/' &&
      url.search + url.hash === '';
    if (isOrigin) return [url.origin];
    fault(
      'HOLDFAST_PUBLIC_ADDRESS',
      `"${address.slice(0, 100)}" must have the form https://host:port, without a path`,
    );
    return [];
  });
}

function splitList(list: string | undefined): readonly string[] {
  return (list ?? '')
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const item of Object.values(value) as unknown[]) {
    if (typeof item === 'object' && item !== null && !(item instanceof Secret)) deepFreeze(item);
  }
  return Object.freeze(value);
}
