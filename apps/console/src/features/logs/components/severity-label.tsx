import type { LogSeverity } from '@holdfast/api';
import { useTranslation } from 'react-i18next';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';

const tones: Readonly<Record<LogSeverity, StatusTone>> = {
  debug: 'idle',
  info: 'idle',
  notice: 'running',
  warning: 'attention',
  error: 'failed',
  critical: 'failed',
};

export interface SeverityLabelProps {
  readonly severity: LogSeverity;
}

export function SeverityLabel({ severity }: SeverityLabelProps) {
  const { t } = useTranslation('logs');
  return (
    <StatusLabel tone={tones[severity]} text={t(`severity.${severity}`)} isHollow={severity === 'debug'} />
  );
}
