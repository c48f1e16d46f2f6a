import { composeName } from '../../platform/http/composed-name.ts';
import { DirectoryError } from './directory.errors.ts';

/** Ids of the two groups that always exist; the same on every server. */
export const TOP_GROUP_ID = '00000000-0000-7000-8000-000000000001';
export const NEW_DEVICES_GROUP_ID = '00000000-0000-7000-8000-000000000002';

/** Levels below the top group. Deep enough for continent, country, site, building, floor, room and more. */
export const MAX_GROUP_DEPTH = 16;
export const MAX_GROUPS = 10_000;

/** A group as the tree knows it. */
export interface GroupRecord {
  readonly id: string;
  /** Null only for the top group. */
  readonly parentId: string | null;
  readonly name: string;
  /** Ids from the top group down to this one. */
  readonly path: readonly string[];
  /** Names from below the top group down to this one. */
  readonly names: readonly string[];
  readonly depth: number;
  readonly revision: number;
  readonly isFixed: boolean;
}

/** Where a group stands after a change: all that follows from its parent and its name. */
export interface GroupPlace {
  readonly parentId: string;
  readonly path: readonly string[];
  readonly names: readonly string[];
  readonly depth: number;
}

/**
 * The place of a group of this name below a parent.
 *
 * @param height levels below the group itself that move along
 * @throws DirectoryError GROUP_TOO_DEEP
 */
export function placeBelow(
  parent: Pick<GroupRecord, 'id' | 'path' | 'names' | 'depth'>,
  group: { readonly id: string; readonly name: string },
  height = 0,
): GroupPlace {
  const depth = parent.depth + 1;
  if (depth + height > MAX_GROUP_DEPTH) {
    throw new DirectoryError('GROUP_TOO_DEEP', `Groups may be nested ${MAX_GROUP_DEPTH} levels deep.`, {
      facts: { limit: MAX_GROUP_DEPTH },
      remedy: 'Choose a group that lies higher.',
    });
  }
  return {
    parentId: parent.id,
    path: [...parent.path, group.id],
    names: [...parent.names, group.name],
    depth,
  };
}

/** @throws DirectoryError GROUP_FIXED */
export function assertNotFixed(group: Pick<GroupRecord, 'isFixed' | 'name'>): void {
  if (!group.isFixed) return;
  throw new DirectoryError(
    'GROUP_FIXED',
    `The group "${group.name}" can be neither renamed, moved nor removed.`,
  );
}

/** @throws DirectoryError GROUP_CYCLE when the group would lie in itself */
export function assertNoCycle(
  group: Pick<GroupRecord, 'id' | 'name'>,
  parent: Pick<GroupRecord, 'path'>,
): void {
  if (!parent.path.includes(group.id)) return;
  throw new DirectoryError('GROUP_CYCLE', `The group "${group.name}" cannot be moved into itself.`, {
    remedy: 'Choose a group outside of it.',
  });
}

export function createNameTaken(name: string): DirectoryError {
  return new DirectoryError('GROUP_NAME_TAKEN', `There is a group "${name}" here already.`, {
    remedy: 'Choose another name. Upper and lower case count as the same.',
  });
}

/**
 * A slash separates groups where people write their path, so a name that had one could not be found by it.
 *
 * @throws DirectoryError GROUP_NAME_IS_PATH
 */
export function assertNoPath(name: string): void {
  if (!name.includes('/')) return;
  const parts = name
    .split('/')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const [first, second] = parts;
  throw new DirectoryError('GROUP_NAME_IS_PATH', 'The name of a group cannot contain a slash.', {
    remedy:
      first === undefined || second === undefined
        ? 'Leave the slash out.'
        : `Create the group "${first}" first, then "${second}" in it.`,
  });
}

/** @throws DirectoryError GROUP_LIMIT_REACHED */
export function assertRoomForGroups(count: number, more: number): void {
  if (count + more <= MAX_GROUPS) return;
  throw new DirectoryError('GROUP_LIMIT_REACHED', `There can be ${MAX_GROUPS} groups.`, {
    facts: { limit: MAX_GROUPS },
    remedy: 'Remove groups that are not needed any more.',
  });
}

/** One form for the same name: composed letters, single blanks, none around. @throws HttpError REQUEST_INVALID when that is too long */
export function cleanGroupName(name: string): string {
  return composeName(name.replaceAll(/\s+/g, ' '));
}

/** A name for a restored group that no sibling has: the old one, else the old one with a remark. */
export function chooseRestoredName(name: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(name)) return name;
  for (let round = 1; ; round += 1) {
    const candidate = `${name} (${round === 1 ? 'restored' : `restored ${round}`})`;
    if (!isTaken(candidate)) return candidate;
  }
}
