import { type JobSchedule, runJobSchedule, scheduleWordsOf, setJobScheduleState } from '@holdfast/api';
import { IconClockPlay } from '../../../shared/icons/icons.ts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { ConfirmDialog } from '../../../shared/dialogs/confirm-dialog.tsx';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { useNotify } from '../../../shared/notify/use-notify.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { usePermission } from '../../../shared/session/session-context.ts';
import { NarrowRow } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import { actionsColumn, type TableColumn } from '../../../shared/table/table-column.ts';
import { RowAction } from '../../../shared/table/row-action.tsx';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { jobSchedulesQuery, jobsKey } from '../api/jobs-queries.ts';
import { JobStateLabel } from './job-state.tsx';
import classes from './schedule-table.module.css';

export interface ScheduleTableProps {
  /** Shows the last job of the schedule. */
  readonly onOpen: (jobId: string) => void;
}

/** What runs by itself, and what can be done about it. */
export function ScheduleTable({ onOpen }: ScheduleTableProps) {
  const { t } = useTranslation('jobs');
  const schedules = useQuery(jobSchedulesQuery(useApi()));
  const mayManage = usePermission('jobs:manage');
  const [paused, setPaused] = useState<JobSchedule>();
  const columns = useColumns(mayManage ? setPaused : undefined);
  return (
    <>
      <QueryView query={schedules}>
        {(rows) =>
          rows.length === 0 ? (
            <EmptyState
              icon={<IconClockPlay size={28} stroke={1.5} />}
              title={t('schedules.emptyTitle')}
              text={t('schedules.emptyText')}
            />
          ) : (
            <DataTable
              label={t('schedules.title')}
              isEmbedded
              columns={columns}
              rows={rows}
              rowId={(schedule) => schedule.kind}
              rowName={(schedule) => schedule.title}
              rowHeight={72}
              narrowRowHeight={104}
              narrowRow={(schedule) => (
                <NarrowRow
                  title={schedule.title}
                  aside={<LastRun schedule={schedule} />}
                  detail={
                    <span className={classes.narrowDetail}>
                      <NextRun schedule={schedule} />
                      <When schedule={schedule} />
                    </span>
                  }
                  action={mayManage ? <Actions schedule={schedule} onPause={setPaused} /> : null}
                />
              )}
              onOpen={({ lastJob }) => {
                if (lastJob !== null) onOpen(lastJob.id);
              }}
            />
          )
        }
      </QueryView>
      {paused === undefined ? null : <PauseDialog schedule={paused} onClose={() => setPaused(undefined)} />}
    </>
  );
}

function useColumns(
  onPause: ((schedule: JobSchedule) => void) | undefined,
): readonly TableColumn<JobSchedule>[] {
  const { t } = useTranslation(['jobs', 'common']);
  const columns: TableColumn<JobSchedule>[] = [
    {
      id: 'what',
      header: t('schedules.what'),
      minWidth: 260,
      weight: 2.6,
      cell: (schedule) => (
        <div className={classes.job}>
          <strong>{schedule.title}</strong>
          <span className={classes.description} title={schedule.description}>
            {schedule.description}
          </span>
        </div>
      ),
    },
    {
      id: 'next',
      header: t('schedules.next'),
      minWidth: 170,
      weight: 1.1,
      cell: (schedule) => <NextRun schedule={schedule} />,
    },
    {
      id: 'last',
      header: t('schedules.last'),
      minWidth: 180,
      weight: 1,
      cell: (schedule) => <LastRun schedule={schedule} />,
    },
    {
      id: 'cron',
      header: t('schedules.cron'),
      minWidth: 160,
      weight: 1,
      cell: (schedule) => <When schedule={schedule} />,
    },
  ];
  if (onPause === undefined) return columns;
  return [
    ...columns,
    {
      ...actionsColumn,
      header: t('common:table.actions'),
      minWidth: 176,
      cell: (schedule) => <Actions schedule={schedule} onPause={onPause} />,
    },
  ];
}

interface ScheduleProps {
  readonly schedule: JobSchedule;
}

