import type { TwinContradiction } from '@holdfast/api';

/** A record of a device by what tells whether it and another one are the same system. */
export interface SystemRecord {
  readonly installationId?: string | null;
  readonly hardwareAddresses?: readonly string[];
  /** Instants of the server, RFC 3339 in UTC. */
  readonly registeredAt: string;
  readonly lastSeenAt: string | null;
}

/**
 * What speaks against that two records which report one hardware are one system; `undefined` when nothing does. Hardware ids are
 * claims: containers, cloned virtual machines and careless makers show those of others.
 */
export function findContradiction(one: SystemRecord, other: SystemRecord): TwinContradiction | undefined {
  const [first, second] = [one.installationId ?? null, other.installationId ?? null];
  if (first !== null && second !== null && first !== second) return 'installation';
  if (haveNothingInCommon(one.hardwareAddresses ?? [], other.hardwareAddresses ?? [])) return 'interfaces';
  const [older, newer] = one.registeredAt <= other.registeredAt ? [one, other] : [other, one];
  return older.lastSeenAt !== null && older.lastSeenAt > newer.registeredAt ? 'overlap' : undefined;
}

function haveNothingInCommon(some: readonly string[], others: readonly string[]): boolean {
  const known = new Set(some.map((address) => address.toLowerCase()));
  return known.size > 0 && others.length > 0 && !others.some((address) => known.has(address.toLowerCase()));
}
