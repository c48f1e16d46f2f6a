import { ApiError, cancelJob, type Job, removeJob, retryJob } from '@holdfast/api';
import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ChangeDialog } from '../../../shared/dialogs/change-dialog.tsx';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { SidePanel } from '../../../shared/dialogs/side-panel.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { Fact, Facts } from '../../../shared/page/facts.tsx';
import { Notice } from '../../../shared/page/notice.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { jobQuery, jobSchedulesQuery, jobsKey } from '../api/jobs-queries.ts';
import { JobProgress } from './job-progress.tsx';
import { JobStateLabel } from './job-state.tsx';
import { JobLength } from './job-time.tsx';
import classes from './job-panel.module.css';

export interface JobPanelProps {
  readonly jobId: string | undefined;
  readonly onClose: () => void;
}

/** One job beside the list. */
export function JobPanel({ jobId, onClose }: JobPanelProps) {
  const { t } = useTranslation('jobs');
  const query = useQuery({ ...jobQuery(useApi(), jobId ?? ''), enabled: jobId !== undefined });
  const isGone = query.error instanceof ApiError && query.error.status === 404;
  return (
    <SidePanel
      title={query.data?.title ?? t('column.job')}
      isOpen={jobId !== undefined}
      side="right"
      size={460}
      onClose={onClose}
    >
      {isGone ? (
        <p className="hf-soft">{t('panel.notFound')}</p>
      ) : (
        <QueryView query={query}>{(job) => <JobDetails job={job} onRemoved={onClose} />}</QueryView>
      )}
    </SidePanel>
  );
}

interface JobDetailsProps {
  readonly job: Job;
  readonly onRemoved: () => void;
}

function JobDetails({ job, onRemoved }: JobDetailsProps) {
  const { t } = useTranslation('jobs');
  const schedules = useQuery(jobSchedulesQuery(useApi())).data ?? [];
  const description = schedules.find(({ kind }) => kind === job.kind)?.description;
  const isOver = job.finishedAt !== null;
  const waits = job.state === 'waiting' || job.state === 'failed';
  return (
    <div className={classes.body}>
      {description === undefined ? null : <p className="hf-soft">{description}</p>}
      {job.state === 'dead' ? <Notice tone="failed">{t('panel.deadText')}</Notice> : null}
      {job.error === null ? null : (
        <section aria-label={t('panel.error')}>
          <h3 className={classes.title}>{isOver ? t('panel.error') : t('panel.errorLast')}</h3>
          <p>{job.error.message}</p>
          <p className="hf-soft hf-mono">{job.error.code}</p>
        </section>
      )}
      <Facts>
        <Fact name={t('panel.state')}>
          <JobStateLabel job={job} />
        </Fact>
        {isOver || job.progress === null ? null : (
          <Fact name={t('progress.label')}>
            <JobProgress job={job} isWhole />
          </Fact>
        )}
        <Fact name={t('panel.asked')}>
          <RelativeTimeLabel at={job.createdAt} />{' '}
          {job.requestedBy === null ? t('panel.bySchedule') : t('panel.by', { name: job.requestedBy })}
        </Fact>
        {waits ? (
          <Fact name={job.state === 'failed' ? t('panel.again') : t('panel.runs')}>
            <RelativeTimeLabel at={job.runAt} />
          </Fact>
        ) : null}
        {job.startedAt === null ? null : (
          <Fact name={t('panel.began')}>
            <Moment at={job.startedAt} />
          </Fact>
        )}
        {job.finishedAt === null ? null : (
          <Fact name={t('panel.ended')}>
            <Moment at={job.finishedAt} />
          </Fact>
        )}
        {job.startedAt === null || waits ? null : (
          <Fact name={t('panel.took')}>
            <JobLength job={job} />
          </Fact>
        )}
        <Fact name={t('panel.attempts')}>
          {t('attempts', { attempts: job.attempts, max: job.maxAttempts })}
        </Fact>
        <Fact name={t('panel.kind')}>
          <code>{job.kind}</code>
        </Fact>
        <Fact name={t('panel.id')}>
          <code>{job.id}</code>
        </Fact>
      </Facts>
      <JobResult job={job} />
      <JobActions job={job} onRemoved={onRemoved} />
    </div>
  );
}

interface MomentProps {
  readonly at: string;
}

function Moment({ at }: MomentProps) {
  return useFormat().exact(Date.parse(at));
}

interface JobProps {
  readonly job: Job;
}

function JobResult({ job: { result } }: JobProps) {
  const { t } = useTranslation('jobs');
  const format = useFormat();
  const facts = Object.entries(result ?? {});
  if (facts.length === 0) return null;
  return (
    <section aria-label={t('panel.result')}>
      <h3 className={classes.title}>{t('panel.result')}</h3>
      <Facts>
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {typeof value === 'number' ? format.count(value) : String(value)}
          </Fact>
        ))}
      </Facts>
    </section>
  );
}

function JobActions({ job, onRemoved }: JobDetailsProps) {
  const { t } = useTranslation('jobs');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const mayManage = usePermission('jobs:manage');
  const [isAsking, setAsking] = useState<'cancel' | 'remove'>();
  if (!mayManage) return null;
  const { id, state, title } = job;
  const params = { jobId: id };
  const canCancel = state === 'waiting' || state === 'failed' || state === 'running';
  const canRetry = state === 'failed' || state === 'dead' || state === 'cancelled';
  const retry = async (): Promise<void> => {
    try {
      await api.call(retryJob, { params });
      await queryClient.invalidateQueries({ queryKey: jobsKey });
      notify.success(t('retried', { title }));
    } catch (error) {
      notify.error(error);
    }
  };
  return (
    <div className={classes.actions}>
      {canRetry ? <Button onClick={() => void retry()}>{t('retry')}</Button> : null}
      {canCancel ? (
        <Button variant="default" onClick={() => setAsking('cancel')}>
          {t('cancel')}
        </Button>
      ) : null}
      {state === 'dead' ? (
        <Button variant="default" onClick={() => setAsking('remove')}>
          {t('remove')}
        </Button>
      ) : null}
      {isAsking === 'cancel' ? (
        <ConfirmDialog
          title={t('cancelTitle', { title })}
          confirmText={t('cancel')}
          cancelText={t('keep')}
          isDangerous
          onConfirm={async () => {
            const cancelled = await api.call(cancelJob, { params });
            await queryClient.invalidateQueries({ queryKey: jobsKey });
            setAsking(undefined);
            notify.success(cancelled.state === 'cancelled' ? t('cancelled') : t('cancelling'));
          }}
          onClose={() => setAsking(undefined)}
        >
          {state === 'running' ? t('cancelRunning') : t('cancelWaiting')}
        </ConfirmDialog>
      ) : null}
      {isAsking === 'remove' ? (
        <ChangeDialog
          title={t('removeTitle')}
          confirmText={t('remove')}
          change={async () => {
            await api.call(removeJob, { params });
            onRemoved();
          }}
          outdates={jobsKey}
          doneText={t('removed')}
          onClose={() => setAsking(undefined)}
        >
          <p>{t('removeText')}</p>
        </ChangeDialog>
      ) : null}
    </div>
  );
}
