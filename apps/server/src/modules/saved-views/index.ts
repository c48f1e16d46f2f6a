/**
 * Saved views: ways to look at the device list under a name, for oneself or for everybody. Promises that nobody sees the view of
 * somebody else that is not shared, nor one that names a group outside of what the reader may see; and that names of one
 * owner differ. A view is no right: what it shows is asked for anew each time, by whoever uses it.
 */
import {
  changeSavedView,
  createSavedView,
  listSavedViews,
  removeSavedView,
  withdrawSavedView,
} from '@holdfast/api';
import { registerErrorStatus } from '../../platform/http/error-status.ts';
import type { Platform } from '../../platform/platform.ts';
import { type SavedViewDependencies, savedViewErrorStatus, SavedViewService } from './saved-views.service.ts';

export interface SavedViewsDependencies extends SavedViewDependencies {
  readonly platform: SavedViewDependencies['platform'] & Pick<Platform, 'registerRoute'>;
}

export function createSavedViewsModule({ platform, directory }: SavedViewsDependencies): void {
  const { registerRoute } = platform;
  const views = new SavedViewService({ platform, directory });
  registerErrorStatus(savedViewErrorStatus);
  registerRoute(listSavedViews, async ({ actor }) => ({ savedViews: await views.list(actor) }));
  registerRoute(createSavedView, async (it) => await views.create(it, it.body));
  registerRoute(changeSavedView, async (it) => await views.change(it, it.params.savedViewId, it.body));
  registerRoute(removeSavedView, async (it) => {
    await views.remove(it, it.params.savedViewId);
    return null;
  });
  registerRoute(withdrawSavedView, async (it) => {
    await views.withdraw(it, it.params.savedViewId);
    return null;
  });
}
