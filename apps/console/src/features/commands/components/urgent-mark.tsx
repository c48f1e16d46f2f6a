import { useTranslation } from 'react-i18next';
import { StatusLabel } from '../../../shared/page/status-label.tsx';

/** Beside the name of a command that passes in idle hours. */
export function UrgentMark() {
  const { t } = useTranslation('commands');
  return <StatusLabel tone="attention" text={t('urgent.mark')} title={t('urgent.help')} />;
}
