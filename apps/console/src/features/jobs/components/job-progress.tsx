import type { Job } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { Meter } from '../../../shared/page/meter.tsx';
import classes from './job-progress.module.css';

export interface JobProgressProps {
  readonly job: Job;
  /** All of the words, on several lines where they need them. */
  readonly isWhole?: boolean;
}

/** How far a job has got: a bar where its end is known, and the same in words. */
export function JobProgress({ job: { progress }, isWhole = false }: JobProgressProps) {
  const { t } = useTranslation('jobs');
  if (progress === null) return null;
  const { done, total, text } = progress;
  const words = total === null ? t('progress.done', { done }) : t('progress.of', { done, total });
  return (
    <span className={classes.progress} data-whole={isWhole || undefined}>
      {total === null || total === 0 ? null : (
        <span className={classes.bar}>
          <Meter label={t('progress.label')} share={done / total} attentionFrom={Number.POSITIVE_INFINITY} />
        </span>
      )}
      <span className={classes.text} title={text}>
        {text === '' ? words : `${words}: ${text}`}
      </span>
    </span>
  );
}
