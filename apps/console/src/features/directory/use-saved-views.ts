import {
  changeSavedView,
  createSavedView,
  listSavedViews,
  removeSavedView,
  type SavedView,
  type ViewContent,
  withdrawSavedView,
} from '@holdfast/api';
import { foldName } from '@holdfast/kernel';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { useSession } from '../../shared/session/session-context.ts';
import { adoptViews } from './saved-views.ts';

const queryKey = ['saved-views'] as const;

export function useSavedViewsQuery() {
  const api = useApi();
  const formerKey = `holdfast.device-views.${useSession().id}`;
  return useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      // What could not be taken over now is tried with the next reading, and keeps nobody from the views that there are.
      await adoptViews(api, localStorage, formerKey).catch(() => {});
      return (await api.call(listSavedViews, { signal })).savedViews;
    },
    staleTime: 60_000,
  });
}

const none: readonly SavedView[] = [];

/** One's own views and those that others share, and what changes one's own; each change can be taken back. */
export function useSavedViews() {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const views = useSavedViewsQuery().data ?? none;

  const refresh = async (): Promise<void> => await queryClient.invalidateQueries({ queryKey });
  const undo = (work: () => Promise<unknown>) => () => {
    work().then(refresh, notify.error);
  };
  const change = async (view: SavedView, to: Partial<Pick<SavedView, 'name' | 'content' | 'isShared'>>) =>
    await api.call(changeSavedView, {
      params: { savedViewId: view.id },
      body: { ...to, revision: view.revision },
    });
  /** Changes a view, and offers to change it back. */
  const changeTo = async (
    view: SavedView,
    to: Partial<Pick<SavedView, 'name' | 'content' | 'isShared'>>,
  ): Promise<void> => {
    const changed = await change(view, to);
    await refresh();
    const { name, content, isShared } = view;
    notify.success(
      t('views.changed', { name: changed.name }),
      undo(async () => await change(changed, { name, content, isShared })),
    );
  };

  return {
    views,
    changeTo,
    /** Under a name; an own view of that name gives way. */
    async save(name: string, content: ViewContent): Promise<void> {
      const former = views.find((view) => view.isOwn && foldName(view.name) === foldName(name));
      if (former !== undefined) {
        await changeTo(former, { content });
        return;
      }
      const { id } = await api.call(createSavedView, { body: { name, content } });
      await refresh();
      notify.success(
        t('views.saved', { name }),
        undo(async () => await api.call(removeSavedView, { params: { savedViewId: id } })),
      );
    },
    async remove(view: SavedView): Promise<void> {
      const { name, content, isShared } = view;
      await api.call(removeSavedView, { params: { savedViewId: view.id } });
      await refresh();
      notify.success(
        t('views.removed', { name }),
        undo(async () => await api.call(createSavedView, { body: { name, content, isShared } })),
      );
    },
    /** Stops that others share it with everybody. */
    async withdraw({ id, name, ownerName }: SavedView): Promise<void> {
      await api.call(withdrawSavedView, { params: { savedViewId: id } });
      await refresh();
      notify.success(t('views.withdrawn', { name, owner: ownerName }));
    },
  };
}
