import type { Database } from '../../platform/database/index.ts';
import { describeDistinctions } from './namesakes.ts';
import { listNamed, listNamedDevices } from './namesakes.store.ts';
import { toSortKey } from './sort-key.ts';

/** A device under the name by which a list shows it, which may be one that it had once. */
export interface ShownDevice {
  readonly id: string;
  readonly name: string;
}

/**
 * What tells the devices of a list from others of the same name, in the list or in the directory as far as the caller sees it;
 * nothing for those that are alone. Lists of things that happened show names, and people take one name for one device.
 *
 * @param roots where the caller may look; null means everything
 */
export async function findDistinctions(
  db: Database,
  shown: readonly ShownDevice[],
  roots: readonly string[] | null,
): Promise<ReadonlyMap<string, string>> {
  const byName = Map.groupBy(shown, ({ name }) => toSortKey(name));
  const namesakes = Map.groupBy(await listNamed(db, [...byName.keys()], roots), ({ key }) => key);
  const groups = [...byName].flatMap(([key, own]) => {
    const ids = new Set([...own.map(({ id }) => id), ...(namesakes.get(key) ?? []).map(({ id }) => id)]);
    return ids.size > 1 ? [ids] : [];
  });
  if (groups.length === 0) return new Map();
  const devices = new Map(
    (await listNamedDevices(db, [...new Set(groups.flatMap((ids) => [...ids]))])).map((device) => [
      device.id,
      device,
    ]),
  );
  return new Map(
    groups.flatMap((ids) => [...describeDistinctions([...ids].flatMap((id) => devices.get(id) ?? []))]),
  );
}
