import { IconArchive, IconDoorEnter, IconTerminal2 } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useServices } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Card } from '../../../shared/page/card.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import type { DirectorySummary } from '../api/summary-counts.ts';
import { FactRow } from './count-row.tsx';
import classes from './overview.module.css';
import { lastBackupQuery, recentFailuresQuery } from './work-queries.ts';

export interface WorkCountsProps {
  readonly summary: DirectorySummary;
}

/** What waits for somebody: approvals, failures, the last backup. Each line only for those who may look behind it. */
export function WorkCounts({ summary }: WorkCountsProps) {
  const { t } = useTranslation('directory');
  const format = useFormat();
  const { api, ticker } = useServices();
  const maySeeCommands = usePermission('commands:read');
  const maySeeAudit = usePermission('audit:read');
  const failures = useQuery({
    ...recentFailuresQuery(api, () => ticker.now()),
    enabled: maySeeCommands,
  }).data;
  const backup = useQuery({ ...lastBackupQuery(api), enabled: maySeeAudit }).data;
  const waiting = summary.waitingCount;
  return (
    <Card title={t('overview.work')}>
      <ul className={classes.rows}>
        <FactRow
          icon={<IconDoorEnter size={16} stroke={1.75} aria-hidden="true" />}
          tone="attention"
          text={t('overview.waiting')}
          value={format.count(waiting)}
          isQuiet={waiting === 0}
          link={{ to: '/enrolment/waiting' }}
        />
        {failures === undefined ? null : (
          <FactRow
            icon={<IconTerminal2 size={16} stroke={1.75} aria-hidden="true" />}
            tone="failed"
            text={t('overview.failed')}
            value={
              failures.isMore
                ? t('overview.moreThan', { count: failures.count })
                : format.count(failures.count)
            }
            isQuiet={failures.count === 0}
            link={{ to: '/commands', search: { progress: 'with-failures' } }}
          />
        )}
        {backup === undefined ? null : (
          <FactRow
            icon={<IconArchive size={16} stroke={1.75} aria-hidden="true" />}
            text={t('overview.backup')}
            value={backup.at === null ? t('overview.backupNone') : <RelativeTimeLabel at={backup.at} />}
            note={backup.at === null ? t('overview.backupHow') : undefined}
            isQuiet={backup.at === null}
            link={{ to: '/audit-log', search: { action: 'backup.created' } }}
          />
        )}
      </ul>
    </Card>
  );
}
