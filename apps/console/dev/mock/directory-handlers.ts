import {
  createGroup,
  getDirectorySummary,
  listGroups,
  listRecycleBin,
  moveGroup,
  planGroupMove,
  planGroupRemoval,
  purgeRecycled,
  removeGroup,
  renameGroup,
  restoreManyRecycled,
  restoreRecycled,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { notFound, Refusal } from './refusal.ts';
import type { RouteTable } from './route-table.ts';
import { groupAndBelow, isoAt, record, settleGroups, topGroup, type World } from './world.ts';

export function handleDirectory({ handle }: RouteTable): void {
  handle(listGroups, ({ world }) => ({ groups: [...world.groups.values()] }));
  handle(createGroup, ({ world, body }) => {
    if (!world.groups.has(body.parentId)) throw notFound();
    refuseTakenName(world, body.parentId, body.name);
    const id = world.random.uuid(world.now());
    world.groups.set(id, {
      id,
      parentId: body.parentId,
      name: body.name,
      path: [],
      depth: 0,
      revision: 1,
      deviceCount: 0,
      isFixed: false,
    });
    settleGroups(world);
    record(world, { action: 'group.created', objectKind: 'group', objectId: id, objectName: body.name });
    world.publish({ type: 'groups' });
    return groupOf(world, id);
  });
  handle(renameGroup, ({ world, params, body }) => {
    const group = groupOf(world, params.groupId);
    if (group.revision !== body.revision) {
      throw new Refusal(409, 'GROUP_CHANGED', 'The group was changed by somebody else in the meantime.', {
        remedy: 'Look at it again, then repeat the change.',
      });
    }
    refuseTakenName(world, group.parentId, body.name, group.id);
    world.groups.set(group.id, { ...group, name: body.name, revision: group.revision + 1 });
    settleGroups(world);
    record(world, {
      action: 'group.renamed',
      objectKind: 'group',
      objectId: group.id,
      objectName: body.name,
      details: { from: group.name, to: body.name },
    });
    world.publish({ type: 'groups' });
    return groupOf(world, group.id);
  });
  handle(planGroupMove, ({ world, params, body }) => {
    if (groupAndBelow(world, params.groupId).has(body.parentId)) {
      throw new Refusal(409, 'GROUP_MOVE_CYCLE', 'A group cannot be moved below itself.');
    }
    return planOf(world, params.groupId, [
      'The API key “Berlin automation” will no longer see these devices.',
    ]);
  });
  handle(moveGroup, ({ world, params, body }) => {
    requirePlan(world, body.planToken);
    const group = groupOf(world, params.groupId);
    world.groups.set(group.id, { ...group, parentId: body.parentId, revision: group.revision + 1 });
    settleGroups(world);
    world.publish({ type: 'groups' });
    return groupOf(world, group.id);
  });
  handle(planGroupRemoval, ({ world, params }) =>
    planOf(world, params.groupId, [
      'Enrolment tokens for this group stop working while it is in the recycle bin.',
    ]),
  );
  handle(removeGroup, ({ world, params, body }) => {
    requirePlan(world, body.planToken);
    return recycleGroup(world, params.groupId);
  });
  handle(getDirectorySummary, ({ world, query }) => summaryOf(world, query.groupId));
  handle(listRecycleBin, ({ world }) => ({
    items: [...world.recycled.values()].map((entry) => entry.item).toReversed(),
  }));
  handle(restoreRecycled, ({ world, params }) => restore(world, params.itemId));
  handle(restoreManyRecycled, ({ world, body }) => ({
    restoredCount: body.itemIds.map((itemId) => restore(world, itemId)).length,
  }));
  handle(purgeRecycled, ({ world, params }) => {
    if (!world.recycled.delete(params.itemId)) throw notFound();
    return null;
  });
}

function restore(world: World, itemId: string) {
  const entry = world.recycled.get(itemId);
  if (entry === undefined) throw notFound();
  world.recycled.delete(itemId);
  for (const group of entry.groups) {
    const isParentKnown =
      group.parentId !== null &&
      (world.groups.has(group.parentId) || entry.groups.some((other) => other.id === group.parentId));
    world.groups.set(group.id, isParentKnown ? group : { ...group, parentId: topGroup(world).id });
  }
  for (const device of entry.devices) {
    if (!world.groups.has(device.summary.groupId))
      device.summary = { ...device.summary, groupId: topGroup(world).id };
    world.devices.set(device.summary.id, device);
    world.publish({ type: 'device', deviceId: device.summary.id, change: 'created' });
  }
  settleGroups(world);
  world.publish({ type: 'groups' });
  const id = entry.item.kind === 'group' ? (entry.groups[0]?.id ?? '') : (entry.devices[0]?.summary.id ?? '');
  return { kind: entry.item.kind, id, path: entry.item.path };
}

export function groupOf(world: World, groupId: string) {
  const group = world.groups.get(groupId);
  if (group === undefined) throw notFound();
  return group;
}

export function planTokenOf(world: World): string {
  return `plan-${world.directoryRevision}`;
}

export function requirePlan(world: World, planToken: string): void {
  if (planToken === planTokenOf(world)) return;
  throw new Refusal(
    409,
    'CHANGE_PLAN_STALE',
    'The directory has changed since you were shown what this would do.',
    {
      remedy: 'Look at the new consequences and confirm again.',
    },
  );
}

function planOf(world: World, groupId: string, consequences: string[]) {
  const ids = groupAndBelow(world, groupId);
  const deviceCount = [...world.devices.values()].filter(({ summary }) => ids.has(summary.groupId)).length;
  return { planToken: planTokenOf(world), groupCount: ids.size, deviceCount, consequences };
}

function recycleGroup(world: World, groupId: string) {
  const group = groupOf(world, groupId);
  const ids = groupAndBelow(world, groupId);
  const groups = [...world.groups.values()].filter((candidate) => ids.has(candidate.id));
  const devices = [...world.devices.values()].filter(({ summary }) => ids.has(summary.groupId));
  for (const { id } of groups) world.groups.delete(id);
  for (const { summary } of devices) {
    world.devices.delete(summary.id);
    world.publish({ type: 'device', deviceId: summary.id, change: 'removed' });
  }
  const item = {
    id: world.random.uuid(world.now()),
    kind: 'group' as const,
    name: group.name,
    path: group.path.slice(0, -1),
    deviceCount: devices.length,
    groupCount: groups.length,
    removedAt: isoAt(world.now()),
    removedBy: 'admin',
  };
  world.recycled.set(item.id, { item, groups, devices });
  settleGroups(world);
  record(world, { action: 'group.removed', objectKind: 'group', objectId: group.id, objectName: group.name });
  world.publish({ type: 'groups' });
  return item;
}

function refuseTakenName(world: World, parentId: string | null, name: string, exceptId?: string): void {
  const isTaken = [...world.groups.values()].some(
    (group) =>
      group.parentId === parentId && group.id !== exceptId && foldName(group.name) === foldName(name),
  );
  if (isTaken) {
    throw new Refusal(409, 'GROUP_NAME_TAKEN', 'There is a group of this name already.', {
      remedy: 'Choose another name.',
    });
  }
}

function summaryOf(world: World, groupId: string | undefined) {
  const ids = groupId === undefined ? undefined : groupAndBelow(world, groupId);
  const byStatus: Record<string, number> = {};
  const byPlatform: Record<string, number> = {};
  const encryption = { encrypted: 0, notEncrypted: 0, unknown: 0 };
  const versions = new Map<string, number>();
  let deviceCount = 0;
  for (const { summary } of world.devices.values()) {
    if (ids !== undefined && !ids.has(summary.groupId)) continue;
    deviceCount += 1;
    versions.set(summary.agentVersion, (versions.get(summary.agentVersion) ?? 0) + 1);
    byStatus[summary.presence.status] = (byStatus[summary.presence.status] ?? 0) + 1;
    byPlatform[summary.platform] = (byPlatform[summary.platform] ?? 0) + 1;
    encryption[
      summary.isEncrypted === null ? 'unknown' : summary.isEncrypted ? 'encrypted' : 'notEncrypted'
    ] += 1;
  }
  return {
    deviceCount,
    groupCount: ids?.size ?? world.groups.size,
    waitingCount: world.waiting.length,
    byStatus,
    byPlatform,
    encryption,
    byAgentVersion: [...versions]
      .map(([version, count]) => ({ version, count }))
      .toSorted((left, right) => right.count - left.count),
  };
}
