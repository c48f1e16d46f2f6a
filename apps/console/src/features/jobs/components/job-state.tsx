import type { Job, JobState } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';

const tones: Readonly<Record<JobState, StatusTone>> = {
  waiting: 'idle',
  running: 'running',
  cancelling: 'attention',
  failed: 'attention',
  succeeded: 'good',
  cancelled: 'idle',
  dead: 'failed',
};

export interface JobStateLabelProps {
  readonly job: Pick<Job, 'state'>;
}

export function JobStateLabel({ job: { state } }: JobStateLabelProps) {
  const { t } = useTranslation('jobs');
  return <StatusLabel tone={tones[state]} text={t(`state.${state}`)} isHollow={state === 'waiting'} />;
}
