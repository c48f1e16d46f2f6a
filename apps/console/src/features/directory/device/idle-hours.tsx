import type { DeviceSummary } from '@holdfast/api';
import { IconMoon } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { groupCommunicationQuery } from '../../../shared/communication/group-communication-query.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import classes from '../device-page.module.css';

export interface IdleHoursProps {
  readonly device: DeviceSummary;
}

/** Until when a device is idle, where its group says so; nothing for a device that is not. */
export function IdleHours({ device }: IdleHoursProps) {
  const { t } = useTranslation('device');
  const api = useApi();
  const format = useFormat();
  const { groupId, presence } = device;
  const isIdle = presence.status === 'idle';
  const hours = useQuery({ ...groupCommunicationQuery(api, groupId), enabled: isIdle }).data;
  // The group may have come to its working hours while the device has not called again yet.
  const until = isIdle && hours?.isIdle === true ? hours.nextChangeAt : null;
  if (until === null) return null;
  return (
    <span className={classes.fact}>
      <IconMoon size={16} stroke={1.75} aria-hidden="true" />
      <Link to="/groups/$groupId/communication" params={{ groupId }} className={classes.group}>
        {t('idle.until', { at: format.dateTime(Date.parse(until)) })}
      </Link>
    </span>
  );
}
