import {
  changeDeviceTags,
  changeTag,
  createTag,
  listTags,
  planDeviceTags,
  planTagRemoval,
  removeTag,
  restoreTag,
  undoTagChange,
} from '@holdfast/api';
import type { RegisterRoute } from '../../platform/http/route-registrar.ts';
import type { DeviceTagService } from './device-tags.service.ts';
import type { TagService } from './tags.service.ts';

export function registerTagRoutes(
  registerRoute: RegisterRoute,
  { tags, deviceTags }: { readonly tags: TagService; readonly deviceTags: DeviceTagService },
): void {
  registerRoute(listTags, async ({ actor }) => ({ tags: await tags.list(actor) }));
  registerRoute(createTag, async (it) => await tags.create(it, it.body));
  registerRoute(changeTag, async (it) => await tags.change(it, it.params.tagId, it.body));
  registerRoute(planTagRemoval, async ({ actor, params }) => await tags.planRemoval(actor, params.tagId));
  registerRoute(removeTag, async (it) => {
    await tags.remove(it, it.params.tagId, it.body.planToken);
    return null;
  });
  registerRoute(restoreTag, async (it) => await tags.restore(it, it.params.tagId));
  registerRoute(planDeviceTags, async ({ actor, body }) => await deviceTags.plan(actor, body));
  registerRoute(changeDeviceTags, async (it) => await deviceTags.change(it, it.body));
  registerRoute(undoTagChange, async (it) => ({
    changedCount: await deviceTags.undo(it, it.params.changeId),
  }));
}
