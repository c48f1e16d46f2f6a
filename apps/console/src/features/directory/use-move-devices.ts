import { moveDevices, planDeviceMove } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { useNotify } from '../../shared/notify/use-notify.tsx';
import { useDirectoryRefresh } from './use-restore.ts';

/** A device and where it is now, so that moving it can be undone. */
export interface MovedDevice {
  readonly id: string;
  readonly groupId: string;
}

/** Moves devices with the plan that was shown, and offers to move them back. */
export function useMoveDevices() {
  const { t } = useTranslation('directory');
  const api = useApi();
  const notify = useNotify();
  const refresh = useDirectoryRefresh();

  const moveBack = async (devices: readonly MovedDevice[]): Promise<void> => {
    for (const [groupId, members] of Map.groupBy(devices, (device) => device.groupId)) {
      const deviceIds = members.map((device) => device.id);
      const plan = await api.call(planDeviceMove, { body: { deviceIds, groupId } });
      await api.call(moveDevices, { body: { deviceIds, groupId, planToken: plan.planToken } });
    }
    refresh();
    notify.success(t('move.movedBack'));
  };

  return async (
    devices: readonly MovedDevice[],
    target: { readonly groupId: string; readonly name: string },
    planToken: string,
  ): Promise<void> => {
    const { movedCount } = await api.call(moveDevices, {
      body: { deviceIds: devices.map((device) => device.id), groupId: target.groupId, planToken },
    });
    refresh();
    notify.success(t('move.moved', { count: movedCount, group: target.name }), () => {
      moveBack(devices).catch(notify.error);
    });
  };
}
