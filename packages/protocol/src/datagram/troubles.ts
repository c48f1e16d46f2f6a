/**
 * What keeps an agent from its work, as the item `troubles` of a heartbeat says it: each has the bit of its place, and new ones
 * come at the end.
 */
export const troubles = [
  /** The disk on which the agent keeps its state is full or failing. */
  'disk-full',
  /** The server refuses these calls of the agent, each time. */
  'inventory-refused',
  'logs-refused',
  'reports-refused',
  'commands-refused',
  'notifications-refused',
] as const;
export type Trouble = (typeof troubles)[number];

export function encodeTroubles(present: ReadonlySet<Trouble>): number {
  return troubles.reduce((bits, trouble, place) => (present.has(trouble) ? bits + 2 ** place : bits), 0);
}

/** Bits that this version does not know are left out. */
export function decodeTroubles(bits: number): Trouble[] {
  return troubles.filter((_, place) => Math.floor(bits / 2 ** place) % 2 === 1);
}
