import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Tabs } from '../../../shared/page/tabs.tsx';
import { waitingQuery } from '../../../shared/waiting/waiting-query.ts';

export function EnrolmentTabs() {
  const { t } = useTranslation('enrolment');
  const format = useFormat();
  const waiting = useQuery(waitingQuery(useApi())).data?.length ?? 0;
  return (
    <Tabs
      label={t('views')}
      tabs={[
        { id: 'tokens', text: t('tokens'), link: { to: '/enrolment' }, isExact: true },
        {
          id: 'waiting',
          text: t('waiting'),
          link: { to: '/enrolment/waiting' },
          count: waiting === 0 ? undefined : format.count(waiting),
        },
      ]}
    />
  );
}
