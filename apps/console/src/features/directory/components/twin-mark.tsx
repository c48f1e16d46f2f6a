import type { DeviceSummary } from '@holdfast/api';
import { IconDevices2 } from '../../../shared/icons/icons.ts';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useTicking } from '../../../shared/time/use-ticking.ts';
import classes from './twin-mark.module.css';

export interface TwinMarkProps {
  readonly device: DeviceSummary;
}

/** Says in a list that there is another record of the same computer; the device page says what to do about it. */
export function TwinMark({ device }: TwinMarkProps) {
  const { t } = useTranslation(['directory', 'common']);
  const format = useFormat();
  const [twin] = device.twins;
  const seenAt = twin?.presence.lastSeenAt ?? null;
  const ago = useTicking((nowMs) => (seenAt === null ? '' : format.ago(nowMs, Date.parse(seenAt))));
  if (twin === undefined) return null;
  const seen = seenAt === null ? t('common:presence.neverSeen') : t('twin.seen', { ago });
  const text = t('twin.mark', { count: device.twins.length, name: twin.name, seen });
  return (
    <span className={classes.mark} role="img" aria-label={text} title={text}>
      <IconDevices2 size={15} stroke={1.75} aria-hidden="true" />
    </span>
  );
}
