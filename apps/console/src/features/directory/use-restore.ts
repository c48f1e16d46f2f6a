import { restoreRecycled } from '@holdfast/api';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { groupsKey } from '../../shared/groups/groups-query.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { recycleBinKey } from './api/recycle-bin-query.ts';
import { summaryKey } from './api/summary-query.ts';

/** Puts something back from the recycle bin: the button there, and Undo after removing. */
export function useRestore() {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const refresh = useDirectoryRefresh();
  return useMutation({
    mutationFn: ({ itemId }: { readonly itemId: string; readonly name: string }) =>
      api.call(restoreRecycled, { params: { itemId } }),
    onSuccess: (restored, { name }) => {
      const path = restored.path.length === 0 ? t('recycleBin.top') : restored.path.join(' / ');
      notify.success(t('recycleBin.restored', { name, path }));
      refresh();
    },
    onError: notify.error,
  });
}

/** Asks again for everything that shows groups and devices. */
export function useDirectoryRefresh(): () => void {
  const queryClient = useQueryClient();
  return () => {
    for (const key of [groupsKey[0], 'devices', 'device', summaryKey, recycleBinKey[0]]) {
      void queryClient.invalidateQueries({ queryKey: [key] });
    }
  };
}
