/** What the agent asks of the server, as people would call it. The stored values are these names. */
export const refusableCalls = [
  'handshake',
  'transport',
  'heartbeat',
  'notifications',
  'commands',
  'reports',
  'logs',
  'inventory',
  'components',
] as const;
export type RefusableCall = (typeof refusableCalls)[number];

/** The server says no to a call of this agent, and has not said yes to the same call since. */
export interface Refusal {
  readonly call: RefusableCall;
  /** Of the server's problem, as the server words it. */
  readonly code: string;
  readonly text: string;
  readonly since: number;
}

/** Entries or reports that the server never took, one by one, and that this agent let go of so that the others get through. */
export interface GivenUp {
  readonly call: RefusableCall;
  readonly code: string;
  readonly count: number;
  readonly lastAt: number;
}

/** Everything that the server does not take, as the running agent last wrote it. */
export interface RefusalRecord {
  readonly standing: readonly Refusal[];
  readonly givenUp: readonly GivenUp[];
}

export const noRefusals: RefusalRecord = { standing: [], givenUp: [] };

/** @returns the same record when nothing is new in it */
export function addRefusal(record: RefusalRecord, refusal: Refusal): RefusalRecord {
  const known = record.standing.find(({ call }) => call === refusal.call);
  if (known?.code === refusal.code) return record;
  const others = record.standing.filter(({ call }) => call !== refusal.call);
  // Another reason for the same no: it has lasted since the first.
  return { ...record, standing: [...others, { ...refusal, since: known?.since ?? refusal.since }] };
}

/** @returns the same record when nothing stood */
export function endRefusal(record: RefusalRecord, call: RefusableCall): RefusalRecord {
  const standing = record.standing.filter((refusal) => refusal.call !== call);
  return standing.length === record.standing.length ? record : { ...record, standing };
}

export function addGivenUp(
  record: RefusalRecord,
  { call, code, lastAt }: Omit<GivenUp, 'count'>,
): RefusalRecord {
  const count = (record.givenUp.find((one) => one.call === call)?.count ?? 0) + 1;
  const others = record.givenUp.filter((one) => one.call !== call);
  return { ...record, givenUp: [...others, { call, code, count, lastAt }] };
}
