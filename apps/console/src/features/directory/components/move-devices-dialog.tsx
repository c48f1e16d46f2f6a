import { planDeviceMove } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { groupPathText } from '../../../shared/groups/group-path.ts';
import { groupsQuery } from '../../../shared/groups/groups-query.ts';
import { type MovedDevice, useMoveDevices } from '../use-move-devices.ts';
import { MoveDialog } from './move-dialog.tsx';

export interface MoveDevicesDialogProps {
  readonly devices: readonly MovedDevice[];
  /** Of the only device, where it is one. */
  readonly name: string | undefined;
  readonly onMoved: () => void;
  readonly onClose: () => void;
}

export function MoveDevicesDialog({ devices, name, onMoved, onClose }: MoveDevicesDialogProps) {
  const { t } = useTranslation('directory');
  const api = useApi();
  const groups = useQuery(groupsQuery(api)).data ?? [];
  const move = useMoveDevices();
  const deviceIds = devices.map((device) => device.id);
  const origins = new Set(devices.map((device) => device.groupId));
  return (
    <MoveDialog
      title={
        name === undefined ? t('move.titleMany', { count: devices.length }) : t('move.titleOne', { name })
      }
      submitText={t('move.submit', { count: devices.length })}
      excludedIds={origins.size === 1 ? origins : new Set()}
      planKey={['devices', ...deviceIds]}
      onPlan={(groupId) => api.call(planDeviceMove, { body: { deviceIds, groupId } })}
      onMove={async (groupId, planToken) => {
        const group = groups.find((candidate) => candidate.id === groupId);
        await move(devices, { groupId, name: group === undefined ? '' : groupPathText(group) }, planToken);
        onMoved();
      }}
      onClose={onClose}
    />
  );
}
