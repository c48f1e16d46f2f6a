import type { ChangePlan } from '@holdfast/api';
import type { Actor } from '../../platform/access/actor.ts';
import type { Transaction } from '../../platform/database/index.ts';
import {
  countOf,
  createChangePlan,
  describeMovedTokens,
  describeRemovedRights,
  describeRemovedTokens,
  describeRights,
} from './change-plan.ts';
import { listPointingTokens, listGroupHolders } from './change-plan.store.ts';
import { requireGroup } from './directory-change.ts';
import {
  assertNoCycle,
  assertNotFixed,
  type GroupPlace,
  type GroupRecord,
  placeBelow,
} from './group-tree.ts';
import { countDevicesIn, findGroup, findHeight, lockSubtree } from './groups.store.ts';

interface PlannedMove {
  readonly plan: ChangePlan;
  readonly group: GroupRecord;
  readonly place: GroupPlace;
}

interface PlannedRemoval {
  readonly plan: ChangePlan;
  readonly groups: readonly GroupRecord[];
}

/**
 * What moving a group would change, with everything that is needed to carry it out. Locks what moves.
 *
 * @throws DirectoryError GROUP_NOT_FOUND, GROUP_FIXED, GROUP_CYCLE, GROUP_TOO_DEEP
 */
export async function planGroupMove(
  transaction: Transaction,
  asked: { readonly actor: Actor; readonly now: Date; readonly groupId: string; readonly parentId: string },
): Promise<PlannedMove> {
  const { actor, now, groupId, parentId } = asked;
  const groups = await lockSubtree(transaction, groupId);
  const group = requireGroup(actor, 'directory:edit', groups[0]);
  const parent = requireGroup(actor, 'directory:edit', await findGroup(transaction, parentId));
  assertNotFixed(group);
  assertNoCycle(group, parent);
  const place = placeBelow(parent, group, await findHeight(transaction, group));
  const ids = groups.map((it) => it.id);
  const deviceCount = await countDevicesIn(transaction, ids);
  const tokens = await listPointingTokens(transaction, ids, now);
  const holders = await listGroupHolders(transaction, now);
  const plan = createChangePlan(
    {
      groupCount: groups.length,
      deviceCount,
      consequences: [
        `${countOf(groups.length - 1, 'subgroup')} and ${countOf(deviceCount, 'device')} move along.`,
        ...describeRights(holders, group.path.slice(0, -1), parent.path),
        ...describeMovedTokens(tokens),
      ],
    },
    { kind: 'move', group: [group.id, group.revision], parent: [parent.id, parent.revision] },
  );
  return { plan, group, place };
}

/**
 * What removing a group would change.
 *
 * @throws DirectoryError GROUP_NOT_FOUND, GROUP_FIXED
 */
export async function planGroupRemoval(
  transaction: Transaction,
  asked: { readonly actor: Actor; readonly now: Date; readonly groupId: string },
): Promise<PlannedRemoval> {
  const { actor, now, groupId } = asked;
  const groups = await lockSubtree(transaction, groupId);
  const group = requireGroup(actor, 'directory:edit', groups[0]);
  const fixed = groups.find((it) => it.isFixed);
  if (fixed !== undefined) assertNotFixed(fixed);
  const ids = groups.map((it) => it.id);
  const deviceCount = await countDevicesIn(transaction, ids);
  const tokens = await listPointingTokens(transaction, ids, now);
  const holders = await listGroupHolders(transaction, now);
  const plan = createChangePlan(
    {
      groupCount: groups.length,
      deviceCount,
      consequences: [
        `${countOf(groups.length, 'group')} and ${countOf(deviceCount, 'device')} go to the recycle bin.`,
        ...(deviceCount > 0 ? ['The devices stay registered and go on reporting.'] : []),
        ...describeRemovedRights(holders, ids),
        ...describeRemovedTokens(tokens),
      ],
    },
    { kind: 'removal', group: [group.id, group.revision], ids },
  );
  return { plan, groups };
}
