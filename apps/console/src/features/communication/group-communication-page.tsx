import type { GroupCommunication } from '@holdfast/api';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { groupCommunicationQuery } from '../../shared/communication/group-communication-query.ts';
import { groupPathText } from '../../shared/groups/group-path.ts';
import { groupsQuery } from '../../shared/groups/groups-query.ts';
import { useFormat } from '../../shared/i18n/use-format.ts';
import { Card } from '../../shared/page/card.tsx';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { GroupCommunicationForm } from './components/group-communication-form.tsx';

export function GroupCommunicationPage() {
  const { t } = useTranslation('communication');
  const { groupId } = useParams({ from: '/console/groups/$groupId/communication' });
  const api = useApi();
  const groups = useQuery(groupsQuery(api));
  const communication = useQuery(groupCommunicationQuery(api, groupId));
  const group = groups.data?.find(({ id }) => id === groupId);
  const name = group?.name ?? '';
  const isTop = group?.parentId === null;
  return (
    <Page
      layout="narrow"
      title={group === undefined ? t('title') : t('titleOf', { name })}
      description={
        <>
          <p>{isTop ? t('descriptionTop') : t('description')}</p>
          {group === undefined || group.path.length < 2 ? null : <p>{groupPathText(group)}</p>}
        </>
      }
    >
      <QueryView query={communication}>
        {(current) => (
          <Card title={t('devices', { count: current.deviceCount })} aside={<HoursNow current={current} />}>
            <GroupCommunicationForm key={groupId} groupName={name} current={current} />
          </Card>
        )}
      </QueryView>
    </Page>
  );
}

interface HoursNowProps {
  readonly current: GroupCommunication;
}

/** Which hours it is, and until when. */
function HoursNow({ current }: HoursNowProps) {
  const { t } = useTranslation('communication');
  const format = useFormat();
  const { isIdle, nextChangeAt } = current;
  if (nextChangeAt === null) return isIdle ? t('now.never') : t('now.always');
  const at = format.dateTime(Date.parse(nextChangeAt));
  return isIdle ? t('now.idle', { at }) : t('now.working', { at });
}
