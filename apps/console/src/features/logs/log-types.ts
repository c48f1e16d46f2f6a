import { wordsOf } from '@holdfast/kernel';

/** Types of entries that agents write; products of other kinds have their own besides. */
export const logTypes = [
  'agent-started',
  'agent-stopped',
  'agent-enrolled',
  'handshake-made',
  'server-lost',
  'server-found',
  'clock-leapt',
  'address-changed',
  'name-changed',
  'server-addresses-changed',
  'command-begun',
  'command-ended',
  'log-level-changed',
  'listener-opened',
  'listener-refused',
  'state-database-repaired',
  'disk-encryption-changed',
  'another-instance-refused',
  'configuration-refused',
  'key-shared',
  'key-renewed',
  'log-entries-dropped',
  'log-entries-lost',
] as const;

/** `server-lost` as "Server lost". */
export function logTypeText(type: string): string {
  return wordsOf(type);
}
