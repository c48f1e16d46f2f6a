import type { Job } from '@holdfast/api';
import { IconClockPlay } from '../../../shared/icons/icons.ts';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState, NoMatch } from '../../../shared/page/states.tsx';
import { NameCell, NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { type JobFilter, jobListQuery } from '../api/jobs-queries.ts';
import { JobProgress } from './job-progress.tsx';
import { JobStateLabel } from './job-state.tsx';
import { JobLength } from './job-time.tsx';

export interface JobTableProps {
  readonly filter: JobFilter;
  readonly activeId: string | undefined;
  readonly onOpen: (jobId: string) => void;
  /** Where filters can be cleared. */
  readonly onClear: (() => void) | undefined;
}

/** Jobs, newest first. */
export function JobTable({ filter, activeId, onOpen, onClear }: JobTableProps) {
  const { t } = useTranslation(['jobs', 'common']);
  const list = useInfiniteQuery(jobListQuery(useApi(), filter));
  const columns = useColumns();
  return (
    <QueryView query={list}>
      {({ pages }) => {
        const jobs = pages.flatMap((page) => page.jobs);
        if (jobs.length === 0) {
          return onClear === undefined ? (
            <EmptyState
              icon={<IconClockPlay size={28} stroke={1.5} />}
              title={t('emptyTitle')}
              text={t('emptyText')}
            />
          ) : (
            <NoMatch title={t('noMatch')} onClear={onClear} />
          );
        }
        return (
          <DataTable
            label={t('list')}
            isEmbedded
            columns={columns}
            rows={jobs}
            rowId={(job) => job.id}
            rowName={(job) => job.title}
            rowHeight={40}
            narrowRowHeight={72}
            narrowRow={(job) => (
              <NarrowRow
                title={job.title}
                aside={<JobStateLabel job={job} />}
                detail={isUnderWay(job) ? <JobProgress job={job} /> : <Began job={job} />}
              />
            )}
            activeId={activeId}
            onOpen={(job) => onOpen(job.id)}
            onEndReached={() => {
              if (list.hasNextPage && !list.isFetching) void list.fetchNextPage();
            }}
            foot={list.hasNextPage ? t('common:table.loadingMore') : t('end', { count: jobs.length })}
          />
        );
      }}
    </QueryView>
  );
}

function useColumns(): readonly TableColumn<Job>[] {
  const { t } = useTranslation('jobs');
  return [
    {
      id: 'job',
      header: t('column.job'),
      minWidth: 200,
      weight: 1.4,
      cell: (job) => (
        <NameCell>
          <span title={job.kind}>{job.title}</span>
        </NameCell>
      ),
    },
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 110,
      weight: 0.5,
      cell: (job) => <JobStateLabel job={job} />,
    },
    {
      id: 'began',
      header: t('column.began'),
      minWidth: 110,
      weight: 0.6,
      cell: (job) => <Began job={job} />,
    },
    {
      id: 'took',
      header: t('column.took'),
      minWidth: 100,
      weight: 0.4,
      cell: (job) => (
        <span className="hf-soft">
          <JobLength job={job} />
        </span>
      ),
    },
    {
      id: 'attempts',
      header: t('column.attempts'),
      minWidth: 80,
      weight: 0.4,
      cell: (job) => (
        <span className="hf-soft">{t('attempts', { attempts: job.attempts, max: job.maxAttempts })}</span>
      ),
    },
    {
      id: 'detail',
      header: t('column.detail'),
      minWidth: 200,
      weight: 2,
      cell: (job) =>
        isUnderWay(job) ? <JobProgress job={job} /> : <TextCell text={detailOf(job)} isSoft fallback="" />,
    },
  ];
}

interface JobProps {
  readonly job: Job;
}

function Began({ job }: JobProps) {
  const { t } = useTranslation('jobs');
  if (job.startedAt === null) return <span className="hf-soft">{t('notBegun')}</span>;
  return <RelativeTimeLabel at={job.startedAt} className="hf-soft" />;
}

function isUnderWay(job: Job): boolean {
  return job.state === 'running' || job.state === 'cancelling';
}

/** What became of it, in one line. */
function detailOf(job: Job): string {
  if (job.error !== null) return job.error.message;
  return Object.entries(job.result ?? {})
    .filter(([, value]) => value !== 0)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ');
}
