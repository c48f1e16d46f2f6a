/** What one group says about the settings of one kind, with its place in the tree. */
export interface GroupSayings<Values extends object> {
  readonly groupId: string;
  readonly groupName: string;
  /** Ids from the top group down to this one. */
  readonly path: readonly string[];
  readonly revision: number;
  /** What is left out is inherited. */
  readonly own: Partial<Values>;
  /** Fields of which groups below cannot say something else. Without effect on a field that the group says nothing of. */
  readonly locked: readonly FieldName<Values>[];
}

export type FieldName<Values> = keyof Values & string;
export type SayingsByGroup<Values extends object> = ReadonlyMap<string, GroupSayings<Values>>;
export type ByField<Values, Value> = { readonly [Name in FieldName<Values>]: Value };

export interface Inherited<Values extends object> {
  readonly effective: Values;
  /** The group that each value comes from; `undefined`: none says anything. */
  readonly origins: ByField<Values, GroupSayings<Values> | undefined>;
  /** The group whose lock decides; `undefined`: the field is open. */
  readonly locks: ByField<Values, GroupSayings<Values> | undefined>;
}

/**
 * What holds at a place. Of each field: what the topmost group says that locks it, else what the nearest group from there up to the top
 * says, else the fallback.
 *
 * @param path ids from the top group down
 */
export function inherit<Values extends object>(
  path: readonly string[],
  sayings: SayingsByGroup<Values>,
  fallback: Values,
): Inherited<Values> {
  // One loop and no callbacks: this runs at every handshake.
  const topFirst: GroupSayings<Values>[] = [];
  for (const id of path) {
    const group = sayings.get(id);
    if (group !== undefined) topFirst.push(group);
  }
  const effective = { ...fallback };
  const origins: Partial<Record<FieldName<Values>, GroupSayings<Values> | undefined>> = {};
  const locks: Partial<Record<FieldName<Values>, GroupSayings<Values> | undefined>> = {};
  for (const name of listFields(fallback)) {
    let origin: GroupSayings<Values> | undefined;
    let lock: GroupSayings<Values> | undefined;
    for (const group of topFirst) {
      if (group.own[name] === undefined) continue;
      origin = group;
      if (!group.locked.includes(name)) continue;
      lock = group;
      break;
    }
    origins[name] = origin;
    locks[name] = lock;
    const said = origin?.own[name];
    if (said !== undefined) effective[name] = said;
  }
  return {
    effective,
    // Every field has been gone through.
    origins: origins as ByField<Values, GroupSayings<Values> | undefined>,
    locks: locks as ByField<Values, GroupSayings<Values> | undefined>,
  };
}

/** One value for each field of the kind. */
export function byField<Values extends object, Value>(
  fields: Values,
  read: (name: FieldName<Values>) => Value,
): ByField<Values, Value> {
  const entries = listFields(fields).map((name) => [name, read(name)] as const);
  // One entry for each name.
  return Object.fromEntries(entries) as unknown as ByField<Values, Value>;
}

/** @param fields an object that has every field of the kind and nothing else */
export function listFields<Values extends object>(fields: Values): FieldName<Values>[] {
  return Object.keys(fields) as FieldName<Values>[];
}
