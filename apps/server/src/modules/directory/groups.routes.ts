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
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { DirectorySummaryService } from './directory-summary.service.ts';
import type { GroupService } from './groups.service.ts';
import type { RecycleBinService } from './recycle-bin.service.ts';

export function registerGroupRoutes(
  registerRoute: RegisterRoute,
  services: {
    readonly groups: GroupService;
    readonly recycleBin: RecycleBinService;
    readonly summary: DirectorySummaryService;
  },
): void {
  const { groups, recycleBin, summary } = services;
  registerRoute(listGroups, async ({ actor }) => ({ groups: await groups.listGroups(actor) }));
  registerRoute(createGroup, async (it) => await groups.createGroup(it, it.body));
  registerRoute(renameGroup, async (it) => await groups.renameGroup(it, it.params.groupId, it.body));
  registerRoute(planGroupMove, async ({ actor, params, body }) =>
    groups.planMove(actor, params.groupId, body.parentId),
  );
  registerRoute(moveGroup, async (it) => await groups.moveGroup(it, it.params.groupId, it.body));
  registerRoute(planGroupRemoval, async ({ actor, params }) => groups.planRemoval(actor, params.groupId));
  registerRoute(removeGroup, async (it) => groups.removeGroup(it, it.params.groupId, it.body.planToken));
  registerRoute(getDirectorySummary, async ({ actor, query }) => await summary.getSummary(actor, query));
  registerRoute(listRecycleBin, async ({ actor }) => ({ items: await recycleBin.listItems(actor) }));
  registerRoute(restoreRecycled, async (it) => await recycleBin.restore(it, it.params.itemId));
  registerRoute(restoreManyRecycled, async (it) => ({
    restoredCount: (await recycleBin.restoreMany(it, it.body.itemIds)).length,
  }));
  registerRoute(purgeRecycled, async (it) => {
    await recycleBin.purge(it, it.params.itemId);
    return null;
  });
}
