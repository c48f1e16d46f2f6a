import type { AuditAction, RecycledItem } from '@holdfast/api';
import { type Actor, mayAt, placesOf, requirePermission, type Sight } from '../../platform/access/actor.ts';
import { inTransaction, type Transaction } from '../../platform/database/index.ts';
import type { PresenceModule } from '../presence/index.ts';
import { moveDevices } from './devices.store.ts';
import type { Caller, DirectoryPlatform } from './directory-change.ts';
import { DirectoryError } from './directory.errors.ts';
import {
  assertRoomForGroups,
  chooseRestoredName,
  type GroupRecord,
  MAX_GROUP_DEPTH,
  placeBelow,
  TOP_GROUP_ID,
} from './group-tree.ts';
import { toItem } from './groups.service.ts';
import { countGroups, findGroup, findHeight, listSiblingKeys, lockTree, placeGroup } from './groups.store.ts';
import {
  deleteRecycled,
  findRecycledForUpdate,
  findRecycledGroup,
  listDeviceGroups,
  listRecycled,
  listRecycledForUpdate,
  purge,
  type RecycledRecord,
  unmarkRemoved,
} from './recycle-bin.store.ts';
import { toSortKey } from './sort-key.ts';

export interface RestoredObject {
  readonly kind: 'group' | 'device';
  readonly id: string;
  readonly path: string[];
}

interface Restored extends RestoredObject {
  readonly groupPath: readonly string[];
}

interface RestoredItem extends Restored {
  readonly item: RecycledRecord;
}

export interface RecycleBinParts {
  readonly platform: DirectoryPlatform;
  readonly presence: Pick<PresenceModule, 'removeProduct'>;
}

/** Use cases of what was removed. */
export class RecycleBinService {
  readonly #platform: DirectoryPlatform;
  readonly #presence: Pick<PresenceModule, 'removeProduct'>;

  constructor({ platform, presence }: RecycleBinParts) {
    this.#platform = platform;
    this.#presence = presence;
  }

  async listItems(actor: Actor): Promise<RecycledItem[]> {
    requirePermission(actor, 'directory:read');
    return (await listRecycled(this.#platform.database, placesOf(actor, 'directory:read'))).map(toItem);
  }

  async restore(caller: Caller, itemId: string): Promise<RestoredObject> {
    const [restored] = await this.restoreMany(caller, [itemId]);
    if (restored === undefined) throw createItemNotFound();
    return { kind: restored.kind, id: restored.id, path: restored.path };
  }

  /** All of them, or none: undoes a removal of many. @throws DirectoryError RECYCLED_ITEM_NOT_FOUND */
  async restoreMany(caller: Caller, itemIds: readonly string[]): Promise<readonly RestoredObject[]> {
    requirePermission(caller.actor, 'directory:edit');
    return await inTransaction(this.#platform.database, async (transaction) => {
      await lockTree(transaction);
      const wanted = new Set(itemIds);
      const items = await listRecycledForUpdate(transaction, [...wanted]);
      if (items.length < wanted.size) throw createItemNotFound();
      for (const item of items) this.#requireItem(caller.actor, item);
      const done: RestoredItem[] = [];
      // Groups first: a device goes back to a group that comes back with it. The outer before the inner.
      const groups = items.filter(({ kind }) => kind === 'group');
      for (const item of groups.toSorted((one, other) => one.scopePath.length - other.scopePath.length))
        done.push({ ...(await this.#restoreGroup(transaction, caller.actor, item)), item });
      const devices = items.filter(({ kind }) => kind === 'device');
      done.push(...(await this.#restoreDevices(transaction, caller.actor, devices)));
      await deleteRecycled(transaction, [...wanted]);
      await this.#platform.recordEvents(
        transaction,
        done.map(({ kind, id, path, groupPath, item }) => ({
          type: `${kind}.restored`,
          objectId: id,
          groupIds: groupPath,
          data: { name: kind === 'group' ? (path.at(-1) ?? item.name) : item.name, path },
        })),
      );
      // Last, and all at once: others who record entries wait from here on until this transaction ends.
      await this.#record(
        transaction,
        caller,
        done.map(({ item, path }) => ({ action: `${item.kind}.restored`, item, details: { path } })),
      );
      return done;
    });
  }

  async purge(caller: Caller, itemId: string): Promise<void> {
    requirePermission(caller.actor, 'directory:edit');
    const gone = await inTransaction(this.#platform.database, async (transaction) => {
      await lockTree(transaction);
      const item = this.#requireItem(caller.actor, await findRecycledForUpdate(transaction, itemId));
      const purged = await purge(transaction, itemId, TOP_GROUP_ID);
      await deleteRecycled(transaction, [itemId]);
      const gone = { objectId: item.objectId, groupIds: item.scopePath };
      const data = { name: item.name, path: item.path };
      await this.#platform.recordEvents(
        transaction,
        item.kind === 'device'
          ? { type: 'device.purged', ...gone, data }
          : { type: 'group.purged', ...gone, data: { ...data, deviceCount: purged.deviceCount } },
      );
      await this.#record(transaction, caller, [
        {
          action: `${item.kind}.purged`,
          item,
          details: { path: item.path, deviceCount: purged.deviceCount },
        },
      ]);
      return purged;
    });
    for (const productNumber of gone.productNumbers) this.#presence.removeProduct(productNumber);
  }

