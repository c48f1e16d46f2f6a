import { COMPONENT_DOWNLOADS_SHOWN, type ComponentDownload } from '@holdfast/api';
import { IconDownload } from '../../../shared/icons/icons.ts';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useApi } from '../../../shared/api/services.ts';
import { useFormat } from '../../../shared/i18n/use-format.ts';
import { Meter } from '../../../shared/page/meter.tsx';
import { QueryView } from '../../../shared/page/query-view.tsx';
import { EmptyState } from '../../../shared/page/states.tsx';
import { StatusLabel, type StatusTone } from '../../../shared/page/status-label.tsx';
import { NarrowRow, TextCell } from '../../../shared/table/cells.tsx';
import { DataTable } from '../../../shared/table/data-table.tsx';
import type { TableColumn } from '../../../shared/table/table-column.ts';
import { RelativeTimeLabel } from '../../../shared/time/relative-time-label.tsx';
import { componentDownloadsQuery } from '../api/component-queries.ts';
import classes from './download-table.module.css';

const tones: Readonly<Record<ComponentDownload['state'], StatusTone>> = {
  waiting: 'idle',
  running: 'running',
  succeeded: 'good',
  failed: 'failed',
};

/** What was downloaded and what is being downloaded, the newest first. */
export function DownloadTable() {
  const { t } = useTranslation('components');
  const format = useFormat();
  const downloads = useQuery(componentDownloadsQuery(useApi()));
  const columns = useColumns();
  return (
    <QueryView query={downloads}>
      {(rows) =>
        rows.length === 0 ? (
          <EmptyState
            icon={<IconDownload size={28} stroke={1.5} />}
            title={t('downloads.emptyTitle')}
            text={t('downloads.emptyText')}
          />
        ) : (
          <DataTable
            label={t('downloads.history')}
            isEmbedded
            columns={columns}
            rows={rows}
            rowId={({ id }) => id}
            rowName={({ requestedAt }) => format.dateTime(Date.parse(requestedAt))}
            rowHeight={60}
            narrowRowHeight={100}
            narrowRow={(download) => (
              <NarrowRow
                title={<State download={download} />}
                aside={<RelativeTimeLabel at={download.requestedAt} className="hf-soft" />}
                detail={<Outcome download={download} />}
              />
            )}
            foot={
              rows.length === COMPONENT_DOWNLOADS_SHOWN
                ? t('downloads.newest', { count: rows.length })
                : t('downloads.count', { count: rows.length })
            }
          />
        )
      }
    </QueryView>
  );
}

function useColumns(): readonly TableColumn<ComponentDownload>[] {
  const { t } = useTranslation('components');
  return [
    {
      id: 'state',
      header: t('column.state'),
      minWidth: 120,
      weight: 0.6,
      cell: (download) => <State download={download} />,
    },
    {
      id: 'outcome',
      header: t('downloads.outcome'),
      minWidth: 260,
      weight: 2.4,
      cell: (download) => <Outcome download={download} />,
    },
    {
      id: 'source',
      header: t('downloads.source'),
      minWidth: 120,
      weight: 0.9,
      cell: ({ sourceName }) => <TextCell text={sourceName ?? ''} isSoft />,
    },
    {
      id: 'requested',
      header: t('downloads.requested'),
      minWidth: 170,
      weight: 0.9,
      cell: ({ requestedAt, requestedBy }) => (
        <span className="hf-soft">
          <RelativeTimeLabel at={requestedAt} /> {t('trust.by', { name: requestedBy })}
        </span>
      ),
    },
  ];
}

interface DownloadProps {
  readonly download: ComponentDownload;
}

function State({ download: { state, error } }: DownloadProps) {
  const { t } = useTranslation('components');
  // It failed, and is tried again.
  if (state === 'waiting' && error !== null)
    return <StatusLabel tone="attention" text={t('downloads.state.again')} />;
  return (
    <StatusLabel tone={tones[state]} text={t(`downloads.state.${state}`)} isHollow={state === 'waiting'} />
  );
}

/** How far it is, what came of it, or why nothing did. */
function Outcome({ download }: DownloadProps) {
  const { t } = useTranslation('components');
  const format = useFormat();
  const { state, doneBytes, totalBytes, newReleases, error, errorCode } = download;
  const done = format.bytes(doneBytes);
  if (state === 'succeeded')
    return newReleases === 0 ? (
      <span className="hf-soft">{t('downloads.nothingNew')}</span>
    ) : (
      <span>
        {t('downloads.newReleases', { count: newReleases })}{' '}
        {doneBytes === 0 ? null : <span className="hf-soft">({done})</span>}
      </span>
    );
  return (
    <span className={classes.outcome}>
      {state === 'running' ? (
        <span className={classes.progress}>
          {totalBytes === null || totalBytes === 0 ? null : (
            <span className={classes.bar}>
              <Meter label={t('downloads.progress')} share={doneBytes / totalBytes} attentionFrom={2} />
            </span>
          )}
          <span>
            {totalBytes === null
              ? t('downloads.loaded', { done })
              : t('downloads.of', { done, total: format.bytes(totalBytes) })}
          </span>
        </span>
      ) : null}
      {error === null ? null : (
        <span className={classes.words} title={`${error} ${errorCode ?? ''}`}>
          {error}
        </span>
      )}
    </span>
  );
}
