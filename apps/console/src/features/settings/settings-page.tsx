import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { serverAddressesQuery, settingsQuery } from './api/settings-query.ts';
import { AddressesForm } from './components/addresses-form.tsx';
import { CommunicationForm } from './components/communication-form.tsx';

export function SettingsPage() {
  const { t } = useTranslation('settings');
  const api = useApi();
  const settings = useQuery(settingsQuery(api));
  const addresses = useQuery(serverAddressesQuery(api));
  return (
    <Page layout="narrow" title={t('title')} description={t('description')}>
      <QueryView query={settings}>{(current) => <CommunicationForm current={current} />}</QueryView>
      <QueryView query={addresses}>{(current) => <AddressesForm current={current} />}</QueryView>
    </Page>
  );
}
