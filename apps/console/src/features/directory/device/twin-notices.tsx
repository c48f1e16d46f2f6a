import { type DeviceSummary, type DeviceTwin, removeDevice } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconDevices2 } from '../../../shared/icons/icons.ts';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { usePermissionIn } from '../../../shared/groups/use-permission-in.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import { useLeaveDevice } from '../use-leave-device.ts';
import { useDirectoryRefresh, useRestore } from '../use-restore.ts';
import { adviseOnTwins, type TwinAdvice } from './twins.ts';

export interface TwinNoticesProps {
  readonly device: DeviceSummary;
}

/** Other records of the same computer, each with what to do about it. */
export function TwinNotices({ device }: TwinNoticesProps) {
  return adviseOnTwins(device).map((advice) => (
    <TwinNotice key={advice.twin.deviceId} device={device} advice={advice} />
  ));
}

interface TwinNoticeProps {
  readonly device: DeviceSummary;
  readonly advice: TwinAdvice;
}

function TwinNotice({ device, advice: { twin, older } }: TwinNoticeProps) {
  const { t } = useTranslation('device');
  const mayEdit = usePermissionIn('directory:edit', device.groupId);
  const [isAsking, setAsking] = useState(false);
  const format = useFormat();
  const seen = useSeen(twin);
  const registeredOn = (at: string): string => t('twin.registered', { date: format.date(Date.parse(at)) });
  const isOne = older === 'this' || older === 'twin';
  return (
    <>
      <Notice
        tone="attention"
        role="note"
        icon={<IconDevices2 size={18} stroke={1.75} />}
        action={
          mayEdit && isOne ? (
            <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
              {older === 'this' ? t('twin.removeThis') : t('twin.removeOther')}
            </Button>
          ) : undefined
        }
      >
        {t('twin.title')}{' '}
        <Link to="/devices/$deviceId" params={{ deviceId: twin.deviceId }}>
          {twin.name}
        </Link>
        {` (${registeredOn(twin.registeredAt)}, ${seen}). ${t('twin.own', { registered: registeredOn(device.registeredAt) })} ${t(`twin.older.${older}`)}`}
      </Notice>
      {isAsking && isOne ? (
        <RemoveRecord device={device} twin={twin} older={older} onClose={() => setAsking(false)} />
      ) : null}
    </>
  );
}

function useSeen({ presence }: DeviceTwin): string {
  const { t } = useTranslation(['device', 'common']);
  const format = useFormat();
  const { lastSeenAt } = presence;
  const ago = useTicking((nowMs) => (lastSeenAt === null ? '' : format.ago(nowMs, Date.parse(lastSeenAt))));
  return lastSeenAt === null ? t('common:presence.neverSeen') : t('twin.seen', { ago });
}

interface RemoveRecordProps {
  readonly device: DeviceSummary;
  readonly twin: DeviceTwin;
  readonly older: 'this' | 'twin';
  readonly onClose: () => void;
}

function RemoveRecord({ device, twin, older, onClose }: RemoveRecordProps) {
  const { t } = useTranslation('device');
  const api = useApi();
  const notify = useNotify();
  const refresh = useDirectoryRefresh();
  const restore = useRestore();
  const leave = useLeaveDevice();
  const seen = useSeen(twin);
  const [deviceId, name] = older === 'this' ? [device.id, device.name] : [twin.deviceId, twin.name];
  return (
    <ConfirmDialog
      title={t('removeTitle', { name })}
      confirmText={t('remove')}
      isDangerous
      onConfirm={async () => {
        const item = await api.call(removeDevice, { params: { deviceId } });
        onClose();
        if (older === 'this') await leave();
        refresh();
        notify.success(t('removed', { name }), () => restore.mutate({ itemId: item.id, name }));
      }}
      onClose={onClose}
    >
      {older === 'twin' ? t('twin.removeOtherText', { name, seen }) : t('removeText')}
    </ConfirmDialog>
  );
}
