import { type JobState, jobStates } from '@holdfast/api';
import { Button } from '@mantine/core';
import { IconAlertTriangle } from '../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../shared/api/services.ts';
import { FilterBar } from '../../shared/filters/filter-bar.tsx';
import { FilterMenu } from '../../shared/filters/filter-menu.tsx';
import { Notice } from '../../shared/page/notice.tsx';
import { Page } from '../../shared/page/page.tsx';
import { deadJobsQuery, jobSchedulesQuery } from './api/jobs-queries.ts';
import { JobPanel } from './components/job-panel.tsx';
import { JobTable } from './components/job-table.tsx';
import { ScheduleTable } from './components/schedule-table.tsx';
import classes from './jobs-page.module.css';
import type { JobsSearch } from './jobs-search.ts';

export function JobsPage() {
  const { t } = useTranslation('jobs');
  const search = useSearch({ from: '/console/administration/jobs' });
  const navigate = useNavigate();
  const api = useApi();
  const deadCount = useQuery(deadJobsQuery(api)).data ?? 0;
  const schedules = useQuery(jobSchedulesQuery(api)).data ?? [];
  const set = (part: { [Name in keyof JobsSearch]?: JobsSearch[Name] | undefined }): void => {
    const merged = Object.entries({ ...search, ...part }).filter(([, value]) => value !== undefined);
    void navigate({ to: '/administration/jobs', search: Object.fromEntries(merged), replace: true });
  };
  const { state, kind, job } = search;
  const isFiltered = state !== undefined || kind !== undefined;
  const open = (jobId: string): void => set({ job: jobId });
  return (
    <Page layout="wide" title={t('title')} description={t('description')}>
      {deadCount === 0 || state === 'dead' ? null : (
        <div className={classes.notice}>
          <Notice
            tone="attention"
            icon={<IconAlertTriangle size={18} />}
            action={
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => set({ state: 'dead', kind: undefined, job: undefined })}
              >
                {t('showDead')}
              </Button>
            }
          >
            {t('dead', { count: deadCount })}
          </Notice>
        </div>
      )}
      <section className={classes.section} aria-labelledby="job-schedules">
        <h2 className={classes.title} id="job-schedules">
          {t('schedules.title')}
        </h2>
        <p className={classes.text}>{t('schedules.text')}</p>
        <ScheduleTable onOpen={open} />
      </section>
      <section aria-labelledby="job-list">
        <h2 className={classes.title} id="job-list">
          {t('list')}
        </h2>
        <FilterBar>
          <FilterMenu<JobState>
            name={t('filter.state')}
            value={state}
            options={jobStates.map((value) => ({ value, text: t(`state.${value}`) }))}
            onChange={(value) => set({ state: value })}
          />
          <FilterMenu
            name={t('filter.kind')}
            value={kind}
            options={schedules.map((schedule) => ({ value: schedule.kind, text: schedule.title }))}
            onChange={(value) => set({ kind: value })}
          />
        </FilterBar>
        <JobTable
          filter={{ state, kind }}
          activeId={job}
          onOpen={open}
          onClear={isFiltered ? () => set({ state: undefined, kind: undefined }) : undefined}
        />
      </section>
      <JobPanel jobId={job} onClose={() => set({ job: undefined })} />
    </Page>
  );
}