  async #restoreGroup(transaction: Transaction, actor: Actor, item: RecycledRecord): Promise<Restored> {
    const group = await findRecycledGroup(transaction, item.objectId);
    if (group === undefined) throw createItemNotFound();
    assertRoomForGroups(await countGroups(transaction), item.groupCount);
    const height = await findHeight(transaction, group);
    const old = await findGroup(transaction, group.parentId);
    // The old parent may lie deeper than before.
    const fits =
      old !== undefined &&
      old.depth + 1 + height <= MAX_GROUP_DEPTH &&
      mayAt(actor, 'directory:edit', old.path);
    const parent = fits ? old : await this.#findTop(transaction, actor);
    const siblings = await listSiblingKeys(transaction, parent.id, group.id);
    const name = chooseRestoredName(group.name, (candidate) => siblings.has(toSortKey(candidate)));
    const place = placeBelow(parent, { id: group.id, name }, height);
    await placeGroup(transaction, group, { name, nameKey: toSortKey(name), place });
    await unmarkRemoved(transaction, [item.id]);
    return { kind: 'group', id: group.id, path: [...place.names], groupPath: place.path };
  }

  /** All devices at once, however many: each of these statements is one for all of them. */
  async #restoreDevices(
    transaction: Transaction,
    actor: Actor,
    items: readonly RecycledRecord[],
  ): Promise<RestoredItem[]> {
    if (items.length === 0) return [];
    const ids = items.map(({ objectId }) => objectId);
    const rows = await listDeviceGroups(transaction, ids);
    if (rows.length < ids.length) throw createItemNotFound();
    const targets = new Map<string, { readonly group: GroupRecord; readonly deviceIds: string[] }>();
    for (const [groupId, members] of Map.groupBy(rows, (row) => row.groupId)) {
      const old = await findGroup(transaction, groupId);
      const isPlace = old !== undefined && mayAt(actor, 'directory:edit', old.path);
      const group = isPlace ? old : await this.#findTop(transaction, actor);
      const target = targets.get(group.id) ?? { group, deviceIds: [] };
      target.deviceIds.push(...members.map(({ deviceId }) => deviceId));
      targets.set(group.id, target);
    }
    await unmarkRemoved(
      transaction,
      items.map(({ id }) => id),
    );
    const placeOf = new Map<string, GroupRecord>();
    for (const { group, deviceIds } of targets.values()) {
      await moveDevices(transaction, deviceIds, group.id);
      for (const deviceId of deviceIds) placeOf.set(deviceId, group);
    }
    return items.map((item) => {
      const group = placeOf.get(item.objectId);
      if (group === undefined) throw createItemNotFound();
      return { kind: 'device', id: item.objectId, path: [...group.names], groupPath: group.path, item };
    });
  }

  /** A caller who may not edit in the top group cannot put anything there. */
  async #findTop(transaction: Transaction, actor: Actor): Promise<GroupRecord> {
    const top = await findGroup(transaction, TOP_GROUP_ID);
    if (top !== undefined && mayAt(actor, 'directory:edit', top.path)) return top;
    throw new DirectoryError('GROUP_NOT_FOUND', 'The group in which this lay is gone.', {
      remedy: 'Ask an administrator of the whole directory to restore it.',
    });
  }

  #requireItem(actor: Actor, item: RecycledRecord | undefined): RecycledRecord {
    if (item === undefined) throw createItemNotFound();
    requirePermission(actor, 'directory:edit', item.scopePath, itemSight);
    return item;
  }

  async #record(
    transaction: Transaction,
    caller: Caller,
    changes: readonly {
      readonly action: AuditAction;
      readonly item: RecycledRecord;
      readonly details: Readonly<Record<string, unknown>>;
    }[],
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      caller.actor,
      changes.map(({ action, item, details }) => {
        const scopeGroupId = item.scopePath.at(-1);
        return {
          action,
          objectKind: item.kind,
          objectId: item.objectId,
          objectName: item.name,
          ...(scopeGroupId === undefined ? {} : { scopeGroupId }),
          details,
        };
      }),
      caller.request,
    );
  }
}

const itemSight: Sight = { permission: 'directory:read', createNotFound: createItemNotFound };

function createItemNotFound(): DirectoryError {
  return new DirectoryError('RECYCLED_ITEM_NOT_FOUND', 'There is no such item in the recycle bin.', {
    remedy: 'It may have been restored or removed for good meanwhile.',
  });
}