function When({ schedule: { cron, timeZone } }: ScheduleProps) {
  const { t } = useTranslation('jobs');
  const words = scheduleWordsOf(cron);
  return (
    <span className={classes.words} title={t('schedules.cronTitle', { cron, zone: timeZone })}>
      {words === undefined ? (
        <code>{cron}</code>
      ) : words.kind === 'hourly' ? (
        t('schedules.hourly', { minute: String(words.minute).padStart(2, '0') })
      ) : (
        t('schedules.daily', { time: words.time, zone: timeZone })
      )}
    </span>
  );
}

function NextRun({ schedule: { nextRunAt, pausedAt, pausedBy } }: ScheduleProps) {
  const { t } = useTranslation('jobs');
  const format = useFormat();
  if (pausedAt !== null) {
    const date = format.date(Date.parse(pausedAt));
    const text = t('schedules.paused', { ago: date, name: pausedBy ?? t('schedules.somebody') });
    return (
      <span className={classes.words} title={text}>
        {text}
      </span>
    );
  }
  if (nextRunAt === null) return <span className="hf-soft">{t('schedules.never')}</span>;
  return (
    <span className={classes.next}>
      <span>{format.dateTime(Date.parse(nextRunAt))}</span>
      <RelativeTimeLabel at={nextRunAt} className="hf-soft" />
    </span>
  );
}

function LastRun({ schedule: { lastJob } }: ScheduleProps) {
  const { t } = useTranslation('jobs');
  if (lastJob === null) return <span className="hf-soft">{t('schedules.notYet')}</span>;
  return (
    <span className={classes.last}>
      <JobStateLabel job={lastJob} />
      <RelativeTimeLabel at={lastJob.startedAt ?? lastJob.createdAt} className="hf-soft" />
    </span>
  );
}

interface ActionsProps extends ScheduleProps {
  readonly onPause: (schedule: JobSchedule) => void;
}

function Actions({ schedule, onPause }: ActionsProps) {
  const { t } = useTranslation('jobs');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  const { kind, title } = schedule;
  const act = async (call: Promise<unknown>, doneText: string): Promise<void> => {
    try {
      await call;
      await queryClient.invalidateQueries({ queryKey: jobsKey });
      notify.success(doneText);
    } catch (error) {
      notify.error(error);
    }
  };
  return (
    <span className={classes.actions}>
      <RowAction
        text={t('schedules.run')}
        name={t('schedules.runName', { title })}
        onClick={() =>
          void act(api.call(runJobSchedule, { params: { kind } }), t('schedules.running', { title }))
        }
      />
      {schedule.pausedAt === null ? (
        <RowAction
          text={t('schedules.pause')}
          name={t('schedules.pauseName', { title })}
          onClick={() => onPause(schedule)}
        />
      ) : (
        <RowAction
          text={t('schedules.resume')}
          name={t('schedules.resumeName', { title })}
          onClick={() =>
            void act(
              api.call(setJobScheduleState, { params: { kind }, body: { state: 'active' } }),
              t('schedules.resumed', { title }),
            )
          }
        />
      )}
    </span>
  );
}

interface PauseDialogProps extends ScheduleProps {
  readonly onClose: () => void;
}

function PauseDialog({ schedule: { kind, title, description }, onClose }: PauseDialogProps) {
  const { t } = useTranslation('jobs');
  const api = useApi();
  const notify = useNotify();
  const queryClient = useQueryClient();
  return (
    <ConfirmDialog
      title={t('schedules.pauseTitle', { title })}
      confirmText={t('schedules.pause')}
      onConfirm={async () => {
        await api.call(setJobScheduleState, { params: { kind }, body: { state: 'paused' } });
        await queryClient.invalidateQueries({ queryKey: jobsKey });
        onClose();
        notify.success(t('schedules.pausedDone', { title }));
      }}
      onClose={onClose}
    >
      <p>{t('schedules.pauseText')}</p>
      <p className="hf-soft">{description}</p>
    </ConfirmDialog>
  );
}
