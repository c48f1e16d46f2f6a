/** A key that a key made. */
export interface Descent {
  readonly id: string;
  readonly madeById: string;
}

/**
 * How many keys descend from each key; those that made none are left out. The time grows with the number of keys alone,
 * whatever shape their descent has.
 */
export function countMadeKeys(descents: readonly Descent[]): ReadonlyMap<string, number> {
  const makerOf = new Map(descents.map(({ id, madeById }) => [id, madeById]));
  const unsettled = new Map<string, number>();
  for (const { madeById } of descents) unsettled.set(madeById, (unsettled.get(madeById) ?? 0) + 1);
  const counts = new Map<string, number>();
  // From those that made none upwards: each is added to its maker when all that it made is known.
  const settled = [...makerOf.keys()].filter((id) => !unsettled.has(id));
  for (let id = settled.pop(); id !== undefined; id = settled.pop()) {
    const maker = makerOf.get(id);
    if (maker === undefined) continue;
    counts.set(maker, (counts.get(maker) ?? 0) + (counts.get(id) ?? 0) + 1);
    const left = (unsettled.get(maker) ?? 0) - 1;
    unsettled.set(maker, left);
    if (left === 0) settled.push(maker);
  }
  return counts;
}

/** A key with all that came from it. */
export function findFamily(rootId: string, descents: readonly Descent[]): string[] {
  const made = Map.groupBy(descents, ({ madeById }) => madeById);
  const family = [rootId];
  // The list grows while it is walked.
  for (const id of family) for (const child of made.get(id) ?? []) family.push(child.id);
  return family;
}
