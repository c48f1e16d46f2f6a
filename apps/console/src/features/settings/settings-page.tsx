import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { settingsQuery } from './api/settings-query.ts';
import { CommunicationForm } from './components/communication-form.tsx';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const settings = useQuery(settingsQuery(useApi()));
  return (
    <Page layout="narrow" title={t('title')} description={t('description')}>
      <QueryView query={settings}>{(current) => <CommunicationForm current={current} />}</QueryView>
    </Page>
  );
}
