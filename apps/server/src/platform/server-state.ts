import { limits } from '@holdfast/protocol';

/** Where whoever joins now is to find the server: where the others will, and then where it is. */
export function listServerAddresses(told: readonly string[], own: readonly string[]): string[] {
  return [...new Set([...told, ...own])].slice(0, limits.maxServerAddresses);
}

/** Facts of the running server that modules show or hand out. What can change while it runs is a function. */
export interface ServerState {
  readonly version: string;
  /** Name for people: the host name. */
  readonly name: string;
  /** IANA name of the zone that this computer goes by. */
  readonly timeZone: string;
  /** Milliseconds since the Unix epoch. */
  readonly startedAtMs: number;
  /** Origins at which agents and browsers reach this server, e.g. `https://host:8443`, preferred first. */
  readonly publicAddresses: () => readonly string[];
  /** Where heartbeats by UDP are to be received; null when they are turned off. Port 0 lets the system choose. */
  readonly udp: { readonly host: string; readonly port: number; readonly receivers?: number } | null;
  /** When the certificate of the HTTPS server ends, in milliseconds since the Unix epoch. */
  readonly certificateExpiresAtMs: () => number;
  readonly databaseKind: 'embedded' | 'external';
  /** A later release has prepared the database. */
  readonly isDatabaseNewer: boolean;
  /** Whether the database answers now and takes changes, with its version. Never throws. */
  readonly probeDatabase: () => Promise<{
    readonly isReachable: boolean;
    readonly isWritable: boolean;
    readonly version: string;
  }>;
}
