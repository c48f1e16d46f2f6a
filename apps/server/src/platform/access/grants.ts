import { organisationWidePermissions, type Permission } from '@holdfast/api';

/** Permissions in one place. Whoever acts has a list of these, and nothing else says what it may do. */
export interface Grant {
  readonly permissions: ReadonlySet<Permission>;
  /** The group in which, with everything that lies in it; null means everything, also what lies in no group. */
  readonly groupId: string | null;
}

/** Where something may be done: in these groups with everything in them. The empty set is nowhere. */
export type Places = 'everything' | ReadonlySet<string>;

const NOWHERE: ReadonlySet<string> = new Set();

/**
 * What an actor may do, and where. Grants add up: one never takes away what another gives.
 *
 * Invariant: both questions have one answer. `mayAt` says yes to a path exactly when a group of it is in `placesOf`.
 */
export class Grants {
  static readonly none = new Grants([]);

  readonly list: readonly Grant[];
  // Most requests ask about one or two permissions.
  readonly #places = new Map<Permission, Places>();

  constructor(list: readonly Grant[]) {
    this.list = list;
  }

  /** At which places may this be done? */
  placesOf(permission: Permission): Places {
    const known = this.#places.get(permission);
    if (known !== undefined) return known;
    const places = findPlaces(this.list, permission);
    this.#places.set(permission, places);
    return places;
  }

  /** @param groupPath ids of the groups from the top group down; the empty path lies in no group */
  mayAt(permission: Permission, groupPath: readonly string[]): boolean {
    const places = this.placesOf(permission);
    return places === 'everything' || groupPath.some((groupId) => places.has(groupId));
  }

  mayAnywhere(permission: Permission): boolean {
    const places = this.placesOf(permission);
    return places === 'everything' || places.size > 0;
  }

  /** True when both allow the same at the same places, however many grants say so. */
  isSameAs(other: Grants): boolean {
    const named = new Set([...permissionsIn(this.list), ...permissionsIn(other.list)]);
    return [...named].every((permission) =>
      arePlacesSame(this.placesOf(permission), other.placesOf(permission)),
    );
  }
}

/** Every permission that these grants name, whether or not it is of use where they name it. */
export function permissionsIn(list: readonly Grant[]): ReadonlySet<Permission> {
  return new Set(list.flatMap(({ permissions }) => [...permissions]));
}

/**
 * What of `held` also lies in `limits`, permission by permission: of two groups of which one lies in the other, the inner one;
 * of two that lie apart, nothing.
 *
 * @param pathOf ids from the top group down to this one; undefined for a group that is gone, in which nothing lies
 */
export function limitGrants(
  held: readonly Grant[],
  limits: readonly Grant[],
  pathOf: (groupId: string) => readonly string[] | undefined,
): Grant[] {
  const limited: Grant[] = [];
  for (const grant of held) {
    for (const limit of limits) {
      const permissions = new Set([...grant.permissions].filter((name) => limit.permissions.has(name)));
      if (permissions.size === 0) continue;
      if (isWithin(grant.groupId, limit.groupId, pathOf))
        limited.push({ permissions, groupId: grant.groupId });
      else if (isWithin(limit.groupId, grant.groupId, pathOf))
        limited.push({ permissions, groupId: limit.groupId });
    }
  }
  return limited;
}

function isWithin(
  inner: string | null,
  outer: string | null,
  pathOf: (groupId: string) => readonly string[] | undefined,
): boolean {
  if (outer === null) return true;
  return inner !== null && (pathOf(inner)?.includes(outer) ?? false);
}

function findPlaces(list: readonly Grant[], permission: Permission): Places {
  const granting = list.filter(({ permissions }) => permissions.has(permission));
  if (granting.some(({ groupId }) => groupId === null)) return 'everything';
  if (organisationWidePermissions.has(permission)) return NOWHERE;
  return new Set(granting.flatMap(({ groupId }) => groupId ?? []));
}

function arePlacesSame(first: Places, second: Places): boolean {
  if (first === 'everything' || second === 'everything') return first === second;
  return first.size === second.size && [...first].every((groupId) => second.has(groupId));
}
