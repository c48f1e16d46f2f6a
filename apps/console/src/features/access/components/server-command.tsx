import { useTranslation } from 'react-i18next';
import { CopyValue } from '../../../shared/page/copy-value.tsx';

/** What the person at the server types for a new set-up link. */
export const setupLinkCommand = 'holdfast admin setup-link';

export function ServerCommand() {
  const { t } = useTranslation('common');
  return <CopyValue value={setupLinkCommand} what={t('action.copy')} isBlock />;
}
