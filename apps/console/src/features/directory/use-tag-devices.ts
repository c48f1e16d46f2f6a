import { changeDeviceTags, type DeviceTargets, planDeviceTags, undoTagChange } from '@holdfast/api';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { tagsKey } from '../../shared/tags/tags-query.ts';
import { useDirectoryRefresh } from './use-restore.ts';

export interface TagChangeWish {
  readonly add: string[];
  readonly remove: string[];
}

/** Puts tags on many devices and takes tags off by the plan that was shown, and offers to take that back. */
export function useTagDevices(targets: DeviceTargets) {
  const { t } = useTranslation('tags');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const refreshDirectory = useDirectoryRefresh();
  const refresh = (): void => {
    refreshDirectory();
    void queryClient.invalidateQueries({ queryKey: tagsKey });
  };

  const undo = (changeId: string): void => {
    api.call(undoTagChange, { params: { changeId } }).then(({ changedCount }) => {
      refresh();
      notify.success(t('bulk.undone', { count: changedCount }));
    }, notify.error);
  };

  return {
    plan: (wish: TagChangeWish) => api.call(planDeviceTags, { body: { targets, ...wish } }),
    apply: async (wish: TagChangeWish, planToken: string): Promise<void> => {
      const { changedCount, changeId } = await api.call(changeDeviceTags, {
        body: { targets, ...wish, planToken },
      });
      refresh();
      notify.success(
        t('bulk.done', { count: changedCount }),
        changeId === null ? undefined : () => undo(changeId),
      );
    },
  };
}
