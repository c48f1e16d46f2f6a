import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** What the browser's tab and history say. Without a title, the name before stays. */
export function useDocumentTitle(title: string | undefined): void {
  const { t } = useTranslation('common');
  useEffect(() => {
    if (title !== undefined) document.title = `${title} · ${t('product')}`;
  }, [title, t]);
}
