import type { ChangePlan, Group, RecycledItem } from '@holdfast/api';
import { requirePermission, scopeGroupIds } from '../../platform/access/actor.ts';
import type { Actor } from '../../platform/access/actor.ts';
import {
  type Database,
  inTransaction,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/index.ts';
import { actorNameOf } from './actor-name.ts';
import {
  countOf,
  createChangePlan,
  describeBlindedKeys,
  describeMovedTokens,
  describeRemovedTokens,
  describeSight,
} from './change-plan.ts';
import { listPointingTokens, listScopedKeys } from './change-plan.store.ts';
import { type Caller, type DirectoryPlatform, requireGroup } from './directory-change.ts';
import { createDirectoryChanged, createGroupNotFound, DirectoryError } from './directory.errors.ts';
import {
  assertNoCycle,
  assertNotFixed,
  assertRoomForGroups,
  cleanGroupName,
  createNameTaken,
  type GroupPlace,
  type GroupRecord,
  placeBelow,
} from './group-tree.ts';
import {
  countDevicesIn,
  countGroups,
  type CountedGroup,
  findGroup,
  findHeight,
  insertGroup,
  listGroups,
  lockSubtree,
  lockTree,
  placeGroup,
} from './groups.store.ts';
import { insertRecycled, markRemoved, type RecycledRecord } from './recycle-bin.store.ts';
import { toSortKey } from './sort-key.ts';

interface PlannedMove {
  readonly plan: ChangePlan;
  readonly group: GroupRecord;
  readonly place: GroupPlace;
}

interface PlannedRemoval {
  readonly plan: ChangePlan;
  readonly groups: readonly GroupRecord[];
}

/** Use cases of the tree of groups. */
export class GroupService {
  readonly #platform: DirectoryPlatform;

  constructor(platform: DirectoryPlatform) {
    this.#platform = platform;
  }

  async listGroups(actor: Actor): Promise<Group[]> {
    requirePermission(actor, 'directory:read');
    return (await listGroups(this.#platform.database, scopeGroupIds(actor))).map(toGroup);
  }

  async createGroup(
    caller: Caller,
    input: { readonly parentId: string; readonly name: string },
  ): Promise<Group> {
    requirePermission(caller.actor, 'directory:edit');
    const group = await this.#change(async (transaction) => {
      await lockTree(transaction);
      const parent = requireGroup(
        caller.actor,
        'directory:edit',
        await findGroup(transaction, input.parentId),
      );
      return await this.insertBelow(transaction, caller, parent, input.name);
    }, input.name);
    return toGroup({ ...group, deviceCount: 0 });
  }

  /**
   * A new group, for use cases that make groups as part of more: they have decided that the caller may, hold the lock
   * of the tree, and tell open views after their commit.
   */
  async insertBelow(
    transaction: Transaction,
    caller: { readonly actor: Actor; readonly request?: Caller['request'] },
    parent: GroupRecord,
    givenName: string,
  ): Promise<GroupRecord> {
    assertRoomForGroups(await countGroups(transaction), 1);
    const id = this.#platform.createId();
    const name = cleanGroupName(givenName);
    const place = placeBelow(parent, { id, name });
    await insertGroup(transaction, { id, name, nameKey: toSortKey(name) }, place);
    await this.#record(transaction, caller, 'group.created', { id, name, names: place.names });
    return { id, name, revision: 1, isFixed: false, ...place };
  }

  async renameGroup(
    caller: Caller,
    groupId: string,
    input: { readonly name: string; readonly revision: number },
  ): Promise<Group> {
    requirePermission(caller.actor, 'directory:edit');
    const name = cleanGroupName(input.name);
    const renamed = await this.#change(async (transaction) => {
      await lockTree(transaction);
      const group = requireGroup(caller.actor, 'directory:edit', await findGroup(transaction, groupId));
      assertNotFixed(group);
      if (group.revision !== input.revision) {
        throw new DirectoryError('GROUP_CHANGED', `The group "${group.name}" has been changed meanwhile.`, {
          retry: 'safe',
          remedy: 'Look at it again, then rename it.',
        });
      }
      const place = {
        parentId: group.parentId ?? '',
        path: group.path,
        names: [...group.names.slice(0, -1), name],
        depth: group.depth,
      };
      await placeGroup(transaction, group, { name, nameKey: toSortKey(name), place });
      await this.#record(
        transaction,
        caller,
        'group.renamed',
        { id: group.id, name, names: place.names },
        {
          from: group.name,
          to: name,
        },
      );
      return await this.#readCounted(transaction, group.id);
    }, name);
    return toGroup(renamed);
  }

  async planMove(actor: Actor, groupId: string, parentId: string): Promise<ChangePlan> {
    requirePermission(actor, 'directory:edit');
    const { database } = this.#platform;
    return await inTransaction(
      database,
      async (it) => (await this.#planMove(it, actor, groupId, parentId)).plan,
    );
  }

  async moveGroup(
    caller: Caller,
    groupId: string,
    input: { readonly parentId: string; readonly planToken: string },
  ): Promise<Group> {
    requirePermission(caller.actor, 'directory:edit');
    let name = '';
    const moved = await this.#change(
      async (transaction) => {
        await lockTree(transaction);
        const { plan, group, place } = await this.#planMove(
          transaction,
          caller.actor,
          groupId,
          input.parentId,
        );
        if (plan.planToken !== input.planToken) throw createDirectoryChanged();
        name = group.name;
        await placeGroup(transaction, group, { name, nameKey: toSortKey(name), place });
        await this.#record(
          transaction,
          caller,
          'group.moved',
          { id: group.id, name, names: place.names },
          {
            from: group.names,
            to: place.names,
            deviceCount: plan.deviceCount,
          },
        );
        return await this.#readCounted(transaction, group.id);
      },
      () => name,
    );
    return toGroup(moved);
  }

  async planRemoval(actor: Actor, groupId: string): Promise<ChangePlan> {
    requirePermission(actor, 'directory:edit');
    const { database } = this.#platform;
    return await inTransaction(database, async (it) => (await this.#planRemoval(it, actor, groupId)).plan);
  }

  async removeGroup(caller: Caller, groupId: string, planToken: string): Promise<RecycledItem> {
    requirePermission(caller.actor, 'directory:edit');
    const { database, clock, createId } = this.#platform;
    const item = await inTransaction(database, async (transaction) => {
      await lockTree(transaction);
      const { plan, groups } = await this.#planRemoval(transaction, caller.actor, groupId);
      const [group] = groups;
      if (group === undefined) throw createGroupNotFound();
      if (plan.planToken !== planToken) throw createDirectoryChanged();
      const recycled: RecycledRecord = {
        id: createId(),
        kind: 'group',
        objectId: group.id,
        name: group.name,
        path: group.names.slice(0, -1),
        scopePath: group.path,
        deviceCount: plan.deviceCount,
        groupCount: groups.length,
        removedAt: new Date(clock.now()).toISOString(),
        removedBy: actorNameOf(caller.actor),
      };
      await insertRecycled(transaction, recycled);
      await markRemoved(
        transaction,
        recycled.id,
        groups.map((it) => it.id),
      );
      await this.#record(transaction, caller, 'group.removed', group, {
        deviceCount: plan.deviceCount,
        groupCount: groups.length,
      });
      return recycled;
    });
    this.#announce();
    return toItem(item);
  }

  async #planMove(
    transaction: Transaction,
    actor: Actor,
    groupId: string,
    parentId: string,
  ): Promise<PlannedMove> {
    const groups = await lockSubtree(transaction, groupId);
    const group = requireGroup(actor, 'directory:edit', groups[0]);
    const parent = requireGroup(actor, 'directory:edit', await findGroup(transaction, parentId));
    assertNotFixed(group);
    assertNoCycle(group, parent);
    const place = placeBelow(parent, group, await findHeight(transaction, group));
    const ids = groups.map((it) => it.id);
    const deviceCount = await countDevicesIn(transaction, ids);
    const now = new Date(this.#platform.clock.now());
    const tokens = await listPointingTokens(transaction, ids, now);
    const keys = await listScopedKeys(transaction, now);
    const plan = createChangePlan(
      {
        groupCount: groups.length,
        deviceCount,
        consequences: [
          `${countOf(groups.length - 1, 'subgroup')} and ${countOf(deviceCount, 'device')} move along.`,
          ...describeSight(keys, group.path.slice(0, -1), parent.path),
          ...describeMovedTokens(tokens),
        ],
      },
      { kind: 'move', group: [group.id, group.revision], parent: [parent.id, parent.revision] },
    );
    return { plan, group, place };
  }

  async #planRemoval(transaction: Transaction, actor: Actor, groupId: string): Promise<PlannedRemoval> {
    const groups = await lockSubtree(transaction, groupId);
    const group = requireGroup(actor, 'directory:edit', groups[0]);
    const fixed = groups.find((it) => it.isFixed);
    if (fixed !== undefined) assertNotFixed(fixed);
    const ids = groups.map((it) => it.id);
    const deviceCount = await countDevicesIn(transaction, ids);
    const now = new Date(this.#platform.clock.now());
    const tokens = await listPointingTokens(transaction, ids, now);
    const keys = await listScopedKeys(transaction, now);
    const plan = createChangePlan(
      {
        groupCount: groups.length,
        deviceCount,
        consequences: [
          `${countOf(groups.length, 'group')} and ${countOf(deviceCount, 'device')} go to the recycle bin.`,
          ...(deviceCount > 0 ? ['The devices stay registered and go on reporting.'] : []),
          ...describeBlindedKeys(keys.filter((key) => ids.includes(key.scopeGroupId))),
          ...describeRemovedTokens(tokens),
        ],
      },
      { kind: 'removal', group: [group.id, group.revision], ids },
    );
    return { plan, groups };
  }

  /** Runs a change of the tree and tells open views afterwards. */
  async #change<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    name: string | (() => string),
  ): Promise<Result> {
    try {
      const result = await inTransaction(this.#platform.database, work);
      this.#announce();
      return result;
    } catch (error) {
      if (isUniqueViolation(error, 'directory_group_sibling_idx')) {
        throw createNameTaken(typeof name === 'string' ? cleanGroupName(name) : name());
      }
      throw error;
    }
  }

  async #readCounted(db: Database, groupId: string): Promise<CountedGroup> {
    const group = await findGroup(db, groupId);
    if (group === undefined) throw createGroupNotFound();
    return { ...group, deviceCount: await countDevicesIn(db, [groupId]) };
  }

  async #record(
    transaction: Transaction,
    caller: { readonly actor: Actor; readonly request?: Caller['request'] },
    action: string,
    group: { readonly id: string; readonly name: string; readonly names: readonly string[] },
    details: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    await this.#platform.recordAuditEntry(
      transaction,
      caller.actor,
      {
        action,
        objectKind: 'group',
        objectId: group.id,
        objectName: group.name,
        scopeGroupId: group.id,
        details: { path: group.names, ...details },
      },
      caller.request,
    );
  }

  #announce(): void {
    // It names no group, so it tells nobody more than that the tree is another one.
    this.#platform.bus.publish({ event: { type: 'groups' }, permission: 'directory:read' });
  }
}

export function toGroup(group: CountedGroup): Group {
  return {
    id: group.id,
    parentId: group.parentId,
    name: group.name,
    path: [...group.names],
    depth: group.depth,
    revision: group.revision,
    deviceCount: group.deviceCount,
    isFixed: group.isFixed,
  };
}

export function toItem(record: RecycledRecord): RecycledItem {
  const { objectId: _objectId, scopePath: _scopePath, ...item } = record;
  return item;
}
