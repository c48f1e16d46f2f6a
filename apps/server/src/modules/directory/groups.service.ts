import type { AuditAction, ChangePlan, Group, RecycledItem } from '@holdfast/api';
import { type Actor, actorNameOf, placesOf, requirePermission } from '../../platform/access/actor.ts';
import type { AuditFacts } from '../../platform/audit/audit.ts';
import {
  type Database,
  inTransaction,
  isUniqueViolation,
  type Transaction,
} from '../../platform/database/index.ts';
import { BriefMemory } from '../../platform/brief-memory.ts';
import { type Caller, type DirectoryPlatform, requireGroup } from './directory-change.ts';
import { createDirectoryChanged, createGroupNotFound, DirectoryError } from './directory.errors.ts';
import { placeEvents } from './directory.events.ts';
import { planGroupMove, planGroupRemoval } from './group-plans.service.ts';
import {
  assertNoPath,
  assertNotFixed,
  assertRoomForGroups,
  cleanGroupName,
  createNameTaken,
  type GroupRecord,
  placeBelow,
} from './group-tree.ts';
import {
  countDevicesByGroup,
  countDevicesIn,
  countGroups,
  type CountedGroup,
  findGroup,
  insertGroup,
  listGroups,
  lockTree,
  placeGroup,
} from './groups.store.ts';
import { insertRecycled, markRemoved, type RecycledRecord } from './recycle-bin.store.ts';
import { toSortKey } from './sort-key.ts';

/** A fleet of this size is counted again at once; a larger one at most every two seconds, or when groups change. */
const SMALL_FLEET = 20_000;
const MAX_COUNT_AGE_MS = 2_000;

/** Use cases of the tree of groups. */
export class GroupService {
  readonly #platform: DirectoryPlatform;
  readonly #counts: BriefMemory<Map<string, number>>;

  constructor({ platform }: { readonly platform: DirectoryPlatform }) {
    this.#platform = platform;
    this.#counts = new BriefMemory(platform.clock, MAX_COUNT_AGE_MS);
    // Somebody who asks because of a change gets fresh counts.
    platform.events.follow(placeEvents, () => this.#counts.forgetAll());
  }

  async listGroups(actor: Actor): Promise<Group[]> {
    requirePermission(actor, 'directory:read');
    const { database } = this.#platform;
    const groups = await listGroups(database, placesOf(actor, 'directory:read'));
    const counts = await this.#counts.recall(
      'devices by group',
      () => countDevicesByGroup(database),
      (counted) => sum(counted.values()) > SMALL_FLEET,
    );
    return groups.map((group) => toGroup({ ...group, deviceCount: counts.get(group.id) ?? 0 }));
  }

  async createGroup(
    caller: Caller,
    input: { readonly parentId: string; readonly name: string },
  ): Promise<Group> {
    requirePermission(caller.actor, 'directory:edit');
    assertNoPath(input.name);
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
   * A new group, for use cases that make groups as part of more: they have decided that the caller may, and hold the lock
   * of the tree.
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
    await this.#platform.recordEvents(transaction, {
      type: 'group.created',
      objectId: id,
      groupIds: place.path,
      data: { name, path: [...place.names] },
    });
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
    assertNoPath(name);
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
      await this.#platform.recordEvents(transaction, {
        type: 'group.renamed',
        objectId: group.id,
        groupIds: group.path,
        data: { from: group.name, to: name, path: [...place.names] },
      });
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
      async (it) => (await planGroupMove(it, { actor, now: this.#now(), groupId, parentId })).plan,
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
        const { plan, group, place } = await planGroupMove(transaction, {
          actor: caller.actor,
          now: this.#now(),
          groupId,
          parentId: input.parentId,
        });
        if (plan.planToken !== input.planToken) throw createDirectoryChanged();
        name = group.name;
        await placeGroup(transaction, group, { name, nameKey: toSortKey(name), place });
        await this.#platform.recordEvents(transaction, {
          type: 'group.moved',
          objectId: group.id,
          groupIds: [...new Set([...group.path, ...place.path])],
          data: {
            name,
            from: [...group.names],
            to: [...place.names],
            deviceCount: plan.deviceCount,
          },
        });
        await this.#record(
          transaction,
          caller,
          'group.moved',
          { id: group.id, name, names: place.names },
          { deviceCount: plan.deviceCount },
          [
            { about: { kind: 'group', id: group.parentId ?? '' }, facts: { from: group.names } },
            { about: { kind: 'group', id: input.parentId }, facts: { to: place.names } },
          ],
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
    return await inTransaction(
      database,
      async (it) => (await planGroupRemoval(it, { actor, now: this.#now(), groupId })).plan,
    );
  }

  async removeGroup(caller: Caller, groupId: string, planToken: string): Promise<RecycledItem> {
    requirePermission(caller.actor, 'directory:edit');
    const { database, clock, createId } = this.#platform;
    const item = await inTransaction(database, async (transaction) => {
      await lockTree(transaction);
      const { plan, groups } = await planGroupRemoval(transaction, {
        actor: caller.actor,
        now: this.#now(),
        groupId,
      });
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
      await insertRecycled(transaction, [recycled]);
      await markRemoved(
        transaction,
        recycled.id,
        groups.map((it) => it.id),
      );
      const counts = { deviceCount: plan.deviceCount, groupCount: groups.length };
      await this.#platform.recordEvents(transaction, {
        type: 'group.removed',
        objectId: group.id,
        groupIds: group.path,
        data: { name: group.name, path: [...group.names], ...counts },
      });
      await this.#record(transaction, caller, 'group.removed', group, counts);
      return recycled;
    });
    return toItem(item);
  }

  /** Runs a change of the tree. */
  async #change<Result>(
    work: (transaction: Transaction) => Promise<Result>,
    name: string | (() => string),
  ): Promise<Result> {
    try {
      return await inTransaction(this.#platform.database, work);
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
    action: AuditAction,
    group: { readonly id: string; readonly name: string; readonly names: readonly string[] },
    details: Readonly<Record<string, unknown>> = {},
    elsewhere: readonly AuditFacts[] = [],
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
        elsewhere,
      },
      caller.request,
    );
  }

  #now(): Date {
    return new Date(this.#platform.clock.now());
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

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
