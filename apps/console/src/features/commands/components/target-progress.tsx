import type { CommandTarget } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { isTelling } from '../command-progress.ts';
import classes from './target-progress.module.css';

export interface TargetProgressProps {
  readonly target: Pick<CommandTarget, 'deviceName' | 'state' | 'progress'>;
  /** In one line of a list. */
  readonly isCompact?: boolean;
}

/** How far the device says that it is; nothing where it has said nothing, or is at the end. */
export function TargetProgress({ target, isCompact = false }: TargetProgressProps) {
  const { t } = useTranslation('commands');
  if (target.progress === null || !isTelling(target)) return null;
  const { percent, text } = target.progress;
  const words = percent === null ? t('progressOf.unknown') : t('progressOf.percent', { percent });
  return (
    <span className={classes.progress} data-compact={isCompact || undefined}>
      <span
        className={classes.track}
        role="progressbar"
        aria-label={t('progressOf.label', { name: target.deviceName })}
        aria-valuemin={0}
        aria-valuemax={100}
        {...(percent === null ? {} : { 'aria-valuenow': percent })}
        aria-valuetext={text === '' ? words : `${words}, ${text}`}
      >
        <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect className={classes.ground} width="100" height="6" />
          {percent === null ? (
            <rect className={classes.unknown} width="30" height="6" />
          ) : (
            <rect className={classes.fill} width={percent} height="6" />
          )}
        </svg>
      </span>
      <span className={classes.text}>
        {percent === null ? null : <span className={classes.percent}>{words}</span>}
        <bdi className={classes.said} title={text}>
          {text}
        </bdi>
      </span>
    </span>
  );
}
