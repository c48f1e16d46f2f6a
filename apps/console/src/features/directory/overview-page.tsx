import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { Page } from '../../shared/page/page.tsx';
import { QueryView } from '../../shared/page/query-view.tsx';
import { countOfGroups } from './api/summary-counts.ts';
import { summaryQuery } from './api/summary-query.ts';
import { DirectoryEmpty } from './components/directory-empty.tsx';
import { FirstStepsCard } from './overview/first-steps-card.tsx';
import { AgentCounts, EncryptionCounts, StatusCounts } from './overview/device-counts.tsx';
import classes from './overview/overview.module.css';
import { WorkCounts } from './overview/work-counts.tsx';
import { useLiveOverview } from './overview/use-live-overview.ts';

/** Where everything stands, in counts; behind each count are the rows that it counts. */
export function OverviewPage() {
  const { t } = useTranslation(['directory', 'common']);
  const query = useQuery(summaryQuery(useApi(), undefined));
  useLiveOverview();
  const describe = (devices: string, groups: number): string =>
    groups === 0 ? devices : t('overview.description', { count: groups, devices });
  return (
    <QueryView query={query} isPage>
      {(summary) => (
        <Page
          layout="wide"
          title={t('overview.title')}
          description={describe(
            t('common:count.devices', { count: summary.deviceCount }),
            countOfGroups(summary),
          )}
        >
          {summary.deviceCount === 0 ? (
            <DirectoryEmpty isNarrowed={false} groupId={undefined} onClear={() => undefined} />
          ) : null}
          <div className={classes.grid}>
            <FirstStepsCard summary={summary} />
            <WorkCounts summary={summary} />
            {summary.deviceCount === 0 ? null : (
              <>
                <StatusCounts summary={summary} />
                <EncryptionCounts summary={summary} />
                <AgentCounts summary={summary} />
              </>
            )}
          </div>
        </Page>
      )}
    </QueryView>
  );
}
