import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Beside the name of a command that passes in idle hours. */
export function UrgentMark() {
  const { t } = useTranslation('commands');
  return (
    <Badge size="sm" variant="light" color="yellow" title={t('urgent.help')}>
      {t('urgent.mark')}
    </Badge>
  );
}
