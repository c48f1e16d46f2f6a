import { Tooltip } from '@mantine/core';
import { systemClock } from '@holdfast/kernel';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../shared/api/services.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { useLiveState } from '../../shared/live/use-live-events.ts';
import { useTicking } from '../../shared/time/use-ticking.ts';
import classes from './top-bar.module.css';

/** Whether what is shown follows the server, and if not, how old it is. */
export function LiveIndicator() {
  const { t } = useTranslation('shell');
  const { live } = useServices();
  const format = useFormat();
  const { status, lastLiveAt } = useLiveState();
  const ago = useTicking(() => (lastLiveAt === null ? '' : format.ago(systemClock.now(), lastLiveAt)));
  if (status === 'off') return null;
  if (status === 'live' || status === 'connecting') {
    return (
      <Tooltip label={status === 'live' ? t('live.liveHelp') : t('live.connectingHelp')}>
        <span className={classes.live} data-status={status} role="status">
          <span className={classes.dot} aria-hidden="true" />
          <span className={classes.liveText}>{t(`live.${status}`)}</span>
        </span>
      </Tooltip>
    );
  }
  return (
    <Tooltip label={t('live.reconnectingHelp')}>
      <button type="button" className={classes.live} data-status={status} onClick={() => live.retry()}>
        <span className={classes.dot} aria-hidden="true" />
        <span role="status">{t('live.reconnecting')}</span>
        <span className={classes.liveText}>{t('live.old', { ago })}</span>
      </button>
    </Tooltip>
  );
}
