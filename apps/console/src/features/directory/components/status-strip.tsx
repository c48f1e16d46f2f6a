import { presenceStatuses, type PresenceStatus } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { StatusDot } from '../../../shared/page/status-label.tsx';
import { presenceTones } from '../../../shared/presence/presence-label.tsx';
import classes from './status-strip.module.css';

export interface StatusStripProps {
  readonly total: number;
  readonly byStatus: Readonly<Record<string, number>>;
  readonly value: PresenceStatus | undefined;
  readonly onChange: (status: PresenceStatus | undefined) => void;
}

/** How many devices are in which state; each number is the filter that shows them. */
export function StatusStrip({ total, byStatus, value, onChange }: StatusStripProps) {
  const { t } = useTranslation(['directory', 'common']);
  const format = useFormat();
  const shown = presenceStatuses.filter((status) => (byStatus[status] ?? 0) > 0 || status === value);
  return (
    <div className={classes.strip} role="group" aria-label={t('list.status')}>
      <button
        type="button"
        className={classes.item}
        aria-pressed={value === undefined}
        onClick={() => onChange(undefined)}
      >
        {t('list.all')} <strong>{format.count(total)}</strong>
      </button>
      {shown.map((status) => (
        <button
          key={status}
          type="button"
          className={classes.item}
          aria-pressed={value === status}
          onClick={() => onChange(value === status ? undefined : status)}
        >
          <StatusDot tone={presenceTones[status]} isHollow={status === 'disabled'} />
          {t(`common:presence.status.${status}`)} <strong>{format.count(byStatus[status] ?? 0)}</strong>
        </button>
      ))}
    </div>
  );
}
