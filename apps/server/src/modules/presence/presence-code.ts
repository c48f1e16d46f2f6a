import {
  type PresenceReason,
  type PresenceStatus,
  presenceReasons,
  presenceStatuses,
  type Transport,
} from '@holdfast/api';

/** What counts as a sign of life: every reason that is not a kind of silence. */
export type SignKind = Exclude<
  PresenceReason,
  'silent' | 'never-seen' | 'agent-stopped' | 'disabled' | 'idle-hours' | 'before-restart' | 'port-closed'
>;

/** Statuses and reasons are kept as one byte each: their places in the lists of the contract. */
export const statusCode = codesOf(presenceStatuses);
export const reasonCode = codesOf(presenceReasons);

export function statusOf(code: number): PresenceStatus {
  const status = presenceStatuses[code];
  if (status === undefined) throw new RangeError(`"code" expected a presence status, got ${code}`);
  return status;
}

export function reasonOf(code: number): PresenceReason {
  const reason = presenceReasons[code];
  if (reason === undefined) throw new RangeError(`"code" expected a presence reason, got ${code}`);
  return reason;
}

/** True when answers to the product's heartbeats reach it, so that it knows the interval that they carry. */
export function isAnswered(transport: Transport): boolean {
  return transport !== 'udp';
}

function codesOf<const Names extends readonly string[]>(
  names: Names,
): Readonly<Record<Names[number], number>> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<Names[number], number>;
}
