import type { LogEntry } from '@holdfast/protocol';
import type { Random } from './random.ts';

/** An entry of the log of a product, as it writes it. */
export type LogSample = Omit<LogEntry, 'sequence' | 'at'> & {
  /** How long it had waited when it was sent; a moment unless told. */
  readonly ageMs?: number;
};

const ordinary: readonly LogSample[] = [
  {
    type: 'agent-started',
    severity: 'info',
    text: 'The agent has started.',
    facts: { version: '0.1.0', pid: 731 },
  },
  {
    type: 'handshake-made',
    severity: 'info',
    text: 'Agent and server agreed on how they communicate.',
    facts: { transport: 'udp-acknowledged', mode: 'two-way-udp' },
  },
  {
    type: 'command-begun',
    severity: 'info',
    text: 'A command has begun.',
    facts: { type: 'collect-inventory' },
  },
  {
    type: 'command-ended',
    severity: 'info',
    text: 'A command has ended.',
    facts: { type: 'collect-inventory', state: 'succeeded' },
  },
  {
    type: 'address-changed',
    severity: 'info',
    text: 'The network addresses of this computer changed.',
    facts: { addresses: ['10.20.1.7', 'fe80::1'] },
  },
  { type: 'server-found', severity: 'notice', text: 'The server answers again.', facts: { awayMs: 310_000 } },
  { type: 'heartbeat-sent', severity: 'debug', text: 'A heartbeat was acknowledged.', facts: { tookMs: 4 } },
];

/** What makes people look: together with the others there is each severity, and one that waited long. */
const remarkable: readonly LogSample[] = [
  {
    type: 'server-lost',
    severity: 'warning',
    text: 'The server does not answer.',
    facts: { code: 'ECONNREFUSED', sinceMs: 42_000 },
    ageMs: 7_200_000,
  },
  {
    type: 'clock-leapt',
    severity: 'warning',
    text: 'The clock leapt: it was set, or this computer slept.',
    facts: { byMs: 5_400_000 },
  },
  {
    type: 'disk-encryption-changed',
    severity: 'warning',
    text: 'The encryption state of a disk changed.',
    facts: { disk: 'sda2', from: 'encrypted', to: 'not-encrypted' },
  },
  {
    type: 'listener-refused',
    severity: 'warning',
    text: 'A call was refused that does not come from the server.',
    facts: { address: '203.0.113.9' },
  },
  {
    type: 'inventory-failed',
    severity: 'error',
    text: 'The list of disks could not be read: lsblk ended with status 32.\nIt is tried again with the next inventory.',
  },
  {
    type: 'state-database-repaired',
    severity: 'critical',
    text: 'The state file was lost or damaged and was made anew. Commands and entries in the former one are lost.',
  },
];

/** What a day brings: mostly the ordinary. */
export function drawLogSamples(random: Random, count: number): LogSample[] {
  return Array.from({ length: count }, () => random.pick(random.next() < 0.8 ? ordinary : remarkable));
}

/** Everything once. */
export const allLogSamples: readonly LogSample[] = [...ordinary, ...remarkable];
