import {
  type ApiClient,
  type ChangePlan,
  planDeviceAdmission,
  planDeviceRemoval,
  removeDevices,
  restoreManyRecycled,
  setDeviceAdmission,
} from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { useDirectoryRefresh } from './use-restore.ts';

export type PlannedChange = 'disable' | 'enable' | 'remove';

/** What is done to many devices by a plan, and undone with one click. */
export function usePlannedChange(kind: PlannedChange, deviceIds: readonly string[]) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const refresh = useDirectoryRefresh();
  const ids = [...deviceIds];

  const finish = (count: number, undo: () => Promise<void>): void => {
    refresh();
    notify.success(t(`bulk.${kind}Done`, { count }), () => {
      undo().then(() => {
        refresh();
        notify.success(t('bulk.undone'));
      }, notify.error);
    });
  };

  return {
    plan: (): Promise<ChangePlan> =>
      kind === 'remove'
        ? api.call(planDeviceRemoval, { body: { deviceIds: ids } })
        : api.call(planDeviceAdmission, { body: { deviceIds: ids, state: stateOf(kind) } }),
    apply: async (planToken: string): Promise<void> => {
      if (kind === 'remove') {
        const { items } = await api.call(removeDevices, { body: { deviceIds: ids, planToken } });
        finish(items.length, async () => {
          await api.call(restoreManyRecycled, { body: { itemIds: items.map((item) => item.id) } });
        });
        return;
      }
      const { changedIds } = await api.call(setDeviceAdmission, {
        body: { deviceIds: ids, state: stateOf(kind), planToken },
      });
      finish(changedIds.length, () =>
        setBack(api, changedIds, stateOf(kind === 'disable' ? 'enable' : 'disable')),
      );
    },
  };
}

function stateOf(kind: 'disable' | 'enable'): 'disabled' | 'active' {
  return kind === 'disable' ? 'disabled' : 'active';
}

async function setBack(api: ApiClient, deviceIds: string[], state: 'disabled' | 'active'): Promise<void> {
  if (deviceIds.length === 0) return;
  const { planToken } = await api.call(planDeviceAdmission, { body: { deviceIds, state } });
  await api.call(setDeviceAdmission, { body: { deviceIds, state, planToken } });
}
